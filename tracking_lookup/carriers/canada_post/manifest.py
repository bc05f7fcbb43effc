"""What there is to know about Canada Post without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="canada_post",
    name="Canada Post",
    docs="https://www.canadapost-postescanada.ca/info/mc/business/productsservices/developers/services/tracking/trackingdetails.jsf",
    page="https://www.canadapost-postescanada.ca/track-reperage/en#/details/{}",
    secrets=("CANADA_POST_USERNAME", "CANADA_POST_PASSWORD"),
)
