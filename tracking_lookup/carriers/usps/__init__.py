"""USPS, its Tracking API."""

from tracking_lookup.carriers.usps.adapter import Usps
from tracking_lookup.carriers.usps.manifest import MANIFEST

__all__ = ["MANIFEST", "Usps"]
