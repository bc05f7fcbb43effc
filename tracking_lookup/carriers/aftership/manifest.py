"""What there is to know about AfterShip without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="aftership",
    name="AfterShip",
    docs="https://www.aftership.com/docs/tracking/2025-01/quickstart/api-quick-start",
    secrets=("AFTERSHIP_API_KEY", "AFTERSHIP_WEBHOOK_SECRET"),
    # It asks the carriers every 3 to 12 hours itself; asking it more often tells nothing new.
    cache_seconds=60 * 60,
    aggregator=True,
    calls=((6, 1),),  # for the list of trackings; creating one has a limit of its own, 20 a second
)
