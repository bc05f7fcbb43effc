"""What a carrier's scans do not mean what they say: ``quirks.yml``, read once."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from kit import yaml_text
from kit.text import fold
from tracking_lookup.calendars import WEEKEND

FILE: Final = Path(__file__).with_name("quirks.yml")
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Quirk:
    """How one carrier differs from what its words say.

    Attributes:
        hubs: Places, folded, where "delivered" is the carrier's own hub and not the shopper.
        delivered_early: How long before the parcel arrives "delivered" may be scanned.
        days_off: Weekdays without scans, Monday is 0.
    """

    hubs: tuple[str, ...] = ()
    delivered_early: timedelta | None = None
    days_off: frozenset[int] = WEEKEND

    def is_hub(self, place: str | None) -> bool:
        """Whether a place is one of the hubs; only its town counts."""
        return bool(place) and any(hub in fold(place or "") for hub in self.hubs)


def of(carrier: str) -> Quirk:
    """A carrier's quirks; those of any carrier where the file names none."""
    return _read().get(carrier, _PLAIN)


_PLAIN: Final = Quirk()


@cache
def _read() -> dict[str, Quirk]:
    """Raises ``KeyError`` or ``ValueError`` for a wrong file: it is ours, and a test reads it."""
    found: dict[str, dict[str, Any]] = {}
    for entry in yaml_text.load(FILE.read_text())["quirks"]:
        about = found.setdefault(entry["carrier"], {})
        match entry["kind"]:
            case "delivered_at_hub":
                about["hubs"] = (*about.get("hubs", ()), *map(fold, entry["places"]))
            case "delivered_early":
                about["delivered_early"] = timedelta(hours=entry["hours"])
            case "days_off":
                about["days_off"] = frozenset(_WEEKDAYS.index(day) for day in entry["days"])
            case other:
                raise ValueError(f"no such kind of quirk: {other}")
    return {carrier: Quirk(**about) for carrier, about in found.items()}
