"""What there is to know about USPS without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="usps",
    name="USPS",
    docs="https://developers.usps.com/trackingv3",
    page="https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    secrets=("USPS_CLIENT_ID", "USPS_CLIENT_SECRET"),
    cache_seconds=60 * 60,
    calls=((60, 60 * 60),),
)
