"""What editors wrote over the files: kept whole, one after another. Never commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from faq.model import ArticleKey
from kit.errors import NotFound, Refused
from service.accounts.models import Agent
from service.db import insert_new
from service.faq.models import FaqRevision
from service.news import announce

TOPIC: Final = "faq"
"""News on it means that an editor saved."""


class Outdated(Refused):
    """Somebody else has saved since the text was opened; nothing was kept of this save.

    Attributes:
        newest: What they saved.
        author: Their name.
    """

    http_status: ClassVar[int] = 409

    def __init__(self, newest: FaqRevision, author: str) -> None:
        super().__init__("the article was saved by somebody else meanwhile")
        self.newest = newest
        self.author = author


@dataclass(frozen=True, slots=True)
class Live:
    """The texts that stand over files.

    Attributes:
        texts: Whole files, by article.
        until: When another revision begins; ``None``: none is waiting.
    """

    texts: Mapping[ArticleKey, str] = field(default_factory=dict)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A revision in an article's history, with its author's name."""

    revision: FaqRevision
    author: str


async def live(session: AsyncSession, *, now: datetime) -> Live:
    """What is served instead of files at this moment."""
    found = await session.scalars(
        select(FaqRevision)
        .ext(distinct_on(FaqRevision.lang, FaqRevision.slug))
        .where(FaqRevision.starts_at <= now)
        .order_by(
            FaqRevision.lang,
            FaqRevision.slug,
            FaqRevision.starts_at.desc(),
            FaqRevision.number.desc(),
        )
    )
    until = await session.scalar(
        select(func.min(FaqRevision.starts_at)).where(FaqRevision.starts_at > now)
    )
    return Live({(r.lang, r.slug): r.text for r in found if r.text is not None}, until)


async def newest(session: AsyncSession) -> dict[ArticleKey, FaqRevision]:
    """The last revision of each article that has one, drafts and those to come included."""
    found = await session.scalars(
        select(FaqRevision)
        .ext(distinct_on(FaqRevision.lang, FaqRevision.slug))
        .order_by(FaqRevision.lang, FaqRevision.slug, FaqRevision.number.desc())
    )
    return {(r.lang, r.slug): r for r in found}


async def history(session: AsyncSession, key: ArticleKey) -> Sequence[Entry]:
    """An article's revisions, newest first."""
    lang, slug = key
    found = await session.execute(
        select(FaqRevision, Agent.name)
        .join(Agent, Agent.id == FaqRevision.author_id)
        .where(FaqRevision.lang == lang, FaqRevision.slug == slug)
        .order_by(FaqRevision.number.desc())
    )
    return [Entry(revision, author) for revision, author in found]


async def save(
    session: AsyncSession,
    key: ArticleKey,
    text: str | None,
    author: Agent,
    *,
    seen: int,
    starts_at: datetime | None,
    now: datetime,
    note: str = "",
) -> int:
    """Keep a text, and tell every process.

    Args:
        text: A whole file that has been checked; ``None``: withdraw, the file is back.
        seen: The number of the newest revision that the author knew of; 0: of none.
        starts_at: From when on it is served; ``None``: it is a draft.

    Returns:
        The new revision's number.

    Raises:
        Outdated: There is a newer one than ``seen``. Safe against races.
    """
    lang, slug = key
    made = await insert_new(
        session,
        FaqRevision,
        lang=lang,
        slug=slug,
        number=seen + 1,
        text=text,
        starts_at=starts_at,
        author_id=author.id,
        note=note,
        at=now,
    )
    if made is None:
        last = (await history(session, key))[0]
        raise Outdated(last.revision, last.author)
    await announce(session, TOPIC)
    return seen + 1


async def find(session: AsyncSession, key: ArticleKey, number: int) -> FaqRevision:
    """One revision.

    Raises:
        NotFound: There is none of that number.
    """
    lang, slug = key
    found = await session.scalar(select(FaqRevision).filter_by(lang=lang, slug=slug, number=number))
    if found is None:
        raise NotFound("no such revision")
    return found


async def unschedule(session: AsyncSession, key: ArticleKey, number: int, *, now: datetime) -> None:
    """Make a draft of a revision that has not begun; one that has begun stays.

    Raises:
        NotFound: There is none of that number.
    """
    found = await find(session, key, number)
    if found.starts_at is not None and found.starts_at > now:
        found.starts_at = None
        await session.flush()
        await announce(session, TOPIC)
