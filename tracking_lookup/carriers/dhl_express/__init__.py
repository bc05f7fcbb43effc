"""DHL Express, its MyDHL API."""

from tracking_lookup.carriers.dhl_express.adapter import DhlExpress
from tracking_lookup.carriers.dhl_express.manifest import MANIFEST

__all__ = ["MANIFEST", "DhlExpress"]
