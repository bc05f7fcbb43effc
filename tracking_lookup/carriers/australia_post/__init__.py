"""Australia Post and StarTrack, their Shipping and Tracking API."""

from tracking_lookup.carriers.australia_post.adapter import AustraliaPost
from tracking_lookup.carriers.australia_post.manifest import MANIFEST

__all__ = ["MANIFEST", "AustraliaPost"]
