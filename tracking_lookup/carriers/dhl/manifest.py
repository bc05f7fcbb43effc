"""What there is to know about DHL's unified tracking without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="dhl",
    name="DHL",
    docs="https://developer.dhl.com/api-reference/shipment-tracking",
    secrets=("DHL_API_KEY",),
    cache_seconds=2 * 60 * 60,
    calls=((250, 24 * 60 * 60), (1, 5)),
)
