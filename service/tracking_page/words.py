"""The page's words by language, and dates and ages in them. One JSON file a language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta

FOLDER: Final = Path(__file__).parent / "words"
RIGHT_TO_LEFT: Final = "rtl"
# An age up to here is told in hours; one of days reads better as such.
_HOURS: Final = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Attributes:
        lang: Two letters.
        dir: ``ltr`` or ``rtl``.
        locale: Whose dates and ages are written.
    """

    lang: str
    dir: str
    name: str
    locale: Locale
    by_key: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """A text, with its variables put in. Raises ``KeyError`` for a key or variable missing."""
        return self.by_key[key].format(**values)

    def day(self, at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
        """``Tuesday 24 November``; with its year where that is another one."""
        local = at.astimezone(zone)
        if local.year != now.astimezone(zone).year:
            return str(format_date(local.date(), "long", locale=self.locale))
        return str(format_date(local.date(), self.by_key["day_format"], locale=self.locale))

    def clock(self, at: datetime) -> str:
        """``14:05``, or as the language writes it. In the zone that ``at`` is in."""
        return str(format_time(at, "short", tzinfo=at.tzinfo, locale=self.locale))

    def short_day(self, at: datetime) -> str:
        """``Tue 24 Nov``. In the zone that ``at`` is in."""
        return str(format_skeleton("MMMEd", at, tzinfo=at.tzinfo, locale=self.locale))

    def age(self, at: datetime, *, now: datetime) -> str:
        """``3 hours ago``. What lies ahead by a clock's error is ``just now``."""
        age = now - at
        if age < timedelta(minutes=1):
            return self("just_now")
        unit: Literal["minute", "hour", "day"] = "day"
        if age < _HOURS:
            unit = "minute" if age < timedelta(minutes=90) else "hour"
        return str(
            format_timedelta(
                -age,
                granularity=unit,
                threshold=99,
                add_direction=True,
                locale=self.locale,
            )
        )


def _load(path: Path) -> Words:
    texts = json.loads(path.read_text("utf-8"))
    return Words(
        lang=texts["lang"],
        dir=texts["dir"],
        name=texts["name"],
        locale=Locale.parse(texts["locale"]),
        by_key=MappingProxyType(texts),
    )


LANGUAGES: Final[Mapping[str, Words]] = {
    path.stem: _load(path) for path in sorted(FOLDER.glob("*.json"))
}


def choose(asked: str, accepted: str) -> Words:
    """The visitor's language: the one asked for, else the first accepted that there is.

    Args:
        asked: Of the address, ``de``; empty or unknown: not asked.
        accepted: The browser's ``Accept-Language``, whose order is taken for its weights.
    """
    for wanted in (asked, *accepted[:200].split(",")):
        words = LANGUAGES.get(wanted.strip()[:2].lower())
        if words is not None:
            return words
    return LANGUAGES["en"]
