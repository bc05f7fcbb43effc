"""Questions in a language that the dialogue does not speak and the articles do."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.actions.first_look import Settled
from faq.model import Decision
from faq.search import Faq
from service.db import Sessions
from service.faq import service

SURE: Final = 0.7
"""How sure an answer must be: in these languages words and letters alone decide."""


async def answered(
    settled: Settled,
    text: str,
    *,
    faq: Faq,
    sessions: Sessions,
    conversation_id: int,
    channel: str,
    now: datetime,
) -> Settled:
    """The article's answer in the message's own language, where one fits; else ``settled``.

    The offer of a person stays beside it; who was offered one and writes on gets the person. The
    question is kept, so that gaps can be found.

    Args:
        now: Aware, in the shop's zone.
    """
    if settled.language not in faq.languages:
        return settled
    found = faq.search(text, lang=settled.language, at=now.date(), channel=channel)
    async with sessions.begin() as session:
        await service.asked(
            session,
            text,
            found,
            lang=settled.language,
            now=now,
            conversation_id=conversation_id,
        )
    answers = found.decision is Decision.ANSWER and found.hits[0].score >= SURE
    if settled.reason is not None or not answers:
        return settled
    said = faq.say(found.hits[0].article, at=now, question=text)
    return replace(settled, text=said.short)
