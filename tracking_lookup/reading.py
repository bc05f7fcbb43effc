"""What all carriers' readers share: fields that are checked and cleaned, never guessed.

A reader lets these functions raise, and turns ``UNREADABLE`` into ``Rejected`` once, at its end.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, tzinfo
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import httpx

from kit.errors import NotFound, Rejected
from kit.http import json_of
from kit.text import clean
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent

# What reading an answer of another shape raises, whatever its JSON.
UNREADABLE: Final = (
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
)
MAX_TEXT: Final = 500
NO_ANNOUNCEMENTS: Final[Mapping[str, Detail | None]] = MappingProxyType({})

Meaning: TypeAlias = tuple[Status, Detail | None]


def object_of(response: httpx.Response, source: str) -> dict[str, Any]:
    """The JSON object in an answer. Raises ``Rejected`` for anything else."""
    payload = json_of(response, source)
    if not isinstance(payload, dict):
        raise Rejected(source, "the answer is not an object")
    return payload


def as_object(payload: Any) -> dict[str, Any]:
    """The payload, which must be an object. Raises ``TypeError`` for anything else."""
    if not isinstance(payload, dict):
        raise TypeError("not an object")
    return payload


def text(value: Any) -> str:
    """A text, cleaned and stripped; empty where it was left out. A whole number is its digits.

    Raises:
        TypeError: Anything else.
    """
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise TypeError("not a text")
    return clean(value, limit=MAX_TEXT)


def part(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """An object within an object, empty where it was left out. Raises ``TypeError`` for others."""
    value = parent.get(key) or {}
    if not isinstance(value, dict):
        raise TypeError(f"{key} is not an object")
    return value


def items(parent: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects, empty where it was left out. Raises ``TypeError`` for anything else."""
    value = parent.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TypeError(f"{key} is not a list of objects")
    return value


def place(*parts: Any) -> str | None:
    """City, state and country as one line, without what was left out.

    A street or a name is never one of them: it would be the recipient's.
    """
    return ", ".join(filter(None, map(text, parts))) or None


def tidy(number: Any) -> str:
    """A tracking number as it is compared: ``1z 999-aa1…`` is ``1Z999AA1…``."""
    return "".join(text(number).replace("-", " ").split()).upper()


def moment(
    value: Any, *, form: str | None = None, zone: tzinfo | None = None
) -> tuple[datetime, bool]:
    """When a scan was, aware, and whether only its wall-clock time is known.

    Args:
        value: ISO 8601, or as ``form`` says. A day alone is its midnight.
        form: For ``strptime``.
        zone: That of the place, where known; an offset in ``value`` is believed before it.

    Returns:
        ``(at, local_time_only)``; with neither offset nor zone ``at`` is as if in UTC.

    Raises:
        ValueError, OverflowError: No such time.
    """
    written = text(value)
    at = datetime.strptime(written, form) if form else datetime.fromisoformat(written)  # noqa: DTZ007
    local_time_only = at.tzinfo is None and zone is None
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone or UTC)
    return _storable(at), local_time_only


def whole_day(
    value: Any, *, form: str | None = None, zone: tzinfo | None = None
) -> tuple[datetime, datetime]:
    """A promised day as the window from its start to its last second; read as ``moment``."""
    day = moment(value, form=form, zone=zone)[0]
    return _storable(day.replace(hour=0, minute=0, second=0, microsecond=0)), _day_end(day)


def promised(
    start: Any, end: Any = None, *, zone: tzinfo | None = None
) -> tuple[datetime | None, datetime | None]:
    """A delivery window of which the vendor gives both ends, one, or none; read as ``moment``.

    A missing end is that of the other's day, and an end at midnight is that day's last second: so
    vendors write a day. A promise that cannot be read is none: the scans are still worth telling.
    """
    try:
        first, last = text(start), text(end)
        if not first and not last:
            return None, None
        begins = moment(first, zone=zone)[0] if first else whole_day(last, zone=zone)[0]
        ends = moment(last or first, zone=zone)[0]
        if not last or ends.time() == time.min:
            ends = _day_end(ends)
    except (TypeError, ValueError, OverflowError):
        return None, None
    return begins, ends


def newest_first(
    events: Iterable[TrackingEvent], announcements: Mapping[str, Detail | None] = NO_ANNOUNCEMENTS
) -> tuple[TrackingEvent, ...]:
    """Events by time; of two of one moment, the one that the carrier put first is the newer.

    Args:
        events: In the carrier's order, which is newest first or by time.
        announcements: Codes of what is asked for or made known, with its detail: the parcel stays
            in the status it had.
    """
    ordered = sorted(events, key=lambda event: event.at, reverse=True)
    was = Status.UNKNOWN
    for index in range(len(ordered) - 1, -1, -1):
        event = ordered[index]
        if event.status is Status.UNKNOWN and event.code in announcements:
            ordered[index] = replace(event, status=was, detail=announcements[event.code])
        was = ordered[index].status
    return tuple(ordered)


def asked_for(
    trackings: Sequence[Tracking],
    number: str | None,
    *,
    source: str,
    unknown: Collection[str] = (),
) -> list[Tracking]:
    """What ``Carrier.parse`` gives: all, or with a ``number`` that parcel alone.

    Args:
        trackings: In the answer; of several with one number, that with the newest scan counts.
        unknown: The numbers of which the answer says that there are none.

    Raises:
        NotFound: The number is among the unknown, or there is nothing but unknown ones.
        Rejected: The answer is about no parcel, or about others.
    """
    found = list(trackings)
    if number is not None:
        asked = tidy(number)
        found = [t for t in found if tidy(t.number) == asked]
        found = sorted(found, key=_latest, reverse=True)[:1]
        unknown = [n for n in unknown if tidy(n) == asked]
    if not found and unknown:
        raise NotFound(f"{source}: no such number")
    if not found:
        raise Rejected(source, "the answer is about no such parcel")
    return found


def refuse_problem(payload: dict[str, Any], source: str) -> None:
    """Name the error that an answer is, where it is one.

    Raises:
        NotFound: Its ``status`` is 404.
        Rejected: It is another error.

    Source: RFC 9457, section 3 (``title``, ``detail``, ``status``).
    """
    if "title" not in payload and "detail" not in payload:
        return
    status = text(payload.get("status"))
    if status == "404":
        raise NotFound(f"{source}: no such number")
    raise Rejected(source, f"error {status or 'without a status'}")


def rows(groups: Mapping[Meaning, str], *, prefix: str = "") -> dict[str, Meaning]:
    """A carrier's table of codes, written by meaning.

    Args:
        groups: Codes separated by white space, each once.
        prefix: Put before each code.

    Raises:
        ValueError: A code is written twice.
    """
    pairs = [(prefix + code, said) for said, codes in groups.items() for code in codes.split()]
    table = dict(pairs)
    if len(table) != len(pairs):
        twice = sorted({code for code, _ in pairs if [c for c, _ in pairs].count(code) > 1})
        raise ValueError(f"written twice: {', '.join(twice)}")
    return table


def _day_end(day: datetime) -> datetime:
    return _storable(day.replace(hour=23, minute=59, second=59, microsecond=0))


def _storable(at: datetime) -> datetime:
    """The same. Raises ``OverflowError`` for a time that has no moment in UTC."""
    at.astimezone(UTC)
    return at


def _latest(tracking: Tracking) -> datetime:
    return tracking.events[0].at if tracking.events else datetime.min.replace(tzinfo=UTC)
