"""Which days carriers work: silence at a weekend or on a holiday is no silence. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import holidays

DAY: Final = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
WEEKEND: Final = frozenset({SATURDAY, SUNDAY})
# Beyond this a silence is long whatever the holidays, and counting its days would only cost time.
LONGEST: Final = timedelta(days=400)


def working_time(
    since: datetime,
    until: datetime,
    *,
    countries: Iterable[str] = (),
    days_off: frozenset[int] = WEEKEND,
) -> timedelta:
    """Time between two moments without the days that a carrier does not work; never negative.

    Args:
        since: Aware. until: Aware. Days are counted in UTC.
        countries: ISO 3166 alpha-2; a public holiday in any of them is a day off. One that is not
            known has none.
        days_off: Weekdays, Monday is 0.
    """
    if until <= since:
        return timedelta(0)
    if until - since > LONGEST:
        return (until - since) * (7 - len(days_off)) / 7
    try:
        since, until = since.astimezone(UTC), until.astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return until - since
    free = frozenset(country.upper() for country in countries if country)
    total, day = timedelta(0), since.date()
    while day <= until.date():
        if day.weekday() not in days_off and not any(is_holiday(day, c) for c in free):
            starts = datetime.combine(day, time.min, UTC)
            ends = datetime.combine(day, time.max, UTC) + timedelta(microseconds=day != date.max)
            total += max(timedelta(0), min(until, ends) - max(since, starts))
        if day == date.max:
            break
        day += DAY
    return total


def is_holiday(day: date, country: str) -> bool:
    """Whether a day is a public holiday in the whole of a country; ``False`` for no such country.

    Source: the ``holidays`` package.
    """
    return day in _holidays(country, day.year)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()
