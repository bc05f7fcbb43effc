"""AfterShip, its Tracking API: an aggregator."""

from tracking_lookup.carriers.aftership.adapter import AfterShip
from tracking_lookup.carriers.aftership.manifest import MANIFEST

__all__ = ["MANIFEST", "AfterShip"]
