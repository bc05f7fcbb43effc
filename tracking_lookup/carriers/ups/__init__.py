"""UPS, its Track API."""

from tracking_lookup.carriers.ups.adapter import Ups
from tracking_lookup.carriers.ups.manifest import MANIFEST

__all__ = ["MANIFEST", "Ups"]
