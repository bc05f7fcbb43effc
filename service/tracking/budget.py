"""Calls counted in the database, for all processes at once."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from service.db import Sessions
from service.tracking.models import Source, SourceCall
from tracking_lookup.budget import Urgency, allowed, kept, resting, spent, window_of
from tracking_lookup.contract import CarrierManifest


class StoredBudget:
    """``tracking_lookup.budget.Budget`` over the tables; each call is one transaction.

    Sliding windows, exact: in no stretch of a limit's length are there more calls than the
    limit, however many processes take them. The source's row is locked while they are counted.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def take(self, manifest: CarrierManifest, urgency: Urgency, *, now: datetime) -> None:
        """See ``Budget.take``."""
        slug = manifest.slug
        async with self._sessions.begin() as session:
            if not manifest.calls:
                until = await session.scalar(select(Source.rest_until).filter_by(slug=slug))
                if until is not None and now < until:
                    raise resting(slug, until - now)
                return
            await session.execute(insert(Source).values(slug=slug).on_conflict_do_nothing())
            until = await session.scalar(
                select(Source.rest_until).filter_by(slug=slug).with_for_update()
            )
            if until is not None and now < until:
                raise resting(slug, until - now)
            await session.execute(
                delete(SourceCall).where(
                    SourceCall.source == slug, SourceCall.at <= now - kept(manifest)
                )
            )
            for count, seconds in manifest.calls:
                window = window_of(seconds)
                # With so many calls in the window there is none left; the oldest of them frees one.
                frees = await session.scalar(
                    select(SourceCall.at)
                    .where(SourceCall.source == slug, SourceCall.at > now - window)
                    .order_by(SourceCall.at.desc())
                    .offset(allowed(count, urgency) - 1)
                    .limit(1)
                )
                if frees is not None:
                    raise spent(slug, count, seconds, frees + window - now)
            session.add(SourceCall(source=slug, at=now))

    async def rest(self, source: str, *, until: datetime) -> None:
        """See ``Budget.rest``."""
        statement = insert(Source).values(slug=source, rest_until=until)
        later = statement.on_conflict_do_update(
            index_elements=["slug"],
            set_={"rest_until": statement.excluded.rest_until},
            where=(Source.rest_until.is_(None) | (Source.rest_until < until)),
        )
        async with self._sessions.begin() as session:
            await session.execute(later)
