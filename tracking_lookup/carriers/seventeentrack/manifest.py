"""What there is to know about 17TRACK without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="seventeentrack",
    name="17TRACK",
    docs="https://asset.17track.net/api/document/v2.4_en/index.html",
    secrets=("SEVENTEENTRACK_API_KEY",),
    # It asks the carriers every few hours itself; asking it more often tells nothing new.
    cache_seconds=60 * 60,
    aggregator=True,
    batch=40,
    # 3 requests a second are allowed, and the first look-up of a number is three of them.
    calls=((1, 1),),
)
