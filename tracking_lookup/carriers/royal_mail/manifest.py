"""What there is to know about Royal Mail without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="royal_mail",
    name="Royal Mail",
    docs="https://developer.royalmail.net/",
    page="https://www.royalmail.com/track-your-item#/tracking-results/{}",
    secrets=("ROYAL_MAIL_CLIENT_ID", "ROYAL_MAIL_CLIENT_SECRET"),
    batch=30,
)
