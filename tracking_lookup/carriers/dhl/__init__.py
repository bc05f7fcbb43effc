"""DHL, its Shipment Tracking API for all its services ("unified")."""

from tracking_lookup.carriers.dhl.adapter import Dhl
from tracking_lookup.carriers.dhl.manifest import MANIFEST

__all__ = ["MANIFEST", "Dhl"]
