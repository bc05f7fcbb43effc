"""What there is to know about EasyPost without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="easypost",
    name="EasyPost",
    docs="https://docs.easypost.com/docs/trackers",
    secrets=("EASYPOST_API_KEY", "EASYPOST_WEBHOOK_SECRET"),
    cache_seconds=60 * 60,
    aggregator=True,
)
