"""What a channel and a storefront must do; ``messages.py`` has what crosses to a channel."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import BinaryIO, Final, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from integrations.messages import Answer, Attachment, Event, OutboundMessage, RawRequest

STORED: Final = Answer(204)


class Unit(StrEnum):
    """In what a channel counts the length of a text."""

    CODE_POINTS = "code points"
    UTF16 = "UTF-16 units"
    SEGMENTS = "SMS segments"  # of GSM-7 or UCS-2, as the text needs


@dataclass(frozen=True, slots=True)
class Options:
    """How many options a channel shows at once, and how long each may be.

    Attributes:
        count: Most options in one message.
        title: Longest title, in code points.
        description: Longest line under a title, in code points; 0 where there is none.
        payload: Longest payload, in bytes of UTF-8.
    """

    count: int
    title: int
    description: int = 0
    payload: int = 256


@dataclass(frozen=True, slots=True)
class Rate:
    """So many messages in so many seconds, in any stretch of that length."""

    count: int
    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a channel.

    Attributes:
        env: The environment variable: ``"TWILIO_ACCOUNT_SID"``. Channels of one account share it.
        argument: The adapter's constructor takes its value, a ``str``, under this name.
        about: What it is and where to find it, one line, for ``docs/settings.md`` and ``doctor``.
        secret: Never shown.
        required: The channel is on only if it is set. An optional one that is not set is left out
            of the constructor's arguments, which has a default.
    """

    env: str
    argument: str
    about: str
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class ChannelManifest:
    """What a channel is and can do. The service knows channels by this alone.

    Attributes:
        slug: Its folder's name, and its name in the database and in ``/channels/<slug>``.
        name: For people: ``"WhatsApp"``.
        network: Where its addresses live: ``"sms"``, ``"whatsapp"``, ``"telegram"``, ``"web"``. An
            opt-out holds for an address in all channels of one network.
        docs: The provider's documentation.
        settings: With all required ones set the channel is on.
        max_text: Longest text of one message, counted in ``unit``; ``None`` without a limit.
        max_text_with_options: The same above buttons or rows; ``None``: no shorter.
        max_caption: Longest text beside an image; 0 where an image stands alone.
        buttons: Quick replies; ``None``: none, options are written as numbers.
        rows: A list to choose from; ``None``: none.
        images: It shows images.
        links: It shows a link with a title of its own; else the address is written out.
        proves_phone: Its addresses are phone numbers (E.164), and it proves that the sender has it.
        shares_phone: It has a button with which a shopper shares the number of their account.
        keywords_at_door: STOP, START and HELP are acted on before the bot sees them, and after a
            STOP nothing at all is sent.
        window_hours: Free text may be sent for so long after the shopper's last message; later only
            a template. ``None``: always.
        rate: Messages the provider takes from us in all; ``None`` where it names no limit.
        rate_per_address: The same to one address.
        receipts: The provider tells what became of a message.
        fetched: Its shoppers fetch what is stored, so nothing is sent: stored is sent.
        webhook: Where in the provider's console the address of ``/channels/<slug>`` goes, for
            ``wismo doctor``; empty: it takes no webhook.
        media_hosts: Hosts that the provider's media may come from, and nobody else; a leading dot
            takes in its subdomains.
        acknowledgement: What the provider expects once its webhook is stored.
    """

    slug: str
    name: str
    network: str
    docs: str
    settings: tuple[Setting, ...] = ()
    max_text: int | None = None
    max_text_with_options: int | None = None
    unit: Unit = Unit.CODE_POINTS
    max_caption: int = 0
    buttons: Options | None = None
    rows: Options | None = None
    images: bool = False
    links: bool = False
    proves_phone: bool = False
    shares_phone: bool = False
    keywords_at_door: bool = False
    window_hours: int | None = None
    rate: Rate | None = None
    rate_per_address: Rate | None = None
    receipts: bool = False
    fetched: bool = False
    webhook: str = ""
    media_hosts: tuple[str, ...] = ()
    acknowledgement: Answer = STORED


class Channel(Protocol):
    """A way in and out. Only ``send`` does I/O.

    Constructed as ``Adapter(http, **settings)``: the shared ``httpx.AsyncClient``, then the
    manifest's settings by their ``argument``.
    """

    manifest: ChannelManifest

    def verify(self, request: RawRequest) -> None:
        """Raises ``BadWebhook`` unless the request is the provider's."""
        ...

    def parse(self, request: RawRequest, *, now: datetime) -> list[Event]:
        """What a webhook brings, in its order; nothing for one that is not for us.

        Raises:
            BadWebhook: Not of the provider's shape.
        """
        ...

    async def send(self, message: OutboundMessage) -> str | None:
        """Send one message, rendered for this channel's manifest.

        Returns:
            The provider's id for it; ``None`` where the shopper's side fetches it from us.

        Raises:
            Unavailable, RateLimited: Try again (``retry_after`` in seconds where it was said).
            Blocked: The shopper refuses our messages; nothing will be taken until they write.
            Rejected: The provider will never take it.
        """
        ...


@runtime_checkable
class Challenged(Channel, Protocol):
    """A channel whose provider checks the webhook's address with a ``GET`` first."""

    def challenge(self, request: RawRequest) -> Answer:
        """What to answer.

        Raises:
            BadWebhook: It is not the provider who asks.
        """
        ...


@runtime_checkable
class BringsMedia(Channel, Protocol):
    """A channel that brings files, which are fetched from the provider afterwards."""

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """The file.

        Args:
            limit: Most bytes to read; more is refused while it comes in.

        Raises:
            Unavailable, RateLimited: Try again.
            Rejected: Gone, too large, or not on one of ``manifest.media_hosts``.
        """
        ...


@runtime_checkable
class Remembers(Channel, Protocol):
    """A channel whose provider takes no idempotency key, and can be asked what it took."""

    async def taken(self, message: OutboundMessage, *, since: datetime) -> list[str]:
        """The provider's ids of what it took since then with this text for this address.

        Raises:
            Unavailable, RateLimited: Try again.
            Rejected: It will not say.
        """
        ...


@runtime_checkable
class MarksRead(Channel, Protocol):
    """A channel whose shopper sees that a message was read."""

    async def mark_read(self, external_id: str) -> None:
        """Tell the provider that a shopper's message is being answered.

        Raises:
            Upstream: It did not take it; nobody minds.
        """
        ...


@runtime_checkable
class Connects(Channel, Protocol):
    """A channel whose provider is told the webhook's address by us, not in a console."""

    async def connect(self, url: str) -> None:
        """Tell the provider; the same again changes nothing.

        Args:
            url: The public address of ``/channels/<slug>``.

        Raises:
            Upstream: It did not take it.
        """
        ...


@runtime_checkable
class Polls(Channel, Protocol):
    """A channel that can ask for news, where no provider can reach this machine (a laptop)."""

    @property
    def polling(self) -> bool:
        """Whether its settings say that it should; then it takes no webhook."""
        ...

    async def poll(self, store: Callable[[Event], Awaitable[None]]) -> None:
        """Wait for news, half a minute at most, and have each piece stored, in order.

        Only what ``store`` returned from is confirmed to the provider, by the next call: what it
        raised at, or did not come to in a crash, is given again.

        Raises:
            Upstream: Try again after a pause.
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
