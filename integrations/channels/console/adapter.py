"""The console channel: messages come in as JSON, and go out as lines on standard output."""

import hmac
import json
import sys
from datetime import datetime
from uuid import uuid4

import httpx

from integrations.channels.console.manifest import MANIFEST
from integrations.messages import Event, InboundMessage, OutboundMessage, RawRequest
from kit.errors import BadWebhook
from kit.text import clean


class Console:
    """A terminal. Nobody is called."""

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._token = token

    def verify(self, request: RawRequest) -> None:
        """See ``Channel.verify``."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(f"Bearer {self._token}".encode(), given.encode()):
            raise BadWebhook("console: wrong token")

    def parse(self, request: RawRequest, *, now: datetime) -> list[Event]:
        """See ``Channel.parse``. The body: ``{"id": str, "from": str, "text": str}``."""
        try:
            body = json.loads(request.body)
            message = InboundMessage(
                channel=MANIFEST.slug,
                external_id=str(body["id"]),
                address=clean(str(body["from"]), limit=100),
                text=clean(str(body["text"])),
                received_at=now,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise BadWebhook("console: not {id, from, text}") from error
        return [message] if message.text and message.address else []

    async def send(self, message: OutboundMessage) -> str | None:
        """See ``Channel.send``."""
        lines = [f"{message.address} <- {message.text}"]
        lines += [f"    {n}. {row.title}" for n, row in enumerate(message.rows, 1)]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        return uuid4().hex
