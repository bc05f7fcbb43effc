"""Telegram, through a bot."""

from integrations.channels.telegram.adapter import Telegram
from integrations.channels.telegram.manifest import MANIFEST

__all__ = ["MANIFEST", "Telegram"]
