"""Gorgias."""

from integrations.helpdesks.gorgias.adapter import Gorgias
from integrations.helpdesks.gorgias.manifest import MANIFEST

__all__ = ["MANIFEST", "Gorgias"]
