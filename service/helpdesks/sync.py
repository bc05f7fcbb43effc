"""Bringing one ticket and its double at the help desk into step: read, take in, pass on.

Each step is sent under a claim that was just committed, and writes down what it did before the next
begins. Where no answer comes, or whoever sent it dies, the claim runs out first: by then it is over
there or never will be, and the next one looks for it, by key, before sending it again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.helpdesk_contract import Assign, Close, Comment, File, Helpdesk, Thread
from kit import clock, outbound
from kit.errors import AppError, NotFound, RateLimited, Unavailable, Upstream
from service.helpdesks import queue, taking
from service.helpdesks.models import HelpdeskAnswer, HelpdeskLink
from service.helpdesks.queue import Claim
from service.helpdesks.taking import Fetched
from service.inbox import files
from service.runtime import Runtime

log = structlog.get_logger()

# A file that does not come is tried so often; then the answer goes without it.
FILE_TRIES: Final = 3


class Lost(Exception):
    """The claim has passed to another process."""


class InDoubt(Unavailable):
    """No answer came to what was sent: it was done, or is being done, or never will be."""


async def run(runtime: Runtime, helpdesk: Helpdesk) -> datetime | None:
    """Bring into step whatever is due, until nothing is or the help desk wants rest.

    Returns:
        When to come again for what failed; ``None``: no need to.
    """
    again: datetime | None = None
    while True:
        async with runtime.sessions.begin() as session:
            claimed = await queue.claim(session, helpdesk.manifest.slug, now=clock.now())
        if claimed is None:
            return again
        again = await one(runtime, helpdesk, claimed) or again


async def one(runtime: Runtime, helpdesk: Helpdesk, claimed: Claim) -> datetime | None:
    """Bring one claimed link into step. Failures are written down, and tried again later.

    Returns:
        When to come again; ``None``: it went well, or the minute's look is soon enough.
    """
    slug = helpdesk.manifest.slug
    round_ = _Round(runtime, helpdesk, claimed)
    try:
        await round_.go()
    except Lost:
        return None
    except (RateLimited, Unavailable) as failure:
        seconds = failure.retry_after if isinstance(failure, RateLimited) else None
        async with runtime.sessions.begin() as session:
            now = clock.now()
            if isinstance(failure, InDoubt):
                await queue.doubt(session, round_.claimed, failure.message)
            else:
                await queue.fail(session, round_.claimed, failure.message, now=now, counts=False)
            until = await queue.rest(session, slug, now=now, seconds=seconds)
        log.warning("helpdesk_away", helpdesk=slug, reason=failure.message, until=until)
        return until or now + queue.SHORTEST_PAUSE
    except (Upstream, NotFound) as failure:
        async with runtime.sessions.begin() as session:
            now = clock.now()
            await queue.fail(session, round_.claimed, failure.message, now=now, counts=True)
        log.error("helpdesk_refused", helpdesk=slug, link=claimed.link_id, reason=failure.message)
        return None
    return None


class _Round:
    """One round over one link; ``claimed`` moves on as it is prolonged."""

    def __init__(self, runtime: Runtime, helpdesk: Helpdesk, claimed: Claim) -> None:
        self._runtime = runtime
        self._helpdesk = helpdesk
        self.claimed = claimed

    async def go(self) -> None:
        """Open if it is not open there, then read, take in, pass on."""
        thread = await self._helpdesk.read(await self._external_id())
        fetched = await self._files(thread)
        async with self._runtime.sessions.begin() as session:
            link = await self._held(session)
            steps = await taking.take_in(session, self._runtime, link, thread, fetched)
        for step in steps:
            if step.change is not None:
                async with self._sending():
                    await self._helpdesk.write(thread, step.change)
            async with self._runtime.sessions.begin() as session:
                link = await self._held(session)
                link.passed_id = max(link.passed_id, step.passed_id or 0)
                if isinstance(step.change, Assign):
                    link.owner_id = step.owner_id
                if isinstance(step.change, Close):
                    link.ended_at = clock.now()
        async with self._runtime.sessions.begin() as session:
            link = await self._held(session)
            again = None if link.ended_at else clock.now() + self._pause(len(steps))
            await queue.release(session, self.claimed, again=again)
            await queue.woke(session, self._helpdesk.manifest.slug)

    @asynccontextmanager
    async def _sending(self) -> AsyncIterator[None]:
        """Inside it something is changed at the help desk, under a claim just prolonged.

        Raises:
            InDoubt: No answer came in time.
        """
        slug = self._helpdesk.manifest.slug
        try:
            async with asyncio.timeout(queue.STEP.total_seconds()):
                yield
        except Unavailable as failure:
            raise InDoubt(slug, f"in doubt, as {failure.message}") from failure
        except TimeoutError as failure:
            raise InDoubt(slug, "in doubt, as the step took too long") from failure

    def _pause(self, steps: int) -> timedelta:
        if steps >= taking.MOST_MESSAGES:
            return timedelta()
        return timedelta(seconds=self._helpdesk.manifest.reconcile_seconds)

    async def _held(self, session: AsyncSession) -> HelpdeskLink:
        prolonged = await queue.prolong(session, self.claimed, now=clock.now())
        if prolonged is None:
            raise Lost
        self.claimed = prolonged
        link = await queue.held(session, prolonged)
        if link is None:
            raise Lost
        return link

    async def _external_id(self) -> str:
        """The ticket at the help desk, opened where it is not known to be."""
        async with self._runtime.sessions.begin() as session:
            link = await self._held(session)
            if link.external_id is not None:
                return link.external_id
            opening = await taking.case_of(session, self._runtime, link)
        async with self._sending():
            opened = await self._helpdesk.open(opening)
        async with self._runtime.sessions.begin() as session:
            (await self._held(session)).external_id = opened
        return opened

    async def _files(self, thread: Thread) -> dict[str, Fetched]:
        """The files of answers that the shopper has not got yet, by the comment's id."""
        async with self._runtime.sessions() as session:
            link = await session.get_one(HelpdeskLink, self.claimed.link_id)
            known = set(
                await session.scalars(select(HelpdeskAnswer.external_id).filter_by(link_id=link.id))
            )
        new = [
            c
            for c in thread.comments
            if taking.is_answer(c, link) and c.files and c.id not in known
        ]
        if not new:
            return {}
        allowed = outbound.networks(self._runtime.settings.outbound_allow)
        async with outbound.client(allowed) as http:
            return {comment.id: await self._fetched(http, comment, link) for comment in new}

    async def _fetched(
        self, http: httpx.AsyncClient, comment: Comment, link: HelpdeskLink
    ) -> Fetched:
        kept: list[File] = []
        missing: list[str] = []
        for file in comment.files[: files.MOST]:
            name = files.bare_name(file.name or file.url.rpartition("/")[2].partition("?")[0])
            try:
                found = await outbound.fetch(http, file.url, limit=files.LARGEST)
            except Unavailable:
                if link.tries < FILE_TRIES:
                    await self._try_again()
                    raise Lost from None
                missing.append(name)
            except AppError as failure:
                log.warning("helpdesk_file_refused", link=link.id, reason=failure.message)
                missing.append(name)
            else:
                kept.append(File(name, files.content_type_of(found.content), found.content))
        missing += [files.bare_name(file.name) for file in comment.files[files.MOST :]]
        return Fetched(tuple(kept), tuple(missing))

    async def _try_again(self) -> None:
        async with self._runtime.sessions.begin() as session:
            why = "a file of an answer does not come"
            await queue.fail(session, self.claimed, why, now=clock.now(), counts=True)
