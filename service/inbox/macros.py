"""Answers that are often given, with gaps that are filled from the case. Never commits."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound
from kit.text import clean
from service.accounts.models import Agent
from service.accounts.sessions import SignedIn
from service.db import insert_new
from service.inbox.models import Macro

# What may stand between braces, and what it is, for the page where macros are written.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "shopper": "the shopper's first name",
    "order": "the order's number",
    "item": "the first item of the order",
    "carrier": "who carries the first parcel",
    "tracking": "its tracking number",
    "agent": "your own name",
    "shop": "the shop's name",
}
_GAP: Final = re.compile(r"\{([a-z]+)(?:\|([^{}]*))?\}")


def fill(text: str, known: Mapping[str, str | None]) -> str:
    """A macro's text with its gaps filled: ``"Hello {shopper|there}"``.

    A gap that nothing is known for takes the words after its bar; without any it stays as it is,
    where the agent sees it.
    """

    def value(gap: re.Match[str]) -> str:
        found = known.get(gap[1])
        if found:
            return found
        return gap[2] if gap[2] is not None else gap[0]

    return _GAP.sub(value, text)


def gaps(text: str) -> list[str]:
    """What is left to be filled in by hand, as it stands in the text."""
    return [gap[0] for gap in _GAP.finditer(text)]


async def offered(session: AsyncSession, who: SignedIn) -> Sequence[Macro]:
    """What somebody is offered: everyone's macros and those of their teams, by name."""
    return (
        await session.scalars(
            select(Macro)
            .where(or_(Macro.team_id.is_(None), Macro.team_id.in_(sorted(who.teams))))
            .order_by(Macro.name)
        )
    ).all()


async def everything(session: AsyncSession) -> Sequence[Macro]:
    """Every macro, by name."""
    return (await session.scalars(select(Macro).order_by(Macro.name))).all()


async def save(
    session: AsyncSession,
    macro_id: int | None,
    *,
    name: str,
    text: str,
    agent: Agent,
    now: datetime,
) -> int:
    """Write a macro, or write one anew.

    Args:
        macro_id: ``None`` makes a new one.

    Returns:
        Its id.

    Raises:
        NotFound: There is no such macro.
        BadInput: No name or text, a gap that nothing can fill, or a name that is taken.
    """
    called, words = clean(name, limit=80), clean(text, limit=5000)
    if not called or not words:
        raise BadInput("A macro needs a name and a text.")
    unknown = [gap[0] for gap in _GAP.finditer(words) if gap[1] not in PLACEHOLDERS]
    if unknown:
        raise BadInput(f"Nothing can fill {unknown[0]}.")
    taken = await session.scalar(select(Macro.id).where(Macro.name == called))
    if taken not in {None, macro_id}:
        raise BadInput("There is a macro of that name already.")
    if macro_id is None:
        made = await insert_new(
            session, Macro, name=called, text=words, created_by_id=agent.id, created_at=now
        )
        if made is None:
            raise BadInput("There is a macro of that name already.")
        return made
    macro = await _find(session, macro_id)
    macro.name, macro.text = called, words
    await session.flush()
    return macro.id


async def drop(session: AsyncSession, macro_id: int) -> None:
    """Delete a macro.

    Raises:
        NotFound: There is no such macro.
    """
    await session.delete(await _find(session, macro_id))
    await session.flush()


async def _find(session: AsyncSession, macro_id: int) -> Macro:
    found = await session.get(Macro, macro_id, with_for_update=True) if macro_id < 2**63 else None
    if found is None:
        raise NotFound("no such macro")
    return found
