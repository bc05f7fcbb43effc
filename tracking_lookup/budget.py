"""How many calls a source allows, and who may spend them."""

from collections import defaultdict
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Protocol

from kit.errors import RateLimited
from tracking_lookup.contract import CarrierManifest


class Urgency(Enum):
    """Why a source is asked, and which share of its calls that may use up.

    What is left over is kept for those above: the refresher can never leave a person without a
    call, however many parcels there are.
    """

    ASKED = 1.0  # a person is waiting
    PROMISED = 0.8  # near the promised day
    QUIET = 0.5  # any other parcel under way


class Budget(Protocol):
    """Counts calls, for every process that shares it."""

    async def take(self, manifest: CarrierManifest, urgency: Urgency, *, now: datetime) -> None:
        """Take one call, or refuse; two takers never get the same one.

        Raises:
            RateLimited: The share is spent, or the source asked to be left alone; ``retry_after``
                says when a call will be free.
        """
        ...

    async def rest(self, source: str, *, until: datetime) -> None:
        """Leave a source alone until then, whatever its calls."""
        ...


# A call is counted a little longer than the vendor counts it: it may have been slow on its way.
MARGIN: Final = timedelta(seconds=1)


def window_of(seconds: int) -> timedelta:
    """How long a call counts against a limit on so many seconds."""
    return timedelta(seconds=seconds) + min(MARGIN, timedelta(seconds=seconds) / 4)


def allowed(count: int, urgency: Urgency) -> int:
    """How many calls of ``count`` there may be in a window before this urgency is refused.

    At least one: a limit of one call must not shut the refresher out for ever.
    """
    return max(1, int(count * urgency.value))


def kept(manifest: CarrierManifest) -> timedelta:
    """How long a call to a source counts against the longest of its limits."""
    return max((window_of(seconds) for _, seconds in manifest.calls), default=timedelta(0))


def spent(source: str, count: int, seconds: int, wait: timedelta) -> RateLimited:
    """The refusal of a share of ``count`` calls in ``seconds`` that is used up."""
    return RateLimited(
        source,
        f"our own limit of {count} calls in {seconds} seconds is used up",
        max(0.0, wait.total_seconds()),
    )


def resting(source: str, wait: timedelta) -> RateLimited:
    """The refusal of a source that asked to be left alone."""
    return RateLimited(source, "left alone as it asked", max(0.0, wait.total_seconds()))


class LocalBudget:
    """``Budget`` of one process, in memory: for commands that run without a database."""

    def __init__(self) -> None:
        self._calls: dict[str, list[datetime]] = defaultdict(list)
        self._rest: dict[str, datetime] = {}

    async def take(self, manifest: CarrierManifest, urgency: Urgency, *, now: datetime) -> None:
        """See ``Budget.take``."""
        until = self._rest.get(manifest.slug)
        if until is not None and now < until:
            raise resting(manifest.slug, until - now)
        calls = [at for at in self._calls[manifest.slug] if at > now - kept(manifest)]
        for count, seconds in manifest.calls:
            window, share = window_of(seconds), allowed(count, urgency)
            if len(calls) >= share and calls[-share] > now - window:
                raise spent(manifest.slug, count, seconds, calls[-share] + window - now)
        self._calls[manifest.slug] = [*calls, now]

    async def rest(self, source: str, *, until: datetime) -> None:
        """See ``Budget.rest``."""
        self._rest[source] = max(until, self._rest.get(source, until))
