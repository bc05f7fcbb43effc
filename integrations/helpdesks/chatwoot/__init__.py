"""Chatwoot."""

from integrations.helpdesks.chatwoot.adapter import Chatwoot
from integrations.helpdesks.chatwoot.manifest import MANIFEST

__all__ = ["MANIFEST", "Chatwoot"]
