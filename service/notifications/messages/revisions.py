"""Texts that were changed in the inbox: each saving a row, the newest counts. Never commits."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.notifications.messages.texts import Catalogue, Text, shipped
from service.notifications.models import SavedText
from service.notifications.news import Trigger
from service.statements import Statement


async def catalogues(session: AsyncSession) -> Mapping[str, Catalogue]:
    """Every language, with the shop's own words where it has some."""
    found = dict(shipped())
    for row in await _NEWEST.all(session):
        known = found.get(row.lang)
        if known is not None and row.text is not None and row.trigger in set(Trigger):
            texts = {**known.texts, Trigger(row.trigger): Text(**row.text)}
            found[row.lang] = replace(known, texts=texts)
    return found


_NEWEST: Final = Statement[Any](
    select(SavedText.lang, SavedText.trigger, SavedText.text).where(
        SavedText.id.in_(select(func.max(SavedText.id)).group_by(SavedText.lang, SavedText.trigger))
    )
)


async def save(
    session: AsyncSession,
    lang: str,
    trigger: Trigger,
    text: Text | None,
    *,
    agent_id: int,
    now: datetime,
) -> None:
    """Say it so from now on.

    Args:
        text: Checked by ``texts.text_of``; ``None``: as Wismo brings it.
    """
    session.add(
        SavedText(
            lang=lang,
            trigger=trigger,
            text=asdict(text) if text else None,
            agent_id=agent_id,
            at=now,
        )
    )
    await session.flush()
