"""What keeps open pages in step: event streams, and who is at a ticket's page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from kit import clock
from service.accounts import guard
from service.accounts.guard import AgentDep
from service.accounts.permissions import Permission
from service.db import SessionDep
from service.inbox import notes
from service.inbox.models import Doing
from service.inbox.tickets import conversations_of
from service.inbox.views import seen
from service.news import INBOX, News, conversation_topic
from service.runtime import runtime

HEARTBEAT_SECONDS = 15
# What one process takes, at most, to answer one inbox that loads its list again.
RELOAD_SECONDS = 0.01

router = APIRouter(dependencies=[Depends(guard.requires(Permission.READ_CONVERSATIONS))])


@router.get("/events")
async def inbox_events(request: Request) -> Response:
    """``changed`` whenever a ticket came or changed, and once at the start."""
    return _events(runtime(request).news, INBOX, often=False)


@router.get("/tickets/{ticket_id:int}/events")
async def ticket_events(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int
) -> Response:
    """``changed`` whenever something in this case did, and once at the start."""
    ticket = await seen(session, who, ticket_id)
    topics = [conversation_topic(each) for each in await conversations_of(session, ticket)]
    return _events(runtime(request).news, *topics)


@router.post("/tickets/{ticket_id:int}/presence", status_code=204)
async def here(
    session: SessionDep, who: AgentDep, ticket_id: int, doing: Annotated[str, Form()] = ""
) -> None:
    """An open page says what its agent does; anything but a ``Doing`` says that they left."""
    await seen(session, who, ticket_id)
    if doing in set(Doing):
        await notes.here(session, ticket_id, who.agent, Doing(doing), now=clock.now())
    else:
        await notes.gone(session, ticket_id, who.agent)


def _events(news: News, *topics: str, often: bool = True) -> Response:
    return EventSourceResponse(
        _changes(news, *topics, often=often),
        ping=HEARTBEAT_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _changes(news: News, *topics: str, often: bool) -> AsyncIterator[ServerSentEvent]:
    """Say that there is news, at once; in a rush no more often than all pages can follow."""
    async with news.subscribe(*topics) as changed:
        while not news.closing.is_set():
            # Once at the start too: something may have happened since the page was made.
            changed.clear()
            yield ServerSentEvent("", event="changed")
            if not often:
                pause = RELOAD_SECONDS * news.listening(topics[0])
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.closing.wait(), pause)
            await changed.wait()
