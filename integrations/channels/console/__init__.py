"""The terminal as a channel: to try things out, and to copy."""

from integrations.channels.console.adapter import Console
from integrations.channels.console.manifest import MANIFEST

__all__ = ["MANIFEST", "Console"]
