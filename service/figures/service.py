"""Running a figure's query over a span of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from service.figures.catalogue import Figure

MAX_DAYS: Final = 366
SLOWEST_SECONDS: Final = 20

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """Which days are looked at.

    Attributes:
        first, last: Both included, in the shop's time zone.
        channel: One channel's slug; ``None`` for all of them.
    """

    first: date
    last: date
    zone: ZoneInfo
    channel: str | None = None

    @property
    def days(self) -> Sequence[date]:
        """Each of them, in order."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def parameters(self, *, now: datetime) -> dict[str, Any]:
        """What a query gets: its span as moments, from midnight to midnight where the shop is."""
        after = self.last + timedelta(days=1)
        return {
            "since": datetime(self.first.year, self.first.month, self.first.day, tzinfo=self.zone),
            "until": datetime(after.year, after.month, after.day, tzinfo=self.zone),
            "zone": self.zone.key,
            "channel": self.channel,
            "now": now,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """A figure's rows, by what they are about. Where a figure has a kind, several a day.

    Attributes:
        whole: All days and channels together.
        daily: All channels together, by day; days without anything are left out.
        channels: All days together, by channel.
        finest: A row for each day and channel: what is exported.
    """

    figure: Figure
    whole: Sequence[Row]
    daily: Mapping[date, Sequence[Row]]
    channels: Mapping[str, Sequence[Row]]
    finest: Sequence[Row]


async def run(session: AsyncSession, figure: Figure, span: Span, *, now: datetime) -> Result:
    """Count a figure. One that takes longer than 20 seconds fails rather than slow the inbox."""
    await session.execute(text(f"SET LOCAL statement_timeout = '{SLOWEST_SECONDS}s'"))
    asked = span.parameters(now=now)
    # The driver takes what the query names; not each names all.
    query = text(figure.sql)
    found = await session.execute(query, {n: v for n, v in asked.items() if f":{n}" in figure.sql})
    whole: list[Row] = []
    daily: dict[date, list[Row]] = {}
    channels: dict[str, list[Row]] = {}
    finest: list[Row] = []
    for mapping in found.mappings():
        row = dict(mapping)
        day, channel = row["day"], row["channel"]
        if day is None and channel is None:
            whole.append(row)
        elif channel is None:
            daily.setdefault(day, []).append(row)
        elif day is None:
            channels.setdefault(channel, []).append(row)
        else:
            finest.append(row)
    return Result(figure, whole, daily, channels, finest)
