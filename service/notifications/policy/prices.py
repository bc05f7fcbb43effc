"""What a message costs, by ``prices.yml``. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from kit import yaml_text
from service.notifications.news import Kind
from service.notifications.policy.quiet import country_of

FILE: Final = Path(__file__).parent / "prices.yml"
ANYWHERE: Final = "*"


@dataclass(frozen=True, slots=True)
class Price:
    """A kind's price from a day on. ``where``: a country, or ``*``. ``usd``: US dollars each."""

    kind: Kind
    where: str
    usd: Decimal
    since: date
    source: str


def price(kind: Kind, phone: str | None, *, on: date) -> Decimal:
    """US dollars for one message, or one segment of it, to a number on a day.

    Args:
        phone: E.164; ``None``, and a number of no known country: what holds anywhere.
    """
    country = country_of(phone)
    of_kind = [entry for entry in prices() if entry.kind is kind and entry.since <= on]
    for where in (country, ANYWHERE):
        found = [entry for entry in of_kind if entry.where == where]
        if found:
            return max(found, key=lambda entry: entry.since).usd
    return Decimal(0)


@cache
def prices() -> Sequence[Price]:
    """Every entry. Raises ``ValueError`` or ``KeyError`` where the file is damaged."""
    return [
        Price(
            Kind(kind), entry["where"], Decimal(str(entry["usd"])), entry["since"], entry["source"]
        )
        for kind, entries in yaml_text.load(FILE.read_text("utf-8")).items()
        for entry in entries
    ]
