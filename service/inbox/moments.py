"""Later: the moments that an agent may choose, in the shop's time zone. Pure."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kit.errors import BadInput

MORNING: Final = time(9)
# No further: who looks at it then knows nothing of it any more.
FURTHEST: Final = timedelta(days=90)

CHOICES: Final[Mapping[str, str]] = {
    "hour": "In an hour",
    "hours": "In 3 hours",
    "tomorrow": "Tomorrow, 9:00",
    "monday": "Monday, 9:00",
    "week": "In a week, 9:00",
}


def moment(choice: str, at: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment that was chosen.

    Args:
        choice: One of ``CHOICES``; empty takes ``at``.
        at: A date and time of the shop's clock, as a browser's field gives it
            (``2026-11-23T09:00``).

    Raises:
        BadInput: Neither, or a moment that is past or too far away.
    """
    today = now.astimezone(zone).date()
    days = {"tomorrow": 1, "monday": 7 - today.weekday(), "week": 7}
    if choice in days:
        return datetime.combine(today + timedelta(days=days[choice]), MORNING, zone)
    if choice in {"hour", "hours"}:
        return now + timedelta(hours=1 if choice == "hour" else 3)
    try:
        chosen = datetime.fromisoformat(at).replace(tzinfo=zone)
    except ValueError as error:
        raise BadInput("Choose a date and a time.") from error
    if not now < chosen <= now + FURTHEST:
        raise BadInput("Choose a moment between now and 90 days from now.")
    return chosen
