"""What there is to know about FedEx without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="fedex",
    name="FedEx",
    docs="https://developer.fedex.com/api/en-us/catalog/track/v1/docs.html",
    page="https://www.fedex.com/fedextrack/?trknbr={}",
    secrets=("FEDEX_CLIENT_ID", "FEDEX_CLIENT_SECRET"),
    batch=30,
)
