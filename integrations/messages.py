"""What crosses between a channel and the service: what came in, and what is to be said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A provider's webhook as it came.

    Attributes:
        url: The public URL the provider called, query included: from settings, never from ``Host``.
        headers: Names in lower case.
        body: Raw bytes; empty for a ``GET``.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider is answered: when its webhook is stored, or to its challenge."""

    status: int = 204
    body: str = ""
    media_type: str = "text/plain"


class Kind(StrEnum):
    """What sort of message came in. Whatever it is, ``text`` says it in words."""

    TEXT = "text"
    MEDIA = "media"  # pictures or files with no words: ``text`` is empty
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"  # kept for people, never answered
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the provider holds for us, not fetched yet.

    Attributes:
        reference: The provider's own: a media URL, a media id, a file id.
        content_type: As the provider says; never believed, the content decides.
        name: The file's name where the shopper's side gave one.
    """

    reference: str
    content_type: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a shopper wrote.

    Attributes:
        channel: The channel's slug.
        external_id: The provider's id for it; the same id twice is the same message. An edit has
            an id of its own (``"17:edit:1700000000"``), which its repeats share.
        address: Who wrote, in the channel's terms: a phone number in E.164, a chat id, a session.
        text: Cleaned by ``kit.text.clean``; for a pressed button its payload; for a location, a
            contact or a reaction what it is, in words.
        display: What the conversation shows in its place, for a pressed button; ``None``: the text.
        received_at: Aware; when we got it.
        proved_phone: E.164, where the channel proves that the sender holds that number.
        attachments: In the order sent.
        edits: ``external_id`` of the message this one replaces.
        confirmed: The provider has acted on this keyword (``STOP``, ``START``, ``HELP``) and told
            the shopper so itself: it is recorded and not confirmed again.
    """

    channel: str
    external_id: str
    address: str
    text: str
    received_at: datetime
    display: str | None = None
    proved_phone: str | None = None
    kind: Kind = Kind.TEXT
    attachments: tuple[Attachment, ...] = ()
    edits: str | None = None
    confirmed: bool = False


class State(StrEnum):
    """How far a message got at the provider. It only moves to the right; failed is final."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message we sent.

    Attributes:
        provider_id: As ``Channel.send`` gave it.
        at: Aware; the provider's time where it gives one, else ours.
        code: The provider's error code; empty without an error.
        words: Why it failed, for agents; no phone number in it.
        blocked: It failed because the shopper refuses our messages (opted out, blocked us).
        retryable: It failed for a passing reason: sending it again may help.
    """

    channel: str
    provider_id: str
    state: State
    at: datetime
    code: str = ""
    words: str = ""
    blocked: bool = False
    retryable: bool = False


class SignalKind(StrEnum):
    """What a shopper did other than write."""

    STARTED = "started"  # opened the chat for the first time, or unblocked us
    BLOCKED = "blocked"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a provider tells about an address that is no message.

    Attributes:
        words: What it was, in the provider's terms: ``"my_chat_member: kicked"``.
    """

    channel: str
    address: str
    kind: SignalKind
    at: datetime
    words: str = ""


Event = InboundMessage | Receipt | Signal


SHARE_PHONE: Final = "/share_phone"
"""A button's payload: it shares the shopper's own number, where the channel has such a button."""


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply.

    Attributes:
        title: What the shopper sees, and what stands in the conversation when it is pressed.
        payload: What the bot gets: text, an intent such as ``/human``, or ``SHARE_PHONE``, which is
            shown by channels that have a button for that alone (``ChannelManifest.shares_phone``).
    """

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list to choose from; a button with room for a line more."""

    title: str
    payload: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture.

    Attributes:
        url: Public, HTTPS where the service is.
        alt: What it shows, in words: sent in its place where a channel shows no pictures.
    """

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its title."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Template:
    """A message the provider approved beforehand, for when free text is not allowed.

    Attributes:
        name: As approved: ``"order_shipped"``.
        language: As approved: ``"en"``, ``"en_GB"``.
        parameters: Its gaps' texts, in order.
    """

    name: str
    language: str = "en"
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """What is to be said. Written once; ``integrations.rendering`` makes it fit each channel.

    What ``Channel.send`` gets is rendered: one message within the manifest's limits, with buttons
    or rows or neither, never both. A link or an image is there only if the channel shows them.

    Attributes:
        address: To whom, as ``InboundMessage.address``.
        key: Ours, and the same for each try: an idempotency key where the provider takes one.
        rows: Options written as a list; ``list_title`` is the text on the button that opens it.
        template: Sent in place of the text, which says the same to people reading the inbox.
        asks_phone: The title of a button that shares the shopper's own number; empty: none. Never
            beside buttons, rows or a link.
    """

    address: str
    text: str
    buttons: tuple[Button, ...] = ()
    rows: tuple[Row, ...] = ()
    list_title: str = "Choose"
    image: Image | None = None
    link: Link | None = None
    template: Template | None = None
    asks_phone: str = ""
    key: str = ""
