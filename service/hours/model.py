"""Opening hours as a value, and time counted in them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

# A shop that is shut for longer than this has hours that somebody must put right.
FAR: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``start`` to ``end``, within one local day.

    Attributes:
        end: ``None`` is midnight, the day's end.
    """

    start: time
    end: time | None


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch in which people answer; both ends aware, in UTC."""

    start: datetime
    end: datetime


ALL_DAY: Final = (Interval(time(0), None),)


@dataclass(frozen=True)
class Hours:
    """When people answer.

    Attributes:
        zone: The shop's; all intervals are local times there.
        week: Monday's intervals first, in order and apart; none: shut that day.
        closed: Days with no opening: holidays.
        special: Days with intervals of their own, whatever else is said of them.
    """

    zone: ZoneInfo
    week: tuple[tuple[Interval, ...], ...] = (ALL_DAY,) * 7
    closed: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)

    @property
    def always(self) -> bool:
        """Whether people answer at all hours."""
        return all(day == ALL_DAY for day in self.week) and not self.closed and not self.special

    def of_day(self, day: date) -> Sequence[Interval]:
        """A day's intervals, in order."""
        if day in self.special:
            return self.special[day]
        return () if day in self.closed else self.week[day.weekday()]

    def openings(self, start: datetime, *, within: timedelta = FAR) -> Iterator[Opening]:
        """What is open from ``start`` on, in order; one that is open at ``start`` begins there."""
        day = start.astimezone(self.zone).date()
        last = (start + within).astimezone(self.zone).date()
        while day <= last:
            for interval in self.of_day(day):
                # By way of UTC: a day on which the clocks change is an hour shorter or longer.
                opened = max(_moment(day, interval.start, self.zone), start)
                shut = _moment(
                    day if interval.end else day + timedelta(days=1),
                    interval.end or time(0),
                    self.zone,
                )
                if opened < shut:
                    yield Opening(opened, shut)
            day += timedelta(days=1)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody answers at this moment."""
        return self.opens(at) == at

    def opens(self, at: datetime) -> datetime:
        """The first moment from ``at`` on at which somebody answers; ``at`` itself if open.

        Where the next two months have none, ``at``: hours that never come help nobody.
        """
        return next((opening.start for opening in self.openings(at)), at)

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The moment at which ``duration`` of open time has passed since ``start``.

        Where the next two months have less, the time left is counted as if always open.
        """
        left, end = duration, start
        for opening in self.openings(start):
            end = opening.end
            if opening.end - opening.start >= left:
                return opening.start + left
            left -= opening.end - opening.start
        return end + left

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two moments; none where ``end`` is not after."""
        total = timedelta(0)
        if end <= start:
            return total
        for opening in self.openings(start, within=end - start):
            if opening.start >= end:
                break
            total += min(opening.end, end) - opening.start
        return total


@lru_cache(maxsize=4096)
def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
