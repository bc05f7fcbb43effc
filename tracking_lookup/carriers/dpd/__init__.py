"""DPD Deutschland, its Cloud Service."""

from tracking_lookup.carriers.dpd.adapter import Dpd
from tracking_lookup.carriers.dpd.manifest import MANIFEST

__all__ = ["MANIFEST", "Dpd"]
