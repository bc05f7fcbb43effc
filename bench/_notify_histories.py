"""Parcel histories for ``bench notify_replay``, and what is due of each, reckoned from it alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.notifications.policy import quiet

SEED: Final = 8
OPEN: Final = {"mon-sun": "08:00-21:00"}
"""The shop's hours in the replay."""
FREE_FOR: Final = timedelta(hours=2)
"""How long a recipient's day or night lasts at least, from the run's begin."""
# What a code means for a shopper who waits, in this bench's own words; others mean "it moves".
MEANS: Final = {
    "LBL": "shipped",
    "CUS": "customs",
    "OFD": "out_for_delivery",
    "NOT": "attempt_failed",
    "PKP": "ready_for_pickup",
    "RTS": "coming_back",
    "DLV": "delivered",
    "NBR": "delivered_elsewhere",
}
MOVES: Final = "first_movement"
OVER: Final = frozenset({"DLV", "NBR"})
STORIES: Final = (
    ("LBL", "PUP", "ARR", "DEP", "OFD", "DLV"),
    ("LBL", "PUP", "ARR", "OFD", "NBR"),
    ("LBL", "PUP", "CUS"),
    ("LBL", "PUP", "ARR", "OFD", "NOT"),
    ("LBL", "PUP", "ARR", "PKP"),
    ("LBL", "PUP", "ARR", "RTS"),
    ("LBL", "PUP", "ARR", "OFD"),
    ("LBL", "PUP"),
    ("LBL",),
)
MODES: Final = ("plain", "repeated", "reordered", "backfilled", "stale", "withdrawn", "imported")
# Of whom the number is, where there is day or night at any hour of the bench.
PREFIXES: Final = {"GB": "+4420", "US": "+1212", "JP": "+813", "AU": "+612", "IN": "+9122"}

Scan = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class History:
    """A parcel, what is heard of it and when.

    Attributes:
        arrivals: Scans as they come, several together where one answer brings them.
        whole: The arrivals are whole answers: what is missing from the next one is taken back.
        opted_out: Nothing may be said. asleep: Neither, as it is night there.
    """

    number: str
    phone: str
    country: str
    mode: str
    arrivals: tuple[tuple[Scan, ...], ...]
    whole: bool
    opted_out: bool
    asleep: bool

    @property
    def due(self) -> str | None:
        """What must have been told in the end; ``None``: nothing need be."""
        if self.opted_out or self.asleep or self.mode == "stale":
            return None
        last = self.arrivals[-1] if self.whole else sum(self.arrivals, ())
        code = max(last)[1]
        if self.mode == "imported" and code in OVER:
            return None  # it was over when it came to us
        return MEANS.get(code, MOVES)

    @property
    def ever(self) -> dict[str, datetime]:
        """All that was true at some time, in whichever order the scans were read, with the last."""
        scans = sorted(scan for arrival in self.arrivals for scan in arrival)
        return {MEANS.get(code, MOVES): at for at, code in scans}


def histories(count: int, now: datetime) -> list[History]:
    """Histories of every story and mode, for recipients who are awake, asleep or opted out."""
    rng = random.Random(SEED)
    awake, asleep = (places(now, free=free) for free in (True, False))
    made = []
    for n in range(count):
        story, mode = rng.choice(STORIES), rng.choice(MODES)
        night = rng.random() < 0.15
        country = rng.choice(asleep if night and asleep else awake)
        began = now - timedelta(hours=10 if mode != "stale" else 130, seconds=rng.randrange(3600))
        scans = [(began + timedelta(hours=k), code) for k, code in enumerate(story)]
        made.append(
            History(
                number=f"SBX{n:08}",
                phone=f"{PREFIXES[country]}{n:0{11 - len(PREFIXES[country])}}",
                country=country,
                mode=mode,
                arrivals=arrivals(scans, mode, rng),
                whole=mode in {"withdrawn", "imported"},
                opted_out=rng.random() < 0.1,
                asleep=country in asleep,
            )
        )
    return made


def arrivals(scans: list[Scan], mode: str, rng: random.Random) -> tuple[tuple[Scan, ...], ...]:
    """How a parcel's scans reach us."""
    single = [(scan,) for scan in scans]
    match mode:
        case "repeated":
            return tuple(each for each in single for _ in range(2))
        case "reordered":
            return tuple(rng.sample(single, len(single)))
        case "backfilled":
            old = [((scans[0][0] - timedelta(days=20 + k), "ARR"),) for k in range(2)]
            return (*single, *old)
        case "withdrawn":
            before = tuple(scans)
            slip = (scans[-1][0] + timedelta(minutes=30), "RTS")
            return before[:1], before, (*before, slip), before
        case "imported":
            return (tuple(scans),)
        case _:
            return tuple(single)


def places(now: datetime, *, free: bool) -> list[str]:
    """Countries in which messages may ring as long as the run may last, or may not."""
    hours = quiet.parse_hours(OPEN)
    steps = range(FREE_FOR // timedelta(minutes=15) + 1)
    moments = [now + timedelta(minutes=15 * k) for k in steps]
    found = []
    for country, prefix in PREFIXES.items():
        place = quiet.Place(prefix + "0" * (11 - len(prefix)), country)
        open_at = [quiet.free_at(place, hours, now=m, home=ZoneInfo("UTC")) == m for m in moments]
        if all(open_at) if free else not any(open_at):
            found.append(country)
    return found


def body(one: History, scans: Sequence[Scan], turn: int) -> dict[str, Any]:
    """A sandbox answer; ``turn`` makes the same scan's second webhook another body."""
    told = [{"code": code, "at": at.isoformat(), "place": "Leeds, GB"} for at, code in scans]
    return {"parcel": {"number": one.number, "promised": None, "scans": told}, "turn": turn}
