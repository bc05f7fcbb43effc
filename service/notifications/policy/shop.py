"""What the shop wants told, and how: ``notifications`` of ``shop.yml``.

The file is read again when it changes. While the section cannot be read nothing is told, and the
log says why: a slip must not write to people in ways that the shop has ruled out.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kit.errors import BadInput
from kit.shop_file import section
from service.notifications.news import MUST_ACT, Kind, Trigger
from service.notifications.policy.quiet import Hours, parse_hours
from service.settings import Settings

log = structlog.get_logger()

OneWay = tuple[Kind, ...]
Ways = tuple[OneWay, ...]
# A phone of the shopper's, the free ways to it first.
PHONE: Final[OneWay] = (Kind.PUSH, Kind.TELEGRAM, Kind.WHATSAPP, Kind.SMS)
MAIL: Final[OneWay] = (Kind.EMAIL,)
# In writing, and on the phone where it cannot wait; news that only reassures is in writing alone.
DEFAULTS: Final[Mapping[Trigger, Ways]] = {
    trigger: (MAIL, PHONE)
    if trigger
    in {
        *MUST_ACT,
        Trigger.DELAYED,
        Trigger.ARRIVING_TOMORROW,
        Trigger.OUT_FOR_DELIVERY,
        Trigger.DELIVERED,
        Trigger.DELIVERED_ELSEWHERE,
        Trigger.ALL_DELIVERED,
    }
    else (MAIL,)
    for trigger in Trigger
}

_EVERY_WAY: Final = [Kind.EMAIL, Kind.PUSH, Kind.WHATSAPP, Kind.SMS]
# The demo shop's people do not exist: they are told at once, at night, too, and by every way.
DEMO: Final[Mapping[str, Any]] = {
    "agreed_at_checkout": [Kind.SMS, Kind.WHATSAPP],
    "hours": {"mon-sun": "00:00-24:00"},
    "a_day": 50,
    "merge_seconds": 1,
    "triggers": {Trigger.OUT_FOR_DELIVERY: _EVERY_WAY, Trigger.DELIVERED: _EVERY_WAY},
}

Share = Annotated[float, Field(ge=0, le=0.5)]
Dollars = Annotated[Decimal, Field(ge=0)]


class Notices(BaseModel):
    """The section; everything is optional.

    Attributes:
        triggers: Ways by trigger. All of a trigger's ways are used; of one way the cheapest kind
            that the shopper agreed to, and the next where that fails. No way: not told.
        agreed_at_checkout: Kinds that the shop's checkout asks for consent to, so that every order
            comes with it.
        hours: When a message may ring, on the recipient's clock; local rules hold besides.
        a_day: How many messages one person gets in a day, without those that need them to act.
        not_shipped_days: After so many days an order without a parcel is late.
        max_age_hours: What happened longer ago is not told.
        merge_seconds: How long news waits for other news of the same order.
        fallback_minutes: A message that has not arrived by then is sent by the way's next kind.
        holdout: Share of orders that are not told, to see what telling is worth; by trigger.
        caps: Most US dollars a month, by kind.
        channels: Which of several channels sends a kind, as its slug; else the first by name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    triggers: Mapping[Trigger, Ways] = {}
    agreed_at_checkout: tuple[Kind, ...] = ()
    hours: Mapping[str, str] = {"mon-sun": "08:00-21:00"}
    a_day: int = Field(1, ge=1, le=100)
    not_shipped_days: int = Field(5, ge=1, le=90)
    max_age_hours: int = Field(48, ge=1, le=24 * 30)
    merge_seconds: int = Field(20, ge=0, le=3600)
    fallback_minutes: int = Field(30, ge=1, le=24 * 60)
    holdout: Mapping[Trigger, Share] = {}
    caps: Mapping[Kind, Dollars] = {}
    channels: Mapping[Kind, str] = {}

    @field_validator("triggers", mode="before")
    @classmethod
    def _one_is_a_way(cls, value: object) -> object:
        """``[email, [push, sms]]``: a kind alone is a way of one."""
        if not isinstance(value, Mapping):
            return value
        return {
            trigger: [[way] if isinstance(way, str) else way for way in ways]
            if isinstance(ways, list)
            else ways
            for trigger, ways in value.items()
        }

    @field_validator("hours")
    @classmethod
    def _readable(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if not any(parse_hours(value)):
            raise ValueError("there must be hours on some day")
        return value

    @field_validator("holdout")
    @classmethod
    def _not_who_must_act(cls, value: Mapping[Trigger, float]) -> Mapping[Trigger, float]:
        wrong = sorted(MUST_ACT & value.keys())
        if wrong:
            raise ValueError(f"{wrong[0]} asks the shopper to act: it is withheld from nobody")
        return value

    def ways(self, trigger: Trigger) -> Ways:
        """How a trigger is told; empty: not at all."""
        return self.triggers.get(trigger, DEFAULTS[trigger])

    @property
    def may_ring(self) -> Hours:
        """``hours``, read."""
        return parse_hours(self.hours)

    @property
    def max_age(self) -> timedelta:
        """``max_age_hours``."""
        return timedelta(hours=self.max_age_hours)


def parse(text: str, *, demo: bool = False) -> Notices:
    """Read section ``notifications`` of ``shop.yml``.

    Args:
        demo: Where the file says nothing else, it is as in ``DEMO``.

    Raises:
        BadInput: Not YAML, or something in it is not as it must be; says where and why, one a line.
    """
    try:
        given = section(text, "notifications")
        return Notices.model_validate({**(DEMO if demo else {}), **given})
    except ValidationError as error:
        wrong = (
            f"notifications.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
        )
        raise BadInput("\n".join(wrong)) from error


def notices_of(settings: Settings) -> Notices:
    """What the shop wants told, as its file says now."""
    path = settings.shop_file
    return _read(path, path.stat().st_mtime_ns if path.exists() else None, demo=settings.demo)


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int | None, *, demo: bool) -> Notices:
    try:
        return parse(path.read_text("utf-8") if changed_ns else "", demo=demo)
    except (BadInput, UnicodeDecodeError) as error:
        log.error("shop_file_refused", file=path.name, why=str(error))
        return Notices(triggers=dict.fromkeys(Trigger, ()))
