"""What there is to know about UPS without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="ups",
    name="UPS",
    docs="https://developer.ups.com/api/reference/tracking/product-info",
    page="https://www.ups.com/track?tracknum={}",
    secrets=("UPS_CLIENT_ID", "UPS_CLIENT_SECRET"),
)
