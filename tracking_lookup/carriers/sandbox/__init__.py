"""The sandbox carrier: the demo shop's own, spoken to over HTTP like any other."""

from tracking_lookup.carriers.sandbox.adapter import Sandbox
from tracking_lookup.carriers.sandbox.manifest import MANIFEST

__all__ = ["MANIFEST", "Sandbox"]
