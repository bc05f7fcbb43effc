"""Freshdesk."""

from integrations.helpdesks.freshdesk.adapter import Freshdesk
from integrations.helpdesks.freshdesk.manifest import MANIFEST

__all__ = ["MANIFEST", "Freshdesk"]
