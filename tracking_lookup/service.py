"""Where is this parcel? Cache, live look-up within a budget, honest fallback."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from kit.errors import RateLimited, Rejected, Unavailable, Upstream
from tracking_lookup.asking import CALL_SECONDS, Answer, Sources
from tracking_lookup.budget import Budget, LocalBudget, Urgency
from tracking_lookup.contract import UNKNOWN_CARRIER, Carrier, Known, Lookup, ParcelStore, Query
from tracking_lookup.model import Status
from tracking_lookup.truth import assess

# A carrier corrects an end ("delivered" by mistake) within days; after these it is not asked again.
SETTLED_AFTER: Final = timedelta(days=3)
ENDS: Final = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED})
# After a failure the refresher leaves a parcel alone this long; a person may ask at once.
AFTER_FAILURE: Final = timedelta(minutes=15)
# How often a process looks whether another one's call for the same parcel has ended.
PEEK_SECONDS: Final = 0.1

log = structlog.get_logger()


class TrackingLookup:
    """Looks parcels up: fresh from the store, else live, else the last known truth with its age.

    Lives in one event loop. A call outlives the askers whose budget it missed, so that the next
    one finds its answer in the store; ``aclose`` ends such calls.

    Args:
        carriers: By slug, those that are switched on. Aggregators among them are asked, in the
            order of their slugs, where a parcel's own carrier cannot answer or is not switched on.
        budget: Counts the calls of all processes; ``None`` counts those of this one.
        budget_seconds: How long one asker waits for a carrier.
    """

    def __init__(
        self,
        carriers: Mapping[str, Carrier],
        store: ParcelStore,
        *,
        budget: Budget | None = None,
        budget_seconds: float = 2.5,
    ) -> None:
        self.carriers = carriers
        self._sources = Sources(carriers, budget or LocalBudget())
        self._store = store
        self._patience = budget_seconds
        self._calls: dict[int, asyncio.Task[Known]] = {}

    async def where_is(self, parcel_id: int, *, now: datetime) -> Lookup:
        """Where a parcel is, within the budget.

        Returns:
            What is known, from just now or from the store. ``fault`` says why the carrier could
            not be asked: ``Unavailable`` (also when the budget ran out), ``RateLimited``, or
            ``Rejected`` (also for a carrier that is not switched on).

        Raises:
            NotFound: No such parcel.
        """
        known = await self._store.known(parcel_id)
        fault: Upstream | None = None
        if not self._fresh(known, now):
            try:
                known = await self._refreshed(parcel_id, known, now)
            except Upstream as error:
                fault = error
        return Lookup(known, assess(known, now=now), fault)

    async def refresh(
        self, source: str, parcel_ids: Sequence[int], urgency: Urgency, *, now: datetime
    ) -> list[Upstream]:
        """Ask one source about several parcels, in as few calls as it allows, and record it.

        A parcel that somebody else is asking about is left to them.

        Returns:
            What went wrong, one for each parcel it went wrong for.
        """
        claimed: dict[int, Known] = {}
        faults: list[Upstream] = []
        try:
            for parcel_id in parcel_ids:
                known = await self._claim(parcel_id, now)
                if known is not None:
                    claimed[parcel_id] = known
            queries = [_query(known) for known in claimed.values()]
            answers = await self._sources.ask_many(source, queries, urgency, now=now)
            for parcel_id, answer in zip(list(claimed), answers, strict=True):
                known = claimed[parcel_id]
                if isinstance(answer, Answer) and _leaves_open(known, answer):
                    answer = await self._others(known, answer, urgency, now)
                if isinstance(answer, Upstream):
                    faults.append(answer)
                    await self._give_up(parcel_id, answer, now)
                else:
                    await self._record(parcel_id, known, answer, now)
                    await self._store.release(parcel_id)
                del claimed[parcel_id]
        finally:
            for parcel_id in claimed:
                await self._store.release(parcel_id)
        return faults

    def source_for(self, known: Known) -> str | None:
        """Who is asked first about a parcel; ``None`` where nobody can be."""
        return next(iter(self._sources.able(known.carrier, known.number)), None)

    async def aclose(self) -> None:
        """End the calls still under way. Their askers, if any, get ``Unavailable``."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def _fresh(self, known: Known, now: datetime) -> bool:
        """Whether asking the carrier would tell nothing new."""
        if known.fetched_at is None or known.tracking is None:
            return False
        if known.tracking.status in ENDS and known.disputed_at is None:
            events = known.tracking.events
            ended_at = events[0].at if events else known.fetched_at
            if known.fetched_at - ended_at >= SETTLED_AFTER:
                return True
        carrier = self.carriers.get(self.source_for(known) or "")
        lasts = timedelta(seconds=carrier.manifest.cache_seconds if carrier else 0)
        return now - known.fetched_at < lasts

    async def _refreshed(self, parcel_id: int, known: Known, now: datetime) -> Known:
        """What the store knows after asking; all askers of a parcel share one call."""
        call = self._calls.get(parcel_id)
        if call is None:
            if self.source_for(known) is None:
                self._sources.get(known.carrier)  # says that it is not switched on
            call = asyncio.create_task(self._look(parcel_id, now))
            self._calls[parcel_id] = call
            call.add_done_callback(lambda done: self._finished(parcel_id, known.carrier, done))
        # Not wait_for: an asker that leaves or runs out of time must not end the call for others.
        done, _ = await asyncio.wait({call}, timeout=self._patience)
        if not done:
            raise Unavailable(known.carrier, f"no answer within {self._patience:g} seconds")
        if call.cancelled():
            raise Unavailable(known.carrier, "the look-up was ended")
        return call.result()

    async def _look(self, parcel_id: int, now: datetime) -> Known:
        """Ask about a parcel, or wait for the process that does. No transaction is open meanwhile.

        Raises:
            Upstream: Nobody could answer; that of the first source asked.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        while True:
            at = now + timedelta(seconds=loop.time() - started)
            known = await self._claim(parcel_id, now, at=at)
            if known is not None:
                break
            await asyncio.sleep(PEEK_SECONDS)
        again: datetime | None = None
        try:
            if not self._fresh(known, now):  # else another process has just asked
                sources = self._sources.able(known.carrier, known.number)
                answer = await self._asked(known, sources, Urgency.ASKED, now)
                known = await self._record(parcel_id, known, answer, now)
        except Upstream as error:
            again = _again(error, now)
            raise
        finally:
            await self._store.release(parcel_id, again=again)
        return known

    async def _asked(
        self, known: Known, sources: Sequence[str], urgency: Urgency, now: datetime
    ) -> Answer:
        """The first answer that there is; for an unknown carrier, the first that knows the number.

        Raises:
            Upstream: There is none; that of the first source asked.
        """
        unknown: Answer | None = None
        first: Upstream | None = None
        for source in sources:
            try:
                answer = await self._sources.ask(source, _query(known), urgency, now=now)
            except Upstream as error:
                log.warning("lookup_failed", carrier=source, kind=error.kind, reason=error.message)
                first = first or error
                continue
            if not _leaves_open(known, answer):
                return answer
            unknown = unknown or answer
        if unknown is not None and first is None:
            return unknown
        raise first or Rejected(known.carrier, "no source is switched on for it")

    async def _others(
        self, known: Known, answer: Answer, urgency: Urgency, now: datetime
    ) -> Answer:
        """What the other sources know, where the first one asked left open whose parcel it is."""
        others = self._sources.able(known.carrier, known.number)
        others.remove(answer.source)
        try:
            return await self._asked(known, others, urgency, now)
        except Upstream:  # of whoever could not be asked, a later run hears more
            return answer

    async def _claim(
        self, parcel_id: int, now: datetime, *, at: datetime | None = None
    ) -> Known | None:
        at = at or now
        return await self._store.claim(
            parcel_id, now=at, until=at + timedelta(seconds=2 * CALL_SECONDS)
        )

    async def _record(self, parcel_id: int, known: Known, answer: Answer, now: datetime) -> Known:
        return await self._store.record(
            parcel_id,
            answer.tracking,
            answer.raw,
            fetched_at=now,
            source=answer.source,
            asked_as=known.carrier,
        )

    async def _give_up(self, parcel_id: int, error: Upstream, now: datetime) -> None:
        log.info("refresh_failed", carrier=error.source, kind=error.kind, reason=error.message)
        await self._store.release(parcel_id, again=_again(error, now))

    def _finished(self, parcel_id: int, slug: str, call: asyncio.Task[Known]) -> None:
        """Forget a call, and log it where it broke: its askers may all have gone."""
        del self._calls[parcel_id]
        error = None if call.cancelled() else call.exception()
        if error is not None and not isinstance(error, Upstream):
            log.error("lookup_crashed", carrier=slug, exc_info=error)


def _query(known: Known) -> Query:
    carrier = None if known.carrier == UNKNOWN_CARRIER else known.carrier
    return Query(known.number, carrier, known.postcode, known.country)


def _leaves_open(known: Known, answer: Answer) -> bool:
    """Whether it is still not known whose parcel it is."""
    return known.carrier == UNKNOWN_CARRIER and answer.tracking.status is Status.NOT_FOUND


def _again(error: Upstream, now: datetime) -> datetime:
    """When the refresher may ask next: never sooner than the source said."""
    told = error.retry_after if isinstance(error, RateLimited) else None
    return now + max(AFTER_FAILURE, timedelta(seconds=told or 0))
