"""17TRACK, its Tracking API v2.4: an aggregator."""

from tracking_lookup.carriers.seventeentrack.adapter import SeventeenTrack
from tracking_lookup.carriers.seventeentrack.manifest import MANIFEST

__all__ = ["MANIFEST", "SeventeenTrack"]
