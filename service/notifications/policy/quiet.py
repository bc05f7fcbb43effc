"""When a message may ring at a recipient's: their zones, the local rules, the shop's hours. Pure.

Nobody is asked where they are. What is known (the telephone number, the address) names zones and
rules; where it names several, a moment must suit all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from babel.core import get_global
from phonenumbers import timezone as phone_zones

from kit import yaml_text

FILE: Final = Path(__file__).parent / "quiet_hours.yml"
STEP: Final = timedelta(minutes=15)
"""Hours of the file start and end at such minutes, in every zone there is."""
FURTHEST: Final = timedelta(days=8)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Hours = tuple[tuple[time, time] | None, ...]
"""From and to by weekday, Monday first; ``None``: none that day. To midnight is ``time.max``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Hours of a country or of a state.

    Attributes:
        state: ``"FL"``; empty: of the whole country.
        areas: The state's area codes. postcodes: Beginnings of its postcodes.
    """

    country: str
    state: str
    hours: Hours
    areas: frozenset[str]
    postcodes: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of where a recipient is. ``phone``: E.164. ``country``: two letters."""

    phone: str | None = None
    country: str | None = None
    postcode: str | None = None


def free_at(place: Place, hours: Hours, *, now: datetime, home: ZoneInfo) -> datetime | None:
    """The first moment from now on at which a message may ring.

    Args:
        hours: The shop's own, on the recipient's clock; the same every day, or not.
        home: The shop's zone, where nothing is known of the recipient.

    Returns:
        Now, or the start of the next hours that suit all zones and rules; ``None`` where there is
        no such moment within eight days.
    """
    zones, rules = zones_of(place, home), rules_of(place)
    if _is_free(now, zones, rules, hours):
        return now
    moment = _ceil(now)
    while moment - now <= FURTHEST:
        if _is_free(moment, zones, rules, hours):
            return moment
        moment += STEP
    return None


def zones_of(place: Place, home: ZoneInfo) -> frozenset[ZoneInfo]:
    """Every zone that the recipient may be in; the shop's where nothing is known.

    The number's zones and the address's: a number from New York may be carried in Lisbon. Of an
    address in a country with many zones that the postcode does not tell apart, the number decides
    where it is of the same country.
    """
    by_phone = _phone_zones(place.phone) if place.phone else frozenset()
    precise = _postcode_zones(place.country or "", place.postcode or "")
    if precise:
        return by_phone | precise
    same = place.phone is not None and country_of(place.phone) == place.country
    by_country = frozenset() if same and by_phone else _country_zones(place.country or "")
    return by_phone | by_country or frozenset({home})


def zone_of(place: Place, home: ZoneInfo, *, now: datetime) -> ZoneInfo:
    """One zone to tell the recipient's day by: of several the middle one by the clock now."""
    zones = sorted(
        zones_of(place, home), key=lambda zone: (now.astimezone(zone).utcoffset(), zone.key)
    )
    return zones[len(zones) // 2]


def rules_of(place: Place) -> list[Rule]:
    """The local rules that may hold.

    In a country whose states differ, with nothing that names one, those of every state: the
    strictest of them hold.
    """
    number = _number(place.phone)
    region = country_of(place.phone)
    found = []
    for rule in _rules():
        here = rule.country == place.country
        calls = rule.country == region
        if not rule.state and (here or calls):
            found.append(rule)
        elif rule.state and (here or calls):
            area = str(number.national_number)[:3] if calls and number else None
            postcode = (place.postcode or None) if here else None
            named = area in rule.areas or any(
                postcode and postcode.startswith(start) for start in rule.postcodes
            )
            if named or (area is None and postcode is None):
                found.append(rule)
    return found


def parse_hours(written: Mapping[str, str]) -> Hours:
    """``{"mon-fri": "09:00-18:00", "sat": "10:00-17:00"}``.

    Raises:
        ValueError: Not of that shape.
    """
    hours: list[tuple[time, time] | None] = [None] * 7
    for days, span in written.items():
        first, _, last = days.partition("-")
        start, _, end = span.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS or not end:
            raise ValueError(f"{days}: {span} is not like mon-fri: 09:00-18:00")
        opens = time.fromisoformat(start)
        closes = time.max if end == "24:00" else time.fromisoformat(end)
        if opens >= closes or any(t.minute % 15 for t in (opens, closes) if t != time.max):
            raise ValueError(f"{span}: from must be before to, both at a quarter of an hour")
        for day in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
            hours[day] = (opens, closes)
    return tuple(hours)


@cache
def _rules() -> Sequence[Rule]:
    """The file's rules. Raises ``ValueError`` or ``KeyError`` where it is damaged."""
    return [
        Rule(
            country=entry["where"][:2],
            state=entry["where"][3:],
            hours=parse_hours(entry["hours"]),
            areas=frozenset(entry.get("areas", ())),
            postcodes=frozenset(_starts(entry.get("postcodes", ()))),
            source=entry["source"],
        )
        for entry in _file()["rules"]
    ]


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = yaml_text.load(FILE.read_text("utf-8"))
    return found


def _starts(written: Iterable[str]) -> Iterable[str]:
    """``"320-349"`` is each of thirty beginnings."""
    for span in written:
        first, _, last = span.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield str(number).zfill(len(first))


def _is_free(
    moment: datetime, zones: Iterable[ZoneInfo], rules: Sequence[Rule], hours: Hours
) -> bool:
    spans = [hours, *(rule.hours for rule in rules)]
    for zone in zones:
        local = moment.astimezone(zone)
        for each in spans:
            span = each[local.weekday()]
            if span is None or not span[0] <= local.time() < span[1]:
                return False
    return True


def _ceil(moment: datetime) -> datetime:
    """The next quarter of an hour in UTC, which is one in every zone."""
    moment = moment.astimezone(UTC)
    over = timedelta(
        minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond
    )
    return moment - over + STEP if over else moment


@lru_cache(maxsize=4096)
def country_of(phone: str | None) -> str | None:
    """Whose number it is; ``None``: of no known country."""
    number = _number(phone)
    return phonenumbers.region_code_for_number(number) if number else None


@lru_cache(maxsize=4096)
def _number(phone: str | None) -> phonenumbers.PhoneNumber | None:
    if not phone:
        return None
    try:
        return phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=4096)
def _phone_zones(phone: str) -> frozenset[ZoneInfo]:
    """Source: phonenumbers, which has the zones of each prefix from libphonenumber."""
    number = _number(phone)
    names = phone_zones.time_zones_for_number(number) if number else ()
    return frozenset(ZoneInfo(name) for name in names if name in _names())


@lru_cache(maxsize=512)
def _country_zones(country: str) -> frozenset[ZoneInfo]:
    """Source: CLDR's zones of each territory, by Babel."""
    names = get_global("territory_zones").get(country, ())
    return frozenset(ZoneInfo(name) for name in names if name in _names())


def _postcode_zones(country: str, postcode: str) -> frozenset[ZoneInfo]:
    table: Mapping[str, Sequence[str]] = _file()["zones"].get(country, {})
    for length in range(min(len(postcode), 3), 0, -1):
        if postcode[:length] in table:
            return frozenset(map(ZoneInfo, table[postcode[:length]]))
    return frozenset()


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """A day's first moment in a zone, aware; where the clock skips midnight, the first after."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
