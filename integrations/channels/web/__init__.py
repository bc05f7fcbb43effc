"""The widget on the shop's page."""

from integrations.channels.web.adapter import Web
from integrations.channels.web.manifest import MANIFEST

__all__ = ["MANIFEST", "Web"]
