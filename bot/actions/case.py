"""One question about one proven order, and the way to answer it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.contract import Desk, OrderAnswer, ParcelAnswer
from bot.actions.parcel import Said, say_parcel
from bot.actions.wording import listed, shorten


@dataclass(frozen=True, slots=True)
class Case:
    """What an answer is made from.

    Attributes:
        question: The intent that asked: ``"late_delivery"``.
        words: The message that asked, as it was written; it may name items of the order.
    """

    dispatcher: CollectingDispatcher
    desk: Desk
    tracker: Tracker
    conversation: int
    order: OrderAnswer
    question: str
    words: str
    now: datetime
    zone: ZoneInfo

    @property
    def number(self) -> str:
        """The order's number, as short as a reply needs it."""
        return shorten(self.order.number, 20)

    def say(self, response: str, **variables: Any) -> None:
        """Say a response of ``bot/domain/responses/``."""
        self.dispatcher.utter_message(response=response, **variables)

    def say_parcel(self, parcel: ParcelAnswer) -> None:
        """Say where one parcel of the order is, in view of the question."""
        said = say_parcel(
            parcel,
            subject=self._subject(parcel),
            question=self.question,
            now=self.now,
            zone=self.zone,
        )
        self.say(said.response, **said.variables)

    def about(self, parcel: ParcelAnswer) -> Said:
        """The usual answer about a parcel, whatever was asked: its name and variables.

        ``about`` is among them: ``Parcel 2 (1 x boots): `` where there are several, else empty.
        """
        several = len(self.order.parcels) > 1
        subject = self._subject(parcel)
        said = say_parcel(parcel, subject=subject, question="", now=self.now, zone=self.zone)
        known = {"number": shorten(parcel.number, 26), "link": ""}  # however silent the carrier is
        variables = {**known, **said.variables, "about": f"{subject}: " if several else ""}
        return Said(said.response, variables)

    def _subject(self, parcel: ParcelAnswer) -> str:
        """What a parcel is called: the order where it is all of it, else its place and items."""
        several = len(self.order.parcels) > 1
        if not several and not self.order.unshipped:
            return f"Your order {self.number}"
        items = f" ({listed(parcel.items, limit=30)})" if parcel.items else ""
        place = self.order.parcels.index(parcel) + 1
        return f"Parcel {place}{items}" if several else f"Your parcel{items}"


Answer = Callable[[Case], Awaitable[None]]
"""Says what there is to say to a case, and hands over where a person must decide."""
