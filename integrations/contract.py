"""What a channel and a storefront must do, and what crosses between them and the service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo


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


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """One line of an order, or the part of it that is in one parcel.

    Attributes:
        external_id: The line's id in the shop; ``None`` where it has none.
        quantity: At least 1.
    """

    title: str
    quantity: int = 1
    sku: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedParcel:
    """One parcel of an order.

    Attributes:
        carrier: As the shop writes it: ``"UPS"``, ``"Royal Mail"``; ``None`` where it did not say.
        number: The tracking number, as the shop writes it.
        items: Empty where the shop did not say what is in it.
    """

    carrier: str | None
    number: str
    items: tuple[ImportedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedOrder:
    """One order as the shop has it: all of it, so that what is not here is not in the shop.

    Text is cleaned (``kit.text.clean``) and otherwise as the shop writes it: the service, not the
    storefront, brings e-mails, phones, postcodes and carriers into one form.

    Attributes:
        where: Where it stands in the file, for people: ``"line 17"``, ``"order 3"``.
        external_id: Its id in the shop; an import of the same one updates it. ``None``: its
            number is its id.
        number: As the shopper knows it: ``#1001``.
        country: ISO 3166-1, two letters.
        placed_at: Aware, as are all its times.
        promised_to: The latest moment the shop promised; ``None`` without a promise.
        unshipped: What is in no parcel yet.
    """

    where: str
    external_id: str | None
    number: str
    placed_at: datetime
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    name: str | None = None
    country: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    promised_from: datetime | None = None
    promised_to: datetime | None = None
    cancelled_at: datetime | None = None
    parcels: tuple[ImportedParcel, ...] = ()
    unshipped: tuple[ImportedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """Something in a file that could not be read or stored.

    Attributes:
        where: ``"line 17"``, ``"order 3"``, ``"the file"``.
        reason: What is wrong and how to mend it, for the shop's people. Names columns and order
            numbers; never holds an e-mail, a phone number or an address.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class StorefrontManifest:
    """What a storefront is.

    Attributes:
        slug: Its folder's name, and the ``source`` of its orders in the database.
    """

    slug: str
    name: str
    docs: str


class Storefront(Protocol):
    """Where orders come from. Pure: the same file always gives the same orders."""

    manifest: StorefrontManifest

    def read(self, file: BinaryIO, *, zone: ZoneInfo) -> Iterator[ImportedOrder | ImportProblem]:
        """The orders of an export, in its order, in bounded memory whatever its size.

        Raises nothing: what cannot be read is a problem among the orders, and the rest goes on.

        Args:
            file: Seekable, at its start; left open.
            zone: The shop's, for times that name none.
        """
        ...
