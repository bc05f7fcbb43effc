"""What there is to know about Australia Post without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="australia_post",
    name="Australia Post",
    docs="https://developers.auspost.com.au/apis/shipping-and-tracking/reference/track-items",
    page="https://auspost.com.au/mypost/track/details/{}",
    secrets=(
        "AUSTRALIA_POST_API_KEY",
        "AUSTRALIA_POST_PASSWORD",
        "AUSTRALIA_POST_ACCOUNT_NUMBER",
    ),
    batch=10,
)
