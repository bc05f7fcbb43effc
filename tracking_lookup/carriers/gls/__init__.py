"""GLS Group, its Track And Trace API."""

from tracking_lookup.carriers.gls.adapter import Gls
from tracking_lookup.carriers.gls.manifest import MANIFEST

__all__ = ["MANIFEST", "Gls"]
