"""How often one internet address may knock where anybody may without a name, as at the chat.

A sender's own limit (``SENDER_PER_MINUTE``) does not hold who takes a new session for each message.
Counted in the database, for all processes at once.
"""

from datetime import datetime, timedelta
from typing import Final

from fastapi import Request
from sqlalchemy import BindParameter, DateTime, bindparam, case, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert
from starlette.exceptions import HTTPException

from kit import clock
from service.conversations.models import ChatPosts
from service.conversations.texts import CATALOGUE
from service.runtime import runtime
from service.statements import Bare, Statement, bare
from service.visitors import who

WINDOW: Final = timedelta(minutes=1)


async def count(on: AsyncSession | Bare, digest: str, *, now: datetime) -> int:
    """Count one more; gives how many there were in its address's minute, with this one.

    A minute begins with the first post after the one before is over.
    """
    return await _COUNT.one(on, digest=digest, now=now, before=now - WINDOW) or 0


def _count() -> ReturningInsert[int]:
    now: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
    new = insert(ChatPosts).values(digest=bindparam("digest"), since=now, count=1)
    same = ChatPosts.since > bindparam("before")
    return new.on_conflict_do_update(
        index_elements=["digest"],
        set_={
            "since": case((same, ChatPosts.since), else_=now),
            "count": case((same, ChatPosts.count + 1), else_=1),
        },
    ).returning(ChatPosts.count)


_COUNT: Final = Statement(_count(), int)


async def forget(session: AsyncSession, *, before: datetime) -> None:
    """Drop the counts of addresses that have not posted since."""
    await session.execute(delete(ChatPosts).where(ChatPosts.since < before))


async def not_flooding(request: Request) -> None:
    """Answer 429 to an internet address that posts too much: kindly once, then without a word.

    Counted outside the request's transaction, so that what is refused counts too.
    """
    parts = runtime(request)
    async with bare(parts.sessions) as connection:
        posts = await count(connection, who(request, parts.settings.keys[0]), now=clock.now())
    over = posts - parts.settings.ip_per_minute
    if over > 0:
        words = CATALOGUE.of(request.headers.get("accept-language", ""))
        wait = str(round(WINDOW.total_seconds()))
        raise HTTPException(429, words["too_many"] if over == 1 else "", {"Retry-After": wait})
