"""Ask a source: within its limits, not while it is down, and with its failures counted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from prometheus_client import Counter

from kit.errors import NotFound, RateLimited, Rejected, Unavailable, Upstream
from tracking_lookup.breaker import Breaker
from tracking_lookup.budget import Budget, Urgency
from tracking_lookup.contract import UNKNOWN_CARRIER, BatchCarrier, Carrier, Query
from tracking_lookup.detect import detect
from tracking_lookup.model import Status, Tracking

# A call that missed its asker's patience may still answer for the next one; after this it is ended.
CALL_SECONDS: Final = 20.0
# How long a source that said "too many requests" without a time is left alone.
REST: Final = timedelta(seconds=60)
# How long a person's question waits for a source's next free call; longer than their patience is
# of no use to them.
MOMENT: Final = 2.0

UNKNOWN_CODES = Counter(
    "wismo_unknown_tracking_codes", "Codes with no row in the carrier's table.", ["carrier"]
)
CALLS = Counter("wismo_tracking_calls", "Calls to tracking sources.", ["carrier", "outcome"])

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said about one parcel.

    Attributes:
        raw: As it came; empty where the source says 404.
    """

    source: str
    raw: dict[str, Any]
    tracking: Tracking


class Sources:
    """The sources that are switched on, and how each is doing.

    Args:
        carriers: By slug.
        budget: Shared by all processes.
    """

    def __init__(self, carriers: Mapping[str, Carrier], budget: Budget) -> None:
        self.carriers = carriers
        self._budget = budget
        self._breakers = {slug: Breaker(slug) for slug in carriers}

    def get(self, slug: str) -> Carrier:
        """A source. Raises ``Rejected`` where it is not switched on."""
        carrier = self.carriers.get(slug)
        if carrier is None:
            on = ", ".join(sorted(self.carriers)) or "none"
            raise Rejected(slug, f"this carrier is not switched on (switched on: {on})")
        return carrier

    def able(self, carrier: str, number: str) -> list[str]:
        """Who can be asked about a parcel, best first: its carrier, then the aggregators.

        Of a parcel whose carrier is not known, those whose numbers look like its number.
        """
        first = [carrier] if carrier != UNKNOWN_CARRIER else candidates(number)
        aggregators = sorted(s for s, source in self.carriers.items() if source.manifest.aggregator)
        return list(dict.fromkeys([s for s in first if s in self.carriers] + aggregators))

    async def ask(self, slug: str, query: Query, urgency: Urgency, *, now: datetime) -> Answer:
        """One parcel. "No such number" is an answer: status ``not_found``.

        Raises:
            Unavailable, RateLimited: A retry may help.
            Rejected: Our key or request is wrong, or the source is not switched on.
        """
        carrier = self.get(slug)
        raw = await self._call(carrier, lambda: carrier.fetch(query), urgency, now)
        return _read(carrier, raw, query.number)

    async def ask_many(
        self, slug: str, queries: Sequence[Query], urgency: Urgency, *, now: datetime
    ) -> list[Answer | Upstream]:
        """Several parcels in as few calls as the source allows; each succeeds or fails by itself.

        Returns:
            In the order of ``queries``. A call that is refused or fails does so for all of its
            parcels.
        """
        carrier = self.get(slug)
        size = carrier.manifest.batch
        found: list[Answer | Upstream] = []
        for start in range(0, len(queries), size):
            some = queries[start : start + size]
            try:
                raw = await self._call(carrier, lambda: _fetch(carrier, some), urgency, now)  # noqa: B023
            except Upstream as error:
                found += [error] * len(some)
                continue
            for query in some:
                try:
                    found.append(_read(carrier, raw, query.number))
                except Upstream as error:
                    found.append(error)
        return found

    async def _call(
        self,
        carrier: Carrier,
        fetch: Callable[[], Awaitable[dict[str, Any]]],
        urgency: Urgency,
        now: datetime,
    ) -> dict[str, Any] | None:
        """The raw answer; ``None`` where the source says 404."""
        slug = carrier.manifest.slug
        breaker = self._breakers[slug]
        breaker.check(now)
        try:
            await self._take(carrier, urgency, now)
        except RateLimited:
            breaker.put_off()
            CALLS.labels(slug, "refused").inc()
            raise
        outcome = "failed"
        try:
            async with asyncio.timeout(CALL_SECONDS):
                raw = await fetch()
        except NotFound:
            outcome = "answered"
            return None
        except RateLimited as error:
            outcome = "throttled"
            wait = REST if error.retry_after is None else timedelta(seconds=error.retry_after)
            await self._budget.rest(slug, until=now + wait)
            raise
        except TimeoutError as error:
            raise Unavailable(slug, f"no answer within {CALL_SECONDS:g} seconds") from error
        except asyncio.CancelledError:
            outcome = "ended"
            raise
        else:
            outcome = "answered"
            return raw
        finally:
            CALLS.labels(slug, outcome).inc()
            if outcome == "answered":
                breaker.succeeded()
            elif outcome == "failed":
                breaker.failed(now)
                if breaker.is_open:
                    log.warning("source_left_alone", carrier=slug, failures=breaker.failures)
            else:
                breaker.put_off()

    async def _take(self, carrier: Carrier, urgency: Urgency, now: datetime) -> None:
        """Take a call. For a person who asks, one that is free in a moment is waited for."""
        waited = 0.0
        while True:
            at = now + timedelta(seconds=waited)
            try:
                return await self._budget.take(carrier.manifest, urgency, now=at)
            except RateLimited as error:
                wait = REST.total_seconds() if error.retry_after is None else error.retry_after
                if urgency is not Urgency.ASKED or waited + wait > MOMENT:
                    raise
                waited += wait
                await asyncio.sleep(wait)


def candidates(number: str) -> list[str]:
    """The carriers whose numbers look like this one, the likeliest first, whether on or not."""
    found = [candidate.carrier for one in detect(number) for candidate in one.candidates]
    return list(dict.fromkeys(found))


def _fetch(carrier: Carrier, queries: Sequence[Query]) -> Awaitable[dict[str, Any]]:
    if isinstance(carrier, BatchCarrier):
        return carrier.fetch_many(queries)
    (query,) = queries
    return carrier.fetch(query)


def _read(carrier: Carrier, raw: dict[str, Any] | None, number: str) -> Answer:
    """The parcel asked for; status ``not_found`` where the source does not know it."""
    slug = carrier.manifest.slug
    try:
        tracking = carrier.parse(raw, number=number)[0] if raw is not None else None
    except NotFound:
        tracking = None
    if tracking is None:
        return Answer(slug, raw or {}, Tracking(slug, number, Status.NOT_FOUND))
    count_unknown(tracking, slug)
    return Answer(slug, raw or {}, tracking)


def count_unknown(tracking: Tracking, source: str) -> None:
    """Count and log the codes that our table has no row for, so that rows can be added."""
    for event in tracking.events:
        if event.status is Status.UNKNOWN:
            UNKNOWN_CODES.labels(source).inc()
            log.warning("unknown_tracking_code", carrier=source, code=event.code)
