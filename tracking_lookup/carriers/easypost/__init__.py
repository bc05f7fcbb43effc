"""EasyPost, its Tracking API: an aggregator."""

from tracking_lookup.carriers.easypost.adapter import EasyPost
from tracking_lookup.carriers.easypost.manifest import MANIFEST

__all__ = ["MANIFEST", "EasyPost"]
