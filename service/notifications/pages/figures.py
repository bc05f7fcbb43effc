"""What messages did: sent, arrived, opened, stopped, and what they saved. Never commits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from service.notifications.news import Trigger

SQL: Final = (Path(__file__).parent / "sql" / "triggers.sql").read_text("utf-8")
_Z: Final = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Saved:
    """By how much the share of shoppers who write is smaller with the message than without.

    Attributes:
        share: In points of 1: 0.04 is four fewer of a hundred. Below 0: more write.
        low, high: Its 95 % interval; where 0 lies inside, nothing is shown.
    """

    share: float
    low: float
    high: float

    @property
    def is_shown(self) -> bool:
        """Whether there is a difference, as far as 95 % go."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class TriggerFigures:
    """One trigger's figures. All counts are of milestones; one message may tell several.

    Attributes:
        delivered: Of those sent, as far as carriers tell; e-mail and push mostly do not.
        clicked: The link in it was opened.
        opted_out: STOP, or a kind unticked, within 48 hours.
        cost: US dollars; of a merged message each milestone's part.
        with_message: Told more than 48 hours ago; ``wrote_with``: of these, who wrote to us within
            48 hours. ``without_message``, ``wrote_without``: the same of those held out.
        saved: ``None`` without a held-out group.
    """

    trigger: Trigger
    sent: int
    delivered: int
    clicked: int
    opted_out: int
    cost: Decimal
    with_message: int
    wrote_with: int
    without_message: int
    wrote_without: int

    @property
    def saved(self) -> Saved | None:
        """What telling saves in contacts."""
        return difference(
            self.wrote_without, self.without_message, self.wrote_with, self.with_message
        )


async def of_triggers(
    session: AsyncSession, *, since: datetime, until: datetime, now: datetime
) -> Sequence[TriggerFigures]:
    """Every trigger that something was decided about in a span, in the order of a parcel's life."""
    rows = await session.execute(text(SQL), {"since": since, "until": until, "now": now})
    found = [
        TriggerFigures(**{**row, "trigger": Trigger(row["trigger"])}) for row in rows.mappings()
    ]
    order = list(Trigger)
    return sorted(found, key=lambda one: order.index(one.trigger))


def difference(hits: int, count: int, other_hits: int, other_count: int) -> Saved | None:
    """The difference of two shares, the first less the second, with its 95 % interval.

    Returns:
        ``None`` where one of the groups is empty.

    Source: Newcombe, "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17 (1998), method 10: Wilson's intervals put together, which hold for
    small groups and shares near 0, where the usual formula does not.
    """
    if not count or not other_count:
        return None
    share, other = hits / count, other_hits / other_count
    low, high = _wilson(hits, count)
    other_low, other_high = _wilson(other_hits, other_count)
    apart = share - other
    return Saved(
        apart,
        max(-1.0, apart - math.hypot(share - low, other_high - other)),
        min(1.0, apart + math.hypot(high - share, other - other_low)),
    )


def _wilson(hits: int, count: int) -> tuple[float, float]:
    share, z2 = hits / count, _Z**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)
