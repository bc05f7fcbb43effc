"""What is known of an order when it is to be told about. Functions take a session, never commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.notifications.milestones import noticing, triggers
from service.notifications.milestones.triggers import Milestone
from service.notifications.models import MilestoneRow
from service.notifications.news import OF_ORDER, News, Trigger
from service.notifications.policy import quiet
from service.statements import Statement
from service.storefront.models import Order, OrderItem, Parcel
from service.storefront.store import known_of_all
from tracking_lookup.contract import UNKNOWN_CARRIER, Known


@dataclass(frozen=True, slots=True)
class Facts:
    """An order with its parcels.

    Attributes:
        known: What is known of each parcel, by id, in their order.
        items: Titles, with the id of the parcel they are in; ``None``: in none yet.
        zone: The recipient's, for their days.
    """

    order: Order
    known: Mapping[int, Known]
    items: Sequence[tuple[str, int | None]]
    zone: ZoneInfo

    def all_delivered(self, *, now: datetime) -> datetime | None:
        """See ``triggers.all_delivered``."""
        waits = any(parcel_id is None for _, parcel_id in self.items)
        return triggers.all_delivered(list(self.known.values()), items_wait=waits, now=now)

    def happened_at(self, row: MilestoneRow, *, now: datetime) -> datetime | None:
        """When what was noticed earlier happened, by what is known now.

        Returns:
            ``None`` where it is not so any more, and may not be told.
        """
        trigger = Trigger(row.trigger)
        if self.order.cancelled_at is not None:
            return None
        if trigger is Trigger.ALL_DELIVERED:
            return self.all_delivered(now=now)
        if trigger in OF_ORDER:  # what is left of them waits for the order to be sent
            return None if self.known else row.at
        known = self.known.get(row.parcel_id or 0)
        if known is None:  # the parcel is no longer this order's
            return None
        zone = noticing.zone_of(known, now=now)
        still = triggers.still(Milestone(trigger, row.at, row.about), known, now=now, zone=zone)
        return still.at if still else None

    def news(self, row: MilestoneRow) -> News:
        """A milestone with all that a message may say of it."""
        known = self.known.get(row.parcel_id or 0)
        window = triggers.window_of(known, self.zone) if known else self._promised()
        carrier = known.carrier if known and known.carrier != UNKNOWN_CARRIER else None
        trigger = Trigger(row.trigger)
        since = triggers.since(trigger, known.tracking) if known and known.tracking else None
        return News(
            trigger=trigger,
            order_id=self.order.id,
            order_number=self.order.number,
            at=row.at.astimezone(self.zone),
            parcel_id=row.parcel_id,
            number=known.number if known else None,
            carrier=carrier,
            since=since.astimezone(self.zone) if since else None,
            place=row.facts.get("place"),
            because=row.facts.get("because"),
            first=window[0] if window else None,
            last=window[1] if window else None,
            old_first=_day(row.facts.get("old_first")),
            old_last=_day(row.facts.get("old_last")),
            items=tuple(
                title
                for title, parcel_id in self.items
                if row.parcel_id is None or parcel_id == row.parcel_id
            ),
            parcels=len(self.known),
        )

    def _promised(self) -> tuple[date, date] | None:
        """The shop's own promise, of an order."""
        last = self.order.promised_to
        if last is None:
            return None
        first = self.order.promised_from or last
        return first.astimezone(self.zone).date(), last.astimezone(self.zone).date()


async def facts_of(
    session: AsyncSession, order_id: int, home: ZoneInfo, *, now: datetime, locked: bool = False
) -> Facts:
    """An order as it is now.

    Args:
        home: The shop's zone, where the recipient's is not known.
        locked: Its parcels do not change until the commit, so that what is told of them is true
            then.
    """
    parcel_ids = await (_LOCKED if locked else _PARCELS).all(session, order_id=order_id)
    known = await known_of_all(session, parcel_ids)
    order = await session.get_one(Order, order_id, populate_existing=locked)
    place = quiet.Place(order.phone, order.country, order.postcode)
    return Facts(
        order,
        known,
        await _ITEMS.all(session, order_id=order_id),
        quiet.zone_of(place, home, now=now),
    )


_IDS: Final = select(Parcel.id).filter_by(order_id=bindparam("order_id")).order_by(Parcel.id)
_PARCELS: Final = Statement(_IDS, int)
_LOCKED: Final = Statement(_IDS.with_for_update(read=True), int)
_ITEMS: Final = Statement(
    select(OrderItem.title, OrderItem.parcel_id)
    .filter_by(order_id=bindparam("order_id"))
    .order_by(OrderItem.id),
    lambda title, parcel_id: (title, parcel_id),
)


async def news_of(
    session: AsyncSession, parcel_id: int, trigger: Trigger, home: ZoneInfo, *, now: datetime
) -> News | None:
    """News of a trigger with a real parcel's facts, for previews; ``None`` without an order."""
    parcel = await session.get(Parcel, parcel_id)
    if parcel is None or parcel.order_id is None:
        return None
    facts = await facts_of(session, parcel.order_id, home, now=now)
    tracking = facts.known[parcel_id].tracking
    newest = tracking.events[0] if tracking and tracking.events else None
    window = triggers.window_of(facts.known[parcel_id], facts.zone)
    kept = {
        "place": newest.place if newest else None,
        "because": newest.detail if newest else None,
        "old_last": window[0].isoformat() if window and trigger is Trigger.DELAYED else None,
    }
    row = MilestoneRow(
        order_id=parcel.order_id,
        parcel_id=None if trigger in OF_ORDER else parcel_id,
        trigger=trigger,
        about="",
        facts={name: value for name, value in kept.items() if value is not None},
        at=now,
    )
    return facts.news(row)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
