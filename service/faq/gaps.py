"""What the articles do not answer: the questions of a season, brought together and counted.

Nothing here writes. Questions are kept without personal data (``service.faq.service``).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.meaning import even
from faq.model import Article, Decision
from kit.embedding import Embedder
from kit.text import fold
from service.faq.models import FaqFeedback, FaqQuestion
from service.inbox.models import Ticket

Floats = NDArray[np.float32]

LOOKED_BACK: Final = timedelta(days=90)
HANDED_OVER_WITHIN: Final = timedelta(minutes=15)
SOON: Final = timedelta(days=30)

MOST_TEXTS: Final = 1_000  # different ones, the newest
MOST_EXAMPLES: Final = 5
LIKE_BY_MEANING: Final = 0.62  # cosine of two questions that one article would answer
LIKE_BY_LETTERS: Final = 0.72


class Why(StrEnum):
    """What made a question a gap."""

    NOTHING = "nothing found"
    HANDED_OVER = "handed over"
    THUMBS_DOWN = "did not help"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that had no good answer.

    Attributes:
        article: The slug of the nearest article; ``None``: there was none.
    """

    text: str
    lang: str
    why: Why
    article: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that one article could answer.

    Attributes:
        title: The one that is nearest to all.
        examples: Others, each different, the most frequent first.
        whys: How many there are of each reason.
        articles: Slugs of the articles that came nearest, the most frequent first.
    """

    lang: str
    title: str
    examples: tuple[str, ...]
    count: int
    whys: tuple[tuple[Why, int], ...]
    articles: tuple[str, ...]
    last: datetime


async def unanswered(session: AsyncSession, *, now: datetime) -> list[Unanswered]:
    """The questions of 90 days that found nothing, went to a person, or whose answer did not help.

    A question belongs to a handoff that follows it in its conversation within 15 minutes. Each is
    counted once, by the strongest reason.
    """
    said_no = exists().where(FaqFeedback.question_id == FaqQuestion.id, ~FaqFeedback.helped)
    handed = exists().where(
        Ticket.conversation_id == FaqQuestion.conversation_id,
        Ticket.opened_at >= FaqQuestion.at,
        Ticket.opened_at <= FaqQuestion.at + HANDED_OVER_WITHIN,
    )
    found = await session.execute(
        select(FaqQuestion, said_no, handed)
        .where(
            FaqQuestion.at > now - LOOKED_BACK,
            (FaqQuestion.decision == Decision.NONE) | said_no | handed,
        )
        .order_by(FaqQuestion.id.desc())
        .limit(MOST_TEXTS * 5)
    )
    return [
        Unanswered(
            question.text,
            question.lang,
            Why.THUMBS_DOWN if no else Why.HANDED_OVER if handed else Why.NOTHING,
            question.article,
            question.at,
        )
        for question, no, handed in found
    ]


def cluster(
    asked: Sequence[Unanswered], encoder: Embedder | None, meant: frozenset[str]
) -> list[Gap]:
    """Questions brought together by what they mean, the most frequent first.

    The same questions give the same gaps. Blocks for some milliseconds a question it has not seen.

    Args:
        asked: Newest first.
        encoder: ``None``: they are brought together by their letters.
        meant: The languages that the encoder reads; others go by their letters.
    """
    by_lang: dict[str, dict[str, list[Unanswered]]] = defaultdict(lambda: defaultdict(list))
    for one in asked:
        texts = by_lang[one.lang]
        if fold(one.text) in texts or len(texts) < MOST_TEXTS:
            texts[fold(one.text)].append(one)
    gaps = [
        gap
        for lang, texts in by_lang.items()
        for gap in _cluster(list(texts.values()), encoder if lang in meant else None)
    ]
    return sorted(gaps, key=lambda gap: (-gap.count, -gap.last.timestamp(), gap.title))


def _cluster(same: list[list[Unanswered]], encoder: Embedder | None) -> list[Gap]:
    """The most frequent text gathers those like it, then the next that is still alone."""
    same.sort(key=lambda group: -len(group))
    texts = [group[0].text for group in same]
    like, enough = _likeness(texts, encoder)
    gaps: list[Gap] = []
    free = np.ones(len(texts), np.bool_)
    for first in range(len(texts)):
        if free[first]:
            members = np.flatnonzero(free & (like[first] >= enough))
            members = np.unique([first, *members])
            free[members] = False
            gaps.append(_gap([same[at] for at in members], like[np.ix_(members, members)]))
    return gaps


def _likeness(texts: list[str], encoder: Embedder | None) -> tuple[Floats, float]:
    """How like each is to each, and how much is enough."""
    if encoder is None:
        folded = [fold(text) for text in texts]
        scores: Floats = process.cdist(folded, folded, scorer=fuzz.token_set_ratio)
        return scores / np.float32(100), LIKE_BY_LETTERS
    rows = np.stack([_vector(encoder, even(text)) for text in texts])
    return rows @ rows.T, LIKE_BY_MEANING


@lru_cache(maxsize=4 * MOST_TEXTS)
def _vector(encoder: Embedder, text: str) -> Floats:
    vector: Floats = encoder.encode([text])[0]
    return vector


def _gap(groups: list[list[Unanswered]], like: Floats) -> Gap:
    everyone = [one for group in groups for one in group]
    weights = np.array([len(group) for group in groups], np.float32)
    middle = int(np.argmax(like @ weights))
    texts = [groups[middle][0].text]
    texts += [group[0].text for at, group in enumerate(groups) if at != middle]
    articles = Counter(one.article for one in everyone if one.article)
    whys = Counter(one.why for one in everyone)
    return Gap(
        lang=everyone[0].lang,
        title=texts[0],
        examples=tuple(texts[1 : 1 + MOST_EXAMPLES]),
        count=len(everyone),
        whys=tuple((why, whys[why]) for why in Why if whys[why]),
        articles=tuple(slug for slug, _ in articles.most_common(2)),
        last=max(one.at for one in everyone),
    )


def ending(articles: Sequence[Article], on: date, market: str) -> list[tuple[Article, date]]:
    """What is shown today and ends within 30 days, with its last day, the next to end first."""
    found = []
    for article in articles:
        span = article.window.current(on, market)
        if span and span[0] <= on and span[1] <= on + SOON:
            found.append((article, span[1]))
    return sorted(found, key=lambda one: (one[1], one[0].lang, one[0].slug))


async def never_found(
    session: AsyncSession, articles: Sequence[Article], on: date, market: str, *, now: datetime
) -> list[Article]:
    """What is shown today and was never the answer in 90 days, nor rated on its page."""
    since = now - LOOKED_BACK
    found = await session.execute(
        select(FaqQuestion.lang, FaqQuestion.article)
        .where(FaqQuestion.at > since, FaqQuestion.decision != Decision.NONE)
        .union(select(FaqFeedback.lang, FaqFeedback.article).where(FaqFeedback.at > since))
    )
    known = {(lang, slug) for lang, slug in found}
    return [
        article
        for article in articles
        if (article.lang, article.slug) not in known and article.window.holds(on, market)
    ]


@dataclass(frozen=True, slots=True)
class Rating:
    """An article that readers did not find helpful."""

    lang: str
    slug: str
    no: int
    yes: int


async def disliked(session: AsyncSession, *, now: datetime) -> list[Rating]:
    """The articles of which at least a third of the readers who said so were not helped."""
    no, yes = (func.count().filter(FaqFeedback.helped.is_(each)) for each in (False, True))
    found = await session.execute(
        select(FaqFeedback.lang, FaqFeedback.article, no, yes)
        .where(FaqFeedback.at > now - LOOKED_BACK)
        .group_by(FaqFeedback.lang, FaqFeedback.article)
        .having(no * 2 >= yes, no > 0)
        .order_by(no.desc(), FaqFeedback.lang, FaqFeedback.article)
    )
    return [Rating(*row) for row in found]
