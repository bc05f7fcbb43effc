"""Evri (once Hermes UK), its parcel tracking API."""

from tracking_lookup.carriers.evri.adapter import Evri
from tracking_lookup.carriers.evri.manifest import MANIFEST

__all__ = ["MANIFEST", "Evri"]
