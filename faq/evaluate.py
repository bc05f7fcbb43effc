"""How well the search finds the right article, on questions whose article is known."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from faq.search import Faq
from kit.errors import BadInput

RECALL_AT = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the slug of the article that answers it.

    Attributes:
        at: The day on which it is asked, for an article with a season; ``None``: whenever.
        lang: ISO 639-1; ``None``: the one that is evaluated.
    """

    text: str
    article: str
    at: date | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Ranking quality, 0 to 1 each.

    Attributes:
        n: How many questions.
        p_at_1: Share with the right article first.
        mrr: Mean of 1 / rank of the right article; 0 where it was not found.
        r_at_5: Share with the right article among the first five.
    """

    n: int
    p_at_1: float
    mrr: float
    r_at_5: float


def read(lines: Iterable[str]) -> Iterator[Question]:
    """Questions from lines of JSON, ``{"text": …, "article": slug}``; empty lines are skipped.

    A line may name a day (``"at": "2026-12-01"``) and a language (``"lang": "es"``) of its own.

    Raises:
        BadInput: A line is not that shape; the message names it.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadInput(f"line {number}: not JSON") from error
        match row:
            case {"text": str(text), "article": str(article)}:
                yield Question(text, article, _day(row, number), row.get("lang"))
            case _:
                raise BadInput(f'line {number}: must be {{"text": "…", "article": "slug"}}')


def _day(row: dict[str, object], number: int) -> date | None:
    at = row.get("at")
    if at is None:
        return None
    try:
        return date.fromisoformat(str(at))
    except ValueError as error:
        raise BadInput(f"line {number}: {at!r} is not a day such as 2026-12-24") from error


def evaluate(faq: Faq, questions: Sequence[Question], *, lang: str = "en", at: date) -> Figures:
    """Rank the articles for each question, whatever the decision about them.

    Raises:
        BadInput: There are no questions.
    """
    if not questions:
        raise BadInput("there are no questions to evaluate")
    everything = max(1, len(faq.articles))
    ranks: list[int | None] = []
    for question in questions:
        hits = faq.search(
            question.text, lang=question.lang or lang, at=question.at or at, limit=everything
        ).hits
        slugs = [hit.article.slug for hit in hits]
        ranks.append(slugs.index(question.article) + 1 if question.article in slugs else None)
    n = len(ranks)
    return Figures(
        n=n,
        p_at_1=sum(rank == 1 for rank in ranks) / n,
        mrr=sum(1 / rank for rank in ranks if rank) / n,
        r_at_5=sum(rank is not None and rank <= RECALL_AT for rank in ranks) / n,
    )
