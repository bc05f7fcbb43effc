"""The zone of a scan whose carrier gave a wall-clock time alone. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from kit.text import fold
from tracking_lookup.model import TrackingEvent


def with_zones(events: Iterable[TrackingEvent]) -> tuple[TrackingEvent, ...]:
    """The same events, with local times put right where the place's zone is known.

    It is known from another scan of the same answer at that place which has a zone, else from the
    country, where all of it had one time at that moment. What stays unknown stays marked
    ``local_time_only``.

    Args:
        events: Of one answer, in any order; those with a zone as the carrier gave it.
    """
    events = tuple(events)
    offsets = {
        fold(event.place): event.at.utcoffset()
        for event in events
        # An offset of zero may be the carrier's UTC, and says nothing of the place.
        if event.place and not event.local_time_only and event.at.utcoffset()
    }
    return tuple(_placed(event, offsets) for event in events)


def _placed(event: TrackingEvent, offsets: dict[str, timedelta | None]) -> TrackingEvent:
    if not event.local_time_only or not event.place:
        return event
    offset = offsets.get(fold(event.place))
    if offset is None:
        offset = offset_in(event.place, event.at)
    if offset is None:
        return event
    try:
        return replace(event, at=(event.at.replace(tzinfo=UTC) - offset), local_time_only=False)
    except OverflowError:
        return event


def offset_in(place: str, local: datetime) -> timedelta | None:
    """How far a place is from UTC at a moment of its own clock.

    Args:
        place: Ends with the country's two letters, as adapters write places: ``Leipzig, DE``.
        local: The wall-clock time.

    Returns:
        ``None`` where the country is not named, or had more than one time then.

    Source: CLDR's zones of each territory, by Babel; the rules by the system's tz database.
    """
    zones = _zones(country_of(place) or "")
    found = {local.replace(tzinfo=zone).utcoffset() for zone in zones}
    return found.pop() if len(found) == 1 else None


def country_of(place: str | None) -> str | None:
    """The country a place ends with, ISO 3166 alpha-2 in upper case; ``None`` without one."""
    last = (place or "").rpartition(",")[2].strip().upper()
    return last if last in get_global("territory_zones") else None


@cache
def _zones(country: str) -> tuple[ZoneInfo, ...]:
    names = get_global("territory_zones").get(country, ())
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except ZoneInfoNotFoundError:
            return ()  # one unknown zone, and the country's time is not known either
    return tuple(found)
