"""What there is to know about DHL Express without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="dhl_express",
    name="DHL Express",
    docs="https://developer.dhl.com/api-reference/dhl-express-mydhl-api",
    secrets=("DHL_EXPRESS_API_KEY", "DHL_EXPRESS_API_SECRET"),
)
