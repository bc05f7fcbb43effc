"""Last moments to order, by season, service and destination, from ``cutoffs.yml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from faq import season as seasons
from faq.reading import Broken, Node, Problem, compose, names, text_of
from faq.season import Day
from kit.errors import BadInput

CUTOFFS: Final = Path(__file__).resolve().parent / "cutoffs.yml"

MAX_FILE_BYTES: Final = 500_000

Names = Mapping[str, str]
Words = Mapping[str, tuple[str, ...]]

# A row whose day lies further from the season belongs to another year's.
_NEAR: Final = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Zone:
    """Destinations with the same dates; without countries, those of no other zone."""

    key: str
    countries: frozenset[str]
    names: Names
    words: Words


@dataclass(frozen=True, slots=True)
class Service:
    """A way of delivery, and what people call it."""

    key: str
    names: Names
    words: Words


@dataclass(frozen=True, slots=True)
class Moment:
    """A day in one of the three ways, and an hour of it in the shop's time zone."""

    day: Day
    at: time

    def near(self, to: date, zone: ZoneInfo, market: str) -> datetime:
        """The moment, of the year that brings it nearest to a day."""
        return datetime.combine(self.day.nearest(to, market), self.at, zone)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    carrier: str
    service: str
    zone: str
    order_by: Moment


@dataclass(frozen=True, slots=True)
class Instead:
    """What is possible without delivery; in ``zones``, or everywhere if there are none."""

    names: Names
    until: Moment | None
    zones: frozenset[str]


@dataclass(frozen=True, slots=True)
class Season:
    """What something must arrive for, its rows and what is possible instead."""

    key: str
    by: Day
    names: Names
    words: Words
    rows: tuple[Row, ...]
    instead: tuple[Instead, ...]


@dataclass(frozen=True, slots=True)
class CutoffTable:
    """The whole file, each part in its order there."""

    zones: Mapping[str, Zone] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    seasons: Mapping[str, Season] = field(default_factory=dict)

    def zone_of(self, country: str) -> Zone | None:
        """The first zone that names a country, else the one for the rest."""
        for zone in self.zones.values():
            if country in zone.countries:
                return zone
        return next((zone for zone in self.zones.values() if not zone.countries), None)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The last moment for one service to one zone, in the season nearest to the reader."""

    service: Service
    zone: Zone
    moment: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """The table, as it is read at one moment in one market.

    Attributes:
        now: Aware, in the shop's time zone.
        market: The country for days that differ by country.
    """

    table: CutoffTable
    now: datetime
    market: str

    def season(self, key: str) -> Season:
        """A season by its key. Raises ``BadInput`` where there is none."""
        try:
            return self.table.seasons[key]
        except KeyError:
            known = ", ".join(self.table.seasons) or "none"
            raise BadInput(f"cutoffs.yml has no season {key!r}; there are: {known}") from None

    def by(self, key: str) -> date:
        """The day by which things arrive, nearest to now."""
        return self.season(key).by.nearest(self.now.date(), self.market)

    def rows(self, key: str) -> list[Cutoff]:
        """A season's last moments, by zone and service in the file's order.

        Of two carriers with the same service to the same zone, the later one counts; a row of
        another year is none.
        """
        by = self.by(key)
        latest: dict[tuple[str, str], datetime] = {}
        for row in self.season(key).rows:
            moment = self._moment(row.order_by, by)
            if moment is None:
                continue
            place = (row.zone, row.service)
            latest[place] = max(moment, latest.get(place, moment))
        zones, services = list(self.table.zones), list(self.table.services)
        ordered = sorted(latest, key=lambda p: (zones.index(p[0]), services.index(p[1])))
        return [
            Cutoff(self.table.services[service], self.table.zones[zone], latest[zone, service])
            for zone, service in ordered
        ]

    def instead(self, key: str, zone: Zone | None) -> list[tuple[Instead, datetime | None]]:
        """What is still possible without delivery, and until when; ``None``: always."""
        found = []
        for one in self.season(key).instead:
            until = self._moment(one.until, self.by(key)) if one.until else None
            ended = one.until is not None and (until is None or until < self.now)
            if not ended and (zone is None or not one.zones or zone.key in one.zones):
                found.append((one, until))
        return found

    def open(self, cutoff: Cutoff) -> bool:
        """Whether there is still time; the last moment itself counts."""
        return self.now <= cutoff.moment

    def _moment(self, moment: Moment, by: date) -> datetime | None:
        found = moment.near(by, self.now.tzinfo, self.market)  # type: ignore[arg-type]
        return found if abs(found.date() - by) <= _NEAR else None


def load(
    path: Path = CUTOFFS, *, own: seasons.Names | None = None
) -> tuple[CutoffTable, list[Problem]]:
    """Read ``cutoffs.yml``; one that cannot be read is a problem, and the table is empty."""
    try:
        return parse(text_of(path, at_most=MAX_FILE_BYTES), own=own), []
    except Broken as broken:
        return CutoffTable(), [Problem(path.name, broken.line, broken.reason)]


def parse(text: str, *, own: seasons.Names | None = None) -> CutoffTable:
    """A table from YAML.

    Args:
        own: The shop's named days.

    Raises:
        Broken: With the line and what is wrong there.
    """
    fields = compose(text, "cutoffs.yml").fields(("zones", "services", "seasons"))
    for name in ("zones", "services", "seasons"):
        if name not in fields:
            raise Broken(1, f"{name} is missing")
    zones = {key: _zone(key, node) for key, node in fields["zones"].fields().items()}
    services = {key: _service(key, node) for key, node in fields["services"].fields().items()}
    known = CutoffTable(zones, services)
    found = fields["seasons"].fields()
    return CutoffTable(
        zones, services, {key: _season(key, node, known, own) for key, node in found.items()}
    )


def _zone(key: str, node: Node) -> Zone:
    fields = _fields(node, ("countries", "names", "words"), needed=("countries", "names"))
    countries = fields["countries"]
    rest = str(countries.raw.value) == "rest"
    codes = frozenset() if rest else frozenset(countries.texts())
    for code in codes:
        if len(code) != 2 or not code.isupper():
            raise countries.broken(f"{code!r} is not a country such as GB")
    return Zone(key, codes, names(fields["names"]), _words(fields))


def _service(key: str, node: Node) -> Service:
    fields = _fields(node, ("names", "words"), needed=("names",))
    return Service(key, names(fields["names"]), _words(fields))


def _season(key: str, node: Node, known: CutoffTable, own: seasons.Names | None) -> Season:
    allowed = ("by", "names", "words", "rows", "instead")
    fields = _fields(node, allowed, needed=("by", "names", "rows"))
    return Season(
        key=key,
        by=fields["by"].as_(partial(seasons.read, own=own)),
        names=names(fields["names"]),
        words=_words(fields),
        rows=tuple(_row(one, known, own) for one in fields["rows"].entries()),
        instead=tuple(
            _instead(one, known, own)
            for one in (fields["instead"].entries() if "instead" in fields else ())
        ),
    )


def _row(node: Node, known: CutoffTable, own: seasons.Names | None) -> Row:
    allowed = ("carrier", "service", "zone", "order_by")
    fields = _fields(node, allowed, needed=("service", "zone", "order_by"))
    return Row(
        carrier=fields["carrier"].text() if "carrier" in fields else "",
        service=_one_of(fields["service"], known.services),
        zone=_one_of(fields["zone"], known.zones),
        order_by=fields["order_by"].as_(partial(_moment, own=own)),
    )


def _instead(node: Node, known: CutoffTable, own: seasons.Names | None) -> Instead:
    fields = _fields(node, ("names", "until", "zones"), needed=("names",))
    zones = fields["zones"].entries() if "zones" in fields else []
    return Instead(
        names=names(fields["names"]),
        until=fields["until"].as_(partial(_moment, own=own)) if "until" in fields else None,
        zones=frozenset(_one_of(zone, known.zones) for zone in zones),
    )


def _fields(node: Node, allowed: tuple[str, ...], *, needed: tuple[str, ...]) -> dict[str, Node]:
    fields = node.fields(allowed)
    for name in needed:
        if name not in fields:
            raise node.broken(f"{name} is missing in {node.name}")
    return fields


def _words(fields: Mapping[str, Node]) -> Words:
    if "words" not in fields:
        return {}
    return {lang: words.texts() for lang, words in fields["words"].fields().items()}


def _one_of(node: Node, known: Mapping[str, object]) -> str:
    if node.text() not in known:
        raise node.broken(f"there is no {node.text()!r}; there are: {', '.join(known)}")
    return node.text()


def _moment(text: str, *, own: seasons.Names | None) -> Moment:
    """``christmas - 3 days 14:00``."""
    day, _, hour = text.rpartition(" ")
    try:
        at = time.fromisoformat(hour)
    except ValueError as error:
        raise BadInput(f"{text!r} does not end in an hour such as 14:00") from error
    return Moment(seasons.read(day, own), at)
