"""What was told of an order and its parcels, what was held back, and why. Never commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.notifications.models import MilestoneRow, Told
from service.notifications.news import Trigger
from service.notifications.pages import outgoing
from service.notifications.pages.outgoing import Out
from service.notifications.policy.rules import Why

WORDS: Final[Mapping[str, str]] = {
    Why.MERGING: "waits a moment for other news of the order",
    Why.QUIET_HOURS: "waits for the end of the quiet hours where the shopper is",
    Why.ONE_A_DAY: "waits for tomorrow: the shopper has got today's message",
    Why.OVER: "was not true any more when it could be told",
    Why.OVERTAKEN: "something newer says it too",
    Why.TOO_OLD: "was too old when it could be told",
    Why.SWITCHED_OFF: "the shop does not tell this",
    Why.HOLDOUT: "withheld, to see what telling is worth",
    Why.NO_ADDRESS: "no address is known",
    Why.NOT_CHOSEN: "the shopper has not agreed to it, or no longer wants it",
    Why.OPTED_OUT: "the shopper has opted out",
    Why.MOVED: "the number has been used by somebody else since",
    Why.NO_CHANNEL: "no such channel is switched on",
    Why.NO_TEMPLATE: "the provider has approved no template for it",
    Why.COST_CAP: "the month's budget is used up",
    Why.BROUGHT_NOTHING: "it failed, and no other kind is left",
    Why.NEVER_FREE: "no hour suits every place where the shopper may be",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One milestone's story.

    Attributes:
        parcel_id: ``None`` of what is about the order.
        at: When it happened.
        why: In words; empty of what was told.
        until: When what waits is looked at again; ``None`` of the rest.
        decided_at: ``None`` of what waits.
        sendings: The messages that told it, oldest first, with those that were held back.
    """

    trigger: Trigger
    parcel_id: int | None
    at: datetime
    state: Told
    why: str
    until: datetime | None
    decided_at: datetime | None
    sendings: Sequence[Out]


async def of_order(session: AsyncSession, order_id: int) -> Sequence[Line]:
    """Every milestone of an order and its parcels, newest first."""
    rows = (
        await session.scalars(
            select(MilestoneRow)
            .filter_by(order_id=order_id)
            .order_by(MilestoneRow.noticed_at.desc(), MilestoneRow.id.desc())
        )
    ).all()
    sent = await outgoing.of_order(session, order_id)
    return [
        Line(
            trigger=Trigger(row.trigger),
            parcel_id=row.parcel_id,
            at=row.at,
            state=Told(row.state),
            why=why_in_words(row.why),
            until=row.due_at if row.state == Told.WAITING else None,
            decided_at=row.decided_at,
            sendings=sent.get(row.notification_id or 0, ()),
        )
        for row in rows
    ]


def why_in_words(why: str | None) -> str:
    """Of a milestone's or a held sending's ``why``; what a provider said stays as it is."""
    if not why:
        return ""
    return WORDS.get(why, why)
