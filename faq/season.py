"""Days that come back: 11 November, Black Friday, thirty days before Christmas.

A day is written ``2026-11-01`` (once), ``11-01`` (each year) or by name, with days or weeks before
or after it: ``christmas - 30 days``. Nothing here knows a time zone: a day is the shop's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from dateutil.easter import easter as _easter
from holidays.calendars.chinese import _ChineseLunisolar
from holidays.calendars.hebrew import _HebrewLunisolar
from holidays.calendars.hindu import _HinduLunisolar
from holidays.calendars.islamic import _IslamicLunar

from kit.errors import BadInput

Market = str
"""A country (ISO 3166, two letters); ``""`` where it is not known."""

FIRST_YEAR: Final = 1950
LAST_YEAR: Final = 2075  # of what the calendars of ``holidays`` know for all named days

_SYNTAX: Final = re.compile(
    r"(?P<anchor>\d{4}-\d\d-\d\d|\d\d-\d\d|[a-z][a-z_]*)"
    r"(?:\s*(?P<sign>[+-])\s*(?P<count>\d{1,3})\s*(?P<unit>days?|weeks?))?"
)
_LEAP_YEAR: Final = 2000


def easter(year: int) -> date:
    """Easter Sunday of the western churches."""
    day: date = _easter(year)  # type: ignore[no-untyped-call]
    return day


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The ``nth`` Monday (0) to Sunday (6) of a month; -1 is the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7 + 7 * (-nth - 1))


_THURSDAY: Final = 3
_SUNDAY: Final = 6


def _fixed(month: int, day: int) -> Callable[[int, Market], date]:
    return lambda year, market: date(year, month, day)


def _after_thanksgiving(days: int) -> Callable[[int, Market], date]:
    return lambda year, market: nth_weekday(year, 11, _THURSDAY, 4) + timedelta(days=days)


def _mothers_day(year: int, market: Market) -> date:
    """Source: https://en.wikipedia.org/wiki/Mother%27s_Day (Dates around the world)."""
    match market:
        case "GB" | "IE" | "GG" | "JE" | "IM":
            return easter(year) - timedelta(weeks=3)
        case "ES" | "PT" | "HU" | "LT" | "RO":
            return nth_weekday(year, 5, _SUNDAY, 1)
        case "FR":  # the last Sunday of May, but for Pentecost, which moves it by a week
            day = nth_weekday(year, 5, _SUNDAY, -1)
            return day + timedelta(weeks=1) if day == easter(year) + timedelta(days=49) else day
        case "SE":
            return nth_weekday(year, 5, _SUNDAY, -1)
        case "NO":
            return nth_weekday(year, 2, _SUNDAY, 2)
        case "PL":
            return date(year, 5, 26)
        case "MX":
            return date(year, 5, 10)
        case _:
            return nth_weekday(year, 5, _SUNDAY, 2)


def _fathers_day(year: int, market: Market) -> date:
    """Source: https://en.wikipedia.org/wiki/Father%27s_Day (Dates around the world)."""
    match market:
        case "ES" | "PT" | "IT":
            return date(year, 3, 19)
        case "DE":
            return easter(year) + timedelta(days=39)
        case "AT":
            return nth_weekday(year, 6, _SUNDAY, 2)
        case "AU" | "NZ":
            return nth_weekday(year, 9, _SUNDAY, 1)
        case "DK":
            return date(year, 6, 5)
        case "SE" | "NO" | "FI":
            return nth_weekday(year, 11, _SUNDAY, 2)
        case _:
            return nth_weekday(year, 6, _SUNDAY, 3)


def _islamic(of: Callable[[int], Iterable[tuple[date, bool]]]) -> Callable[[int, Market], date]:
    """The first of that name in a year of ours; it comes twice in one of about 33."""
    return lambda year, market: min(day for day, _ in of(year) if day.year == year)


def _hanukkah(year: int, market: Market) -> date:
    """The evening before the first day that the calendar gives."""
    [day] = (one for one in _HebrewLunisolar().hanukkah_date(year) if one.year == year)
    return day - timedelta(days=1)


def _lunar_new_year(year: int, market: Market) -> date:
    return _known(_ChineseLunisolar().lunar_new_year_date(year)[0])


def _known(day: date | None) -> date:
    """Between ``FIRST_YEAR`` and ``LAST_YEAR`` all calendars know their days."""
    if day is None:
        raise BadInput("the calendar ends here")
    return day


_ANNOUNCED: Final = frozenset(_HinduLunisolar.DIWALI_INDIA_DATES)


def _diwali(year: int, market: Market) -> date:
    """India's days as announced, 2001 to 2035; the calendar's own rule misses leap months."""
    calendar = _HinduLunisolar()
    found = calendar.diwali_india_date if year in _ANNOUNCED else calendar.diwali_date
    return _known(found(year)[0])


NAMED: Final[Mapping[str, Callable[[int, Market], date]]] = {
    "new_year": _fixed(1, 1),
    "winter_sale": _fixed(12, 27),
    "lunar_new_year": _lunar_new_year,
    "valentines": _fixed(2, 14),
    "ramadan": _islamic(_IslamicLunar().ramadan_beginning_dates),
    "eid_al_fitr": _islamic(_IslamicLunar().eid_al_fitr_dates),
    "eid_al_adha": _islamic(_IslamicLunar().eid_al_adha_dates),
    "easter": lambda year, market: easter(year),
    "mothers_day": _mothers_day,
    "fathers_day": _fathers_day,
    "summer_sale": _fixed(6, 24),
    "back_to_school": _fixed(9, 1),
    "diwali": _diwali,
    "halloween": _fixed(10, 31),
    "singles_day": _fixed(11, 11),
    "thanksgiving": _after_thanksgiving(0),
    "black_friday": _after_thanksgiving(1),
    "cyber_monday": _after_thanksgiving(4),
    "hanukkah": _hanukkah,
    "christmas_eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "boxing_day": _fixed(12, 26),
    "new_years_eve": _fixed(12, 31),
}
"""Days by name. Moon calendars are tables and forecasts of the ``holidays`` package; a sighting may
move Ramadan and the two Eids by a day."""


@dataclass(frozen=True, slots=True)
class Day:
    """One written day.

    Attributes:
        written: As in the file, blanks made even.
        anchor: ``2026-11-01``, ``11-01`` or a name of ``NAMED``.
        offset: Days after it, or before.
    """

    written: str
    anchor: str
    offset: int = 0

    @property
    def year(self) -> int | None:
        """Of a day that comes once; ``None``: it comes each year."""
        return int(self.anchor[:4]) if self.anchor[:4].isdigit() else None

    def in_year(self, year: int, market: Market = "") -> date:
        """The day whose anchor lies in ``year``; of a day that comes once, that day.

        29 February is 1 March in a common year.
        """
        return _in_year(self.anchor, year, market) + timedelta(days=self.offset)

    def nearest(self, to: date, market: Market = "") -> date:
        """The occurrence nearest to a day; of two as near, the coming one."""
        days = (self.in_year(to.year + step, market) for step in (1, 0, -1))
        return min(days, key=lambda day: abs(day - to))


@lru_cache(maxsize=4096)
def _in_year(anchor: str, year: int, market: Market) -> date:
    if anchor in NAMED:
        return NAMED[anchor](min(max(year, FIRST_YEAR), LAST_YEAR), market)
    if anchor[:4].isdigit():
        return date.fromisoformat(anchor)
    month, day = map(int, anchor.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1)


Names = Mapping[str, Day]
"""A shop's own named days; they come before the built-in ones."""


def read(text: str, own: Names | None = None) -> Day:
    """A day as it is written in a file.

    Args:
        own: The shop's named days, which may stand in for the built-in ones.

    Raises:
        BadInput: It is none; the message says what it may be.
    """
    found = _SYNTAX.fullmatch(text.strip())
    wrong = f"{text.strip()!r} is not a day such as 2026-12-24, 12-24 or christmas - 30 days"
    if found is None:
        raise BadInput(wrong)
    anchor, offset = found["anchor"], 0
    if found["count"]:
        offset = int(found["count"]) * (7 if found["unit"].startswith("week") else 1)
        offset = -offset if found["sign"] == "-" else offset
    written = " ".join(text.split())
    if own and anchor in own:
        return Day(written, own[anchor].anchor, own[anchor].offset + offset)
    if anchor[0].isdigit():
        try:
            date.fromisoformat(anchor if len(anchor) > len("12-24") else f"{_LEAP_YEAR}-{anchor}")
        except ValueError as error:
            raise BadInput(wrong) from error
    elif anchor not in NAMED:
        known = ", ".join(sorted({*NAMED, *(own or ())}))
        raise BadInput(f"there is no day named {anchor!r}; there are: {known}")
    return Day(written, anchor, offset)


@dataclass(frozen=True, slots=True)
class Window:
    """From one day to another, both included; ``None`` is an open end.

    Two days of each year make a window of each year, over New Year where the second comes earlier.
    """

    first: Day | None = None
    last: Day | None = None

    def __post_init__(self) -> None:
        ends = [end for end in (self.first, self.last) if end]
        yearly = [end for end in ends if end.year is None]
        if len(yearly) == 1:
            both = "a day that comes each year needs another one of each year at the other end"
            raise BadInput(both)
        if len(ends) == 2 and not yearly:
            first, last = (end.in_year(end.year or 0) for end in ends)
            if last < first:
                raise BadInput("valid_until lies before valid_from")

    @property
    def yearly(self) -> bool:
        """Whether it comes back each year."""
        return self.first is not None and self.first.year is None

    def spans(self, near: date, market: Market = "") -> list[tuple[date, date]]:
        """Its first and last days around ``near``, in order: those of three years, or the one."""
        if self.first is None or self.last is None or not self.yearly:
            first = self.first.in_year(near.year) if self.first else date.min
            last = self.last.in_year(near.year) if self.last else date.max
            return [(first, last)]
        spans = []
        for year in (near.year - 1, near.year, near.year + 1):
            first = self.first.in_year(year, market)
            lasts = (self.last.in_year(year + step, market) for step in (-1, 0, 1, 2))
            spans.append((first, next(day for day in lasts if day >= first)))
        return spans

    def holds(self, day: date, market: Market = "") -> bool:
        """Whether ``day`` lies in it."""
        if self.first is None and self.last is None:
            return True
        return any(first <= day <= last for first, last in self.spans(day, market))

    def current(self, day: date, market: Market = "") -> tuple[date, date] | None:
        """The span that holds ``day``, else the next to begin; ``None``: it will not come again."""
        return next((span for span in self.spans(day, market) if span[1] >= day), None)
