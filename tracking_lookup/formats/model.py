"""What a row of the table of formats says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from tracking_lookup.formats.checks import Check

# Carriers who may carry it, the likeliest first.
Carriers = tuple[str, ...]


class Mark(Enum):
    """How far a number's look alone tells whose it is."""

    OWN = "own"
    """A prefix or a length that hardly anything else has."""
    COMMON = "common"
    """Order, phone or card numbers look like it too."""
    NAMED = "named"
    """Words look like it too: believed only where the carrier is named."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way a carrier writes its numbers.

    Attributes:
        name: For people and for tests.
        carriers: Slugs of those who may carry it, the likeliest first.
        lengths: How many characters it may have, separators left out.
        pattern: For the whole number, in capitals without separators. With a ``check`` it has
            groups ``serial`` and ``check``; with ``posts`` a group ``country``.
        source: Where the format, and its check digit, are published.
        check: The check character of a serial; ``None`` where none is published.
        posts: For formats that end in a country: its post's slugs. A country that is not in it
            makes the number another thing. Empty for all others.
        whole: Its length says nothing: written in pieces, it must be followed by no more of them.
    """

    name: str
    carriers: Carriers
    lengths: tuple[int, ...]
    pattern: str
    mark: Mark
    source: str
    check: Check | None = None
    posts: Mapping[str, Carriers] = field(default_factory=dict)
    whole: bool = False
    _compiled: "re.Pattern[str]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", re.compile(self.pattern))

    def read(self, number: str) -> "Reading | None":
        """Who carries ``number`` if it is of this format; ``None`` if it is not.

        Args:
            number: In capitals, without separators.
        """
        match = self._compiled.fullmatch(number)
        if match is None:
            return None
        if self.check is not None and self.check(match["serial"]) != match["check"]:
            return None
        if not self.posts:
            return Reading(self.carriers, None)
        country = match["country"]
        posts = self.posts.get(country)
        return Reading(posts + self.carriers, country) if posts else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format says of a number.

    Attributes:
        country: ISO 3166 alpha-2, whose post gave the number out; ``None`` if it does not say.
    """

    carriers: Carriers
    country: str | None
