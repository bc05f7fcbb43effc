"""Which of several proven orders a message is about, where it gives no number."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from bot.actions.aspect import aspects_of
from bot.actions.contract import Desk, OrderAnswer
from bot.actions.details import key
from bot.actions.items import mentioned
from bot.actions.told import Told
from tracking_lookup.model import Verdict

MOST: Final = 5
"""How many orders, the newest, are looked up to find the one that is meant."""

_OTHER: Final = re.compile(
    r"\b(?:the |my |that )?(?:other|second|2nd) (?:one|order|parcel|package|pkg|box|delivery)\b"
    r"|\bthe others?\b|\bnot (?:that|this) one\b",
    re.IGNORECASE,
)
_FOLLOWS_ON: Final = re.compile(
    r"\W*(?:(?:and|or|what about|how about) (?!when|where|why|how|what|who)\S+(?: \S+){0,2}"
    r"|(?:the|my) other(?: one| order)?\W*)",
    re.IGNORECASE,
)
_SAME: Final = re.compile(r"\b(?:it|that|this|this one|that one|the same)\b", re.IGNORECASE)
_ARRIVED: Final = frozenset(
    {"delivered_not_received", "missing_item", "return_item", "damaged_item", "wrong_item"}
)
_AT_THE_DOOR: Final = frozenset({Verdict.DELIVERED, Verdict.DELIVERED_DISPUTED})


def asks_for_the_other(text: str) -> bool:
    """Whether the message says "the other one", or "not that one"."""
    return _OTHER.search(text) is not None


def follows_on(text: str) -> bool:
    """Whether the message asks the last question of something else: "and 1003?"."""
    return _FOLLOWS_ON.fullmatch(text.strip()) is not None


async def which(
    desk: Desk, conversation: int, proven: Sequence[str], *, text: str, question: str, told: Told
) -> str | None:
    """The order that is meant; ``None``: ask, as it matters.

    "The other one" is the one of two that was not spoken of, or another part of an only one. A new
    question, or one about "it", is about the order spoken of last. Else the one that the question
    or a named item fits.
    """
    last = next(
        (number for number in proven if told.order and key(number) == key(told.order)), None
    )
    if asks_for_the_other(text):
        others = [number for number in proven if number != last]
        if last and not others:
            return last if _parts(await desk.order(conversation, last)) > 1 else None
        return others[0] if len(others) == 1 else None
    if len(proven) == 1:
        return proven[0]
    if last and (question != told.question or _SAME.search(text) or aspects_of(text)):
        return last
    orders = await asyncio.gather(*(desk.order(conversation, number) for number in proven[:MOST]))
    for fitting in (
        [order for order in orders if mentioned(text, _items(order))],
        [order for order in orders if _fits(order, question)] if len(proven) <= MOST else [],
    ):
        if len(fitting) == 1:
            return fitting[0].number
    return None


def _parts(order: OrderAnswer) -> int:
    return len(order.parcels) + bool(order.unshipped)


def _items(order: OrderAnswer) -> tuple[str, ...]:
    return (*order.unshipped, *(item for parcel in order.parcels for item in parcel.items))


def _fits(order: OrderAnswer, question: str) -> bool:
    """Whether the question can be about it: of what has arrived, or of what is still to come."""
    verdicts = {parcel.lookup.assessment.verdict for parcel in order.parcels}
    if question in _ARRIVED:
        return bool(verdicts & _AT_THE_DOOR)
    to_come = bool(order.unshipped) or not verdicts or not verdicts <= _AT_THE_DOOR
    return to_come and not order.cancelled
