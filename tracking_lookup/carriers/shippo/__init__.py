"""Shippo, its Tracking API: an aggregator."""

from tracking_lookup.carriers.shippo.adapter import Shippo
from tracking_lookup.carriers.shippo.manifest import MANIFEST

__all__ = ["MANIFEST", "Shippo"]
