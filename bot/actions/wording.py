"""Times, places and lists in a shopper's words. Pure; ``now`` and the zone are parameters."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

LOCALE = "en_GB"
OLD = timedelta(days=1)


def age_in_words(then: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """How long ago: ``"just now"``, ``"5 minutes ago"``, ``"2 hours ago"``, ``"3 days ago"``.

    From a day on, calendar days of the zone are counted, as people do. A time to come, which a
    carrier's clock can give, is ``"just now"``.
    """
    age = now - then
    if age < timedelta(minutes=2):
        return "just now"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} minutes ago"
    if age < OLD:
        return f"{_counted(age // timedelta(hours=1), 'hour')} ago"
    days = (now.astimezone(zone).date() - then.astimezone(zone).date()).days
    return "yesterday" if days == 1 else f"{days} days ago"


def day_in_words(day: date, *, today: date) -> str:
    """A day: ``"tomorrow, Tuesday 24 November"``, or without the first word when further away.

    The year is said where it is not this one.
    """
    near = {-1: "yesterday, ", 0: "today, ", 1: "tomorrow, "}.get((day - today).days, "")
    return near + _date(day, today=today)


def age_and_day(then: datetime, *, now: datetime, zone: ZoneInfo, place: str | None = None) -> str:
    """When and where something was: ``"3 days ago in Leipzig, Thursday 19 November"``.

    The day is left out where the age is less than a day, and the place where there is none.
    """
    words = age_in_words(then, now=now, zone=zone)
    if place:
        words += f" in {shorten(place, 26)}"
    if now - then < OLD:
        return words
    return f"{words}, {_date(then.astimezone(zone).date(), today=now.astimezone(zone).date())}"


def window_in_words(start: datetime | None, end: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """A delivery window, both ends included: the last day, with hours where it is within one day.

    ``"today, Monday 23 November, between 14:00 and 18:00"``; a window of whole days has no hours,
    and one over several days is told by its last day, which nobody will be disappointed by.
    """
    last = end.astimezone(zone)
    words = day_in_words(last.date(), today=now.astimezone(zone).date())
    first = start.astimezone(zone) if start else None
    if first is None or first.date() != last.date() or last - first > timedelta(hours=12):
        return words
    return f"{words}, between {_clock(first)} and {_clock(last)}"


def days_in_words(first: date, last: date, *, today: date) -> str:
    """Days, both included: ``"between Thursday 26 and Saturday 28 November"``.

    A single one is ``"on Thursday 26 November"``, or ``"today, Monday 23 November"``.
    """
    if first == last:
        day = day_in_words(last, today=today)
        return f"on {day}" if abs((last - today).days) > 1 else day
    start = "today" if first == today else format_date(first, "EEEE d", locale=LOCALE)
    if start != "today" and first.month != last.month:
        start = format_date(first, "EEEE d MMMM", locale=LOCALE)
    return f"between {start} and {_date(last, today=today)}"


def listed(things: Sequence[str], *, limit: int = 60) -> str:
    """Things in one line of about ``limit`` characters: ``"a cap, a scarf and 3 more"``."""
    shown: list[str] = []
    for thing in things:
        if shown and len(", ".join([*shown, thing])) > limit:
            return f"{', '.join(shown)} and {len(things) - len(shown)} more"
        shown.append(shorten(thing, limit))
    return ", ".join(shown)


def either(things: Sequence[str], *, limit: int = 120) -> str:
    """Things to choose from: ``"#1001, #1003 or #1010"``.

    As many as fit into about ``limit`` characters.
    """
    shown = [shorten(thing, 20) for thing in things][: max(1, limit // 24)]
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def working_days(span: timedelta) -> str:
    """A span of working time, rounded up: ``"3 working days"``."""
    return _counted(max(1, -(-span // timedelta(days=1))), "working day")


def shorten(text: str, limit: int) -> str:
    """Text of at most ``limit`` characters on one line, cut with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def _date(day: date, *, today: date) -> str:
    pattern = "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y"
    return format_date(day, pattern, locale=LOCALE)


def _clock(at: datetime) -> str:
    return format_time(at.time(), "HH:mm", locale=LOCALE)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
