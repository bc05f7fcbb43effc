"""The web channel. Its shoppers fetch what is posted, by server-sent events, so nothing is sent."""

from datetime import datetime

import httpx

from integrations.channels.web.manifest import MANIFEST
from integrations.messages import Event, OutboundMessage, RawRequest
from kit.errors import BadWebhook


class Web:
    """The widget's channel: messages come in by ``/chat/messages``, not by a webhook."""

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient) -> None:
        """Nobody is called."""

    def verify(self, request: RawRequest) -> None:
        """See ``Channel.verify``. No provider calls for the web."""
        raise BadWebhook("web: no webhook; messages come in by /chat/messages")

    def parse(self, request: RawRequest, *, now: datetime) -> list[Event]:
        """See ``Channel.parse``."""
        return []

    async def send(self, message: OutboundMessage) -> str | None:
        """See ``Channel.send``. Stored is sent: the page's event stream reads the database."""
        return None
