"""Keep what was asked of the FAQ and what people thought of the answers. Never commits."""

import re
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.model import Answer, Decision
from kit.text import clean
from service.faq.models import FaqFeedback, FaqQuestion

MOST_CHARS: Final = 500
KEPT_FOR: Final = timedelta(days=365)
MOST_A_MINUTE: Final = 120  # of what readers of the FAQ page send

_PERSONAL: Final = (
    (re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"https?://\S+|www\.\S+"), "[link]"),
    # British postcodes: they hold too few digits for a number.
    (re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE), "[postcode]"),
    # Of orders, parcels, phones, cards: three digits or more, in groups or not.
    (re.compile(r"(?<!\w)[+#(]?(?=[\w()./ -]*\d(?:[ ()./-]?\d){2})"
                r"\w*\d[\w()./-]*(?: [\d(][\w()./-]*)*"), "[number]"),
    (re.compile(r"\b(?:my name is|my name's|this is|i am called)\s+[\w'-]+(?-i:\s+[A-Z][\w'-]+)?",
                re.IGNORECASE), "[name]"),
)  # fmt: skip


def without_personal_data(text: str) -> str:
    """A question as it may be kept: no e-mail, link, postcode, longer number or name told as one.

    What a person is called within free words is not found; questions are deleted with the
    conversation they came from.
    """
    text = clean(text, limit=MOST_CHARS * 2)
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return " ".join(text.split())[:MOST_CHARS]


async def asked(
    session: AsyncSession,
    text: str,
    answer: Answer,
    *,
    lang: str,
    now: datetime,
    conversation_id: int | None = None,
) -> int | None:
    """Keep a question with what was decided; gives its id.

    ``None``: it came from the FAQ page, and too many did so in one minute.
    """
    if conversation_id is None and not await _room(session, FaqQuestion, now=now):
        return None
    best = answer.hits[0] if answer.hits else None
    question = FaqQuestion(
        conversation_id=conversation_id,
        text=without_personal_data(text),
        lang=lang,
        decision=answer.decision.value,
        article=best.article.slug if best else None,
        score=best.score if best else 0.0,
        at=now,
    )
    session.add(question)
    await session.flush()
    return question.id


async def rated(
    session: AsyncSession, conversation_id: int, *, helped: bool, now: datetime
) -> None:
    """Keep what was thought of the newest answer in a conversation; nothing where there is none."""
    question = await session.scalar(
        select(FaqQuestion)
        .where(
            FaqQuestion.conversation_id == conversation_id,
            FaqQuestion.decision == Decision.ANSWER,
        )
        .order_by(FaqQuestion.id.desc())
        .limit(1)
    )
    if question is None or question.article is None:
        return
    session.add(
        FaqFeedback(
            conversation_id=conversation_id,
            question_id=question.id,
            article=question.article,
            lang=question.lang,
            helped=helped,
            at=now,
        )
    )
    await session.flush()


async def rated_on_page(
    session: AsyncSession, article: str, lang: str, *, helped: bool, now: datetime
) -> None:
    """Keep what a reader thought of an article; nothing where too many say so in one minute."""
    if await _room(session, FaqFeedback, now=now):
        session.add(FaqFeedback(article=article, lang=lang, helped=helped, at=now))
        await session.flush()


async def forget(session: AsyncSession, *, now: datetime) -> None:
    """Delete what readers of the FAQ page asked and said a year ago.

    What was asked in a conversation goes with the conversation.
    """
    for table in (FaqFeedback, FaqQuestion):
        await session.execute(
            delete(table).where(table.conversation_id.is_(None), table.at < now - KEPT_FOR)
        )


async def _room(
    session: AsyncSession, table: type[FaqQuestion] | type[FaqFeedback], *, now: datetime
) -> bool:
    """Whether more may be kept of what anybody can send; of a flood the beginning is enough."""
    kept = await session.scalar(
        select(func.count())
        .select_from(table)
        .where(table.conversation_id.is_(None), table.at > now - timedelta(minutes=1))
    )
    return (kept or 0) < MOST_A_MINUTE
