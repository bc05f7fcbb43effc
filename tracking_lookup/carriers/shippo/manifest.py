"""What there is to know about Shippo without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="shippo",
    name="Shippo",
    docs="https://docs.goshippo.com/docs/tracking/tracking/",
    secrets=("SHIPPO_API_KEY", "SHIPPO_WEBHOOK_SECRET"),
    cache_seconds=60 * 60,
    aggregator=True,
)
