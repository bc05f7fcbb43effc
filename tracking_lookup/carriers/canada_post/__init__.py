"""Canada Post, its Tracking service."""

from tracking_lookup.carriers.canada_post.adapter import CanadaPost
from tracking_lookup.carriers.canada_post.manifest import MANIFEST

__all__ = ["MANIFEST", "CanadaPost"]
