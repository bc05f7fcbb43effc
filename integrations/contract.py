"""What a channel must do, and the messages that cross between it and the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply.

    Attributes:
        title: What the shopper sees, and what stands in the conversation when it is pressed.
        payload: What the bot gets: text, or an intent such as ``/human``.
    """

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A provider's webhook as it came.

    Attributes:
        url: The public URL the provider called, query included: from settings, never from ``Host``.
        headers: Names in lower case.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a shopper wrote.

    Attributes:
        channel: The channel's slug.
        external_id: The provider's id for it; the same id twice is the same message.
        address: Who wrote, in the channel's terms: a phone number, a chat id, a session.
        text: Cleaned by ``kit.text.clean``.
        display: What the conversation shows in its place, for a pressed button; ``None``: the text.
        received_at: Aware.
        proved_phone: E.164, where the channel proves that the sender holds that number.
    """

    channel: str
    external_id: str
    address: str
    text: str
    received_at: datetime
    display: str | None = None
    proved_phone: str | None = None


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """What is to be said, written once; each channel degrades it to what it can show."""

    address: str
    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelManifest:
    """What a channel is and can do.

    Attributes:
        slug: Its folder's name, and its name in the database.
        secrets: Environment variables that must be set for it to be switched on.
        max_chars: Longest text of one message; ``None`` without a limit.
        buttons: How many quick replies it shows; more are written as text.
    """

    slug: str
    name: str
    docs: str
    secrets: tuple[str, ...] = ()
    max_chars: int | None = None
    buttons: int = 0


class Channel(Protocol):
    """A way in and out. Only ``send`` does I/O."""

    manifest: ChannelManifest

    def verify(self, request: RawRequest) -> None:
        """Raises ``BadWebhook`` unless the request is the provider's."""
        ...

    def parse(self, request: RawRequest, *, now: datetime) -> list[InboundMessage]:
        """The messages in a webhook; none for a webhook that brings nothing for us.

        Raises:
            BadWebhook: Not of the provider's shape.
        """
        ...

    async def send(self, message: OutboundMessage) -> str | None:
        """Send one message.

        Returns:
            The provider's id for it; ``None`` where the shopper's side fetches it from us.

        Raises:
            Unavailable, RateLimited: Try again.
            Rejected: The provider will never take it.
        """
        ...
