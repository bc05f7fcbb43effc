"""Zendesk Support."""

from integrations.helpdesks.zendesk.adapter import Zendesk
from integrations.helpdesks.zendesk.manifest import MANIFEST

__all__ = ["MANIFEST", "Zendesk"]
