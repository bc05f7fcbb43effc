"""What the actions need from the service: proof of identity, orders, a record, a human."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from faq.model import Answer
from tracking_lookup.contract import Lookup


class Reason(StrEnum):
    """Why a person is needed. Agents see these words; shoppers never do."""

    ASKED = "asked"
    MISUNDERSTOOD = "misunderstood"
    NOT_RECEIVED = "delivered_not_received"
    LOST_SUSPECTED = "lost_suspected"
    OVERDUE = "overdue"
    MISSING_ITEM = "missing_item"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    RETURN = "return_requested"
    REFUND = "refund_asked_for"
    CHANGE_REQUESTED = "change_requested"
    COMPLAINT = "complaint"
    ASKED_AGAIN = "asked_again"
    ANOTHER_LANGUAGE = "another_language"
    ERASE_DATA = "erase_data"
    CARRIER_DOWN = "carrier_down"
    BOT_DOWN = "bot_down"
    HIGH_VALUE = "high_value"  # joins whatever else it is, by the order's worth
    # Found by ``safety.py``; no setting switches them off.
    RISK_OF_HARM = "risk_of_harm"
    LEGAL_THREAT = "legal_threat"
    PAYMENT_FRAUD = "payment_fraud"
    DATA_LEAK = "data_leak"
    PRESS = "press"


class Request(StrEnum):
    """What a shopper may ask about their own messages and data, and what is kept of it."""

    STOP_MESSAGES = "stop_messages"
    START_MESSAGES = "start_messages"
    ERASE_DATA = "erase_my_data"


@dataclass(frozen=True, slots=True)
class ParcelAnswer:
    """One parcel of a proven order.

    Attributes:
        carrier_name: For people: ``"UPS"``.
        items: as ``"2 x wool socks"``, one a line of the order; empty where the shop did not say.
        lookup: What is known, what may be said, and whether the carrier answered just now.
        link: A page that follows it; ``None`` where there is none to give.
    """

    number: str
    carrier_name: str
    items: tuple[str, ...]
    lookup: Lookup
    link: str | None = None


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """A proven order, with the live state of its parcels.

    Attributes:
        number: As the shop writes it.
        unshipped: Items in no parcel yet.
        promised_to: The latest moment the shop promised; ``None`` without a promise.
        cancelled: The shop cancelled it.
    """

    number: str
    placed_at: datetime
    promised_to: datetime | None
    cancelled: bool
    unshipped: tuple[str, ...]
    parcels: tuple[ParcelAnswer, ...]


class Desk(Protocol):
    """The service, as the bot sees it.

    ``conversation`` is the id in the message's metadata, which only the service writes: never a
    slot, which a shopper could fill.
    """

    async def prove(self, conversation: int, order_number: str, proof: str) -> None:
        """Check an e-mail, phone number or postcode against an order and remember the success.

        Raises:
            NotVerified: No such order or wrong proof; the two are never told apart.
            LockedOut: Five failures in this conversation within the hour.
        """
        ...

    async def covers(self, conversation: int, order_number: str) -> bool:
        """Whether what was proven here proves this order too: then it is, for as long.

        An e-mail address or phone number that proved one order is the other's as well. A number of
        no order, or of somebody else's, is ``False`` and no failure.
        """
        ...

    async def proven(self, conversation: int) -> tuple[str, ...]:
        """Numbers of the orders this conversation may hear about now, newest proof first."""
        ...

    async def order(self, conversation: int, order_number: str) -> OrderAnswer:
        """A proven order with its parcels, looked up live within 2.5 seconds.

        Raises:
            NotVerified: Not proven in this conversation, or the proof has expired.
        """
        ...

    async def dispute(self, conversation: int, order_number: str) -> None:
        """Remember that the delivered parcels of a proven order did not arrive.

        Raises:
            NotVerified: Not proven in this conversation.
        """
        ...

    async def record(self, conversation: int, request: Request) -> None:
        """Keep a request about messages or data, with its time; the newest of its kind counts."""
        ...

    async def asked(self, conversation: int, text: str, answer: Answer) -> None:
        """Keep a question that was put to the articles, without personal data."""
        ...

    async def rated(self, conversation: int, *, helped: bool) -> None:
        """Keep whether the newest answer from the articles helped."""
        ...

    async def hand_over(
        self, conversation: int, reason: Reason, *, note: str = "", order_number: str | None = None
    ) -> str:
        """Open a ticket, or join the open one, and let the bot be silent from the next message on.

        Returns:
            When an answer can be expected, for the shopper: ``"within 4 hours"``.
        """
        ...
