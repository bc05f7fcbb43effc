"""FedEx, its Track API."""

from tracking_lookup.carriers.fedex.adapter import Fedex
from tracking_lookup.carriers.fedex.manifest import MANIFEST

__all__ = ["MANIFEST", "Fedex"]
