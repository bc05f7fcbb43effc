"""The shop's terms: when people answer, how soon, and what counts as high value.

Read from a YAML file (``SHOP_HOURS``); ``docs/handoff.md`` describes it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import holidays
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kit.errors import Misconfigured
from service.hours.model import Hours, Interval

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LEVELS: Final = ("safety", "urgent", "high", "normal", "low")
# Public holidays are written out for so many years.
YEARS: Final = range(2024, 2041)


@dataclass(frozen=True)
class Terms:
    """What the shop promises to shoppers who need a person.

    Attributes:
        answer_within: Open time, by the priority's name in lower case.
        warn_at: Which part of the time may pass before the owner is warned.
        high_value: An order worth this much is a case of its own; ``None``: no order is.
        mails: Whether an answer can go by e-mail to who has left the page.
    """

    hours: Hours
    answer_within: Mapping[str, timedelta] = field(
        default_factory=lambda: (
            dict.fromkeys(LEVELS, timedelta(hours=4))
            | {
                "safety": timedelta(hours=1),
                "urgent": timedelta(hours=1),
                "high": timedelta(hours=2),
            }
        )
    )
    warn_at: float = 0.75
    high_value: Decimal | None = Decimal(250)
    mails: bool = False


def load(path: Path | None, zone: ZoneInfo, *, mails: bool = False) -> Terms:
    """The terms in a file; without one, people answer at all hours.

    Args:
        zone: The shop's.

    Raises:
        Misconfigured: Not readable, or something in it is not what it must be; names it.
    """
    if path is None:
        return Terms(Hours(zone), mails=mails)
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        hours = Hours(
            zone,
            week=tuple(file.hours.get(day, ()) for day in DAYS) if file.hours else Hours(zone).week,
            closed=frozenset(file.holidays.closed) | _public(file.holidays),
            special=file.holidays.open,
        )
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"SHOP_HOURS: {path} cannot be read") from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"SHOP_HOURS: {path} is not YAML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Misconfigured(f"SHOP_HOURS: {path}: {wrong}") from error
    usual = Terms(hours, mails=mails)
    return Terms(
        hours,
        answer_within=dict(usual.answer_within) | file.answer_within,
        warn_at=file.warn_at,
        high_value=file.high_value,
        mails=mails,
    )


def _intervals(value: Any) -> tuple[Interval, ...]:
    """``"09:00-12:30, 13:30-18:00"``; ``"closed"`` or nothing: shut; ``"all day"``: never."""
    text = "" if value is None or value is False else str(value).strip().lower()
    if text in {"", "closed"}:
        return ()
    if text in {"all day", "24 hours"}:
        return (Interval(time(0), None),)
    found: list[Interval] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})", part.strip())  # noqa: RUF001
        if match is None:
            raise ValueError(f"{part.strip()!r} must look like 09:00-17:30")
        start = _time(match[1])
        end = None if match[2] == "24:00" else _time(match[2])
        if end is not None and end <= start:
            raise ValueError(f"{part.strip()!r} ends before it begins; cut it at 24:00")
        if found and (found[-1].end is None or start < found[-1].end):
            raise ValueError(f"{part.strip()!r} begins before the one before it has ended")
        found.append(Interval(start, end))
    return tuple(found)


def _time(text: str) -> time:
    hour, minute = map(int, text.split(":"))
    return time(hour, minute)


def _duration(value: Any) -> timedelta:
    """``"90m"``, ``"4h"``: hours or minutes of open time."""
    match = re.fullmatch(r"(\d+)\s*(m|min|h|hours?)", str(value).strip().lower())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{value!r} must look like 30m or 4h")
    return timedelta(minutes=int(match[1]) * (1 if match[2].startswith("m") else 60))


def _level(value: Any) -> Any:
    if value not in LEVELS:
        raise ValueError(f"{value!r} is none of {', '.join(LEVELS)}")
    return value


def _day(value: Any) -> Any:
    if value not in DAYS:
        raise ValueError(f"{value!r} is no day of the week in English, in lower case")
    return value


Intervals = Annotated[tuple[Interval, ...], BeforeValidator(_intervals)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]


class _Holidays(BaseModel):
    model_config = ConfigDict(extra="forbid")

    country: str | None = None
    region: str | None = None
    closed: list[date] = []
    open: dict[date, Intervals] = {}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hours: dict[Annotated[str, BeforeValidator(_day)], Intervals] = {}
    holidays: _Holidays = _Holidays()
    answer_within: dict[Annotated[str, BeforeValidator(_level)], Duration] = {}
    warn_at: float = Field(0.75, gt=0, lt=1)
    high_value: Decimal | None = Field(Decimal(250), gt=0)


def _public(said: _Holidays) -> frozenset[date]:
    """A country's public holidays, without those that the shop says it is open on."""
    if said.country is None:
        return frozenset()
    try:
        days = holidays.country_holidays(said.country, subdiv=said.region, years=YEARS)
    except NotImplementedError as error:
        raise Misconfigured(
            f"SHOP_HOURS: no holidays are known for {said.country} {said.region or ''}".strip()
        ) from error
    return frozenset(days)
