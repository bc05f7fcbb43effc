"""Find the article that answers a question."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faq import last_orders
from faq.index import FEATURES, Index
from faq.meaning import Vectors
from faq.model import Answer, Article, Decision, Hit
from faq.render import Rendered, Renderer
from faq.words import is_about_an_order, words

Floats = NDArray[np.float32]

# Below this nothing is answered.
ANSWER_AT: Final = 0.5

# What each feature counts in the order of ``FEATURES``, where articles have one phrasing each and
# where they have many: the fewer there are, the less a word in common tells, and the more it counts
# how near the nearest is. Fitted so that the right article's sum is the largest, on the development
# half of tests/faq/paraphrases.jsonl asked of 1, 2, 4, 8, 16 and all phrasings of our articles, and
# on two bases of other fields: see docs/decisions/0015.
_WITH_MEANING: Final = (
    np.array([2.5, 1.0, 0.0, 13.9, 6.3], np.float32),
    np.array([6.1, 1.7, 0.0, 8.0, 9.0], np.float32),
)
_BY_LETTERS: Final = (np.array([4.1, 6.2, 7.7, 0.0, 0.0], np.float32),) * 2
assert all(len(w) == len(FEATURES) for w in (*_WITH_MEANING, *_BY_LETTERS))  # noqa: S101

# From the best article's sum, and how much the question is nobody's, to the chance that an article
# answers it: factors and a start, of few phrasings and of many. Fitted on the same questions and on
# every second line of tests/faq/unanswerable.txt.
_SCALE_WITH_MEANING: Final = (
    np.array([0.22, -10.1, 7.85], np.float32),
    np.array([0.26, -8.06, 0.5], np.float32),
)
_SCALE_BY_LETTERS: Final = (np.array([0.57, 0.0, -3.75], np.float32),) * 2

# What it counts, beside the features, that a question names a season and where to or how, and the
# article tells that season's last order dates.
BY_TABLE: Final = 2.0

_MOST_CHARS: Final = 1_000  # of a question; whoever writes more asks a person


class Faq:
    """The articles in memory. The same question always gets the same answer.

    Threads may search while ``replace`` puts other articles in their place.

    Args:
        articles: All of them, those out of season too.
        renderer: Fills the articles in; ``None``: there are no values and no cut-off table.
        vectors: Sentence vectors; ``None``: words and letters alone.
        meant: The languages that the sentence model reads.
    """

    def __init__(
        self,
        articles: Iterable[Article],
        *,
        renderer: Renderer | None = None,
        vectors: Vectors | None = None,
        meant: Collection[str] = ("en",),
    ) -> None:
        self._vectors = vectors
        self._meant = frozenset(meant)
        self._indexes: Mapping[str, Index] = {}
        self.renderer = renderer or Renderer()
        self.replace(articles)

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, by language and slug, those out of season too."""
        return tuple(a for index in self._indexes.values() for a in index.articles)

    @property
    def by_meaning(self) -> bool:
        """Whether a sentence model is at work."""
        return self._vectors is not None

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that have articles."""
        return tuple(self._indexes)

    def replace(self, articles: Iterable[Article], renderer: Renderer | None = None) -> None:
        """Search these from now on; whoever is searching now still sees the former."""
        by_lang: dict[str, list[Article]] = defaultdict(list)
        for article in sorted(articles, key=lambda a: (a.lang, a.slug)):
            by_lang[article.lang].append(article)
        self._indexes = {
            lang: Index(lang, found, self._vectors if lang in self._meant else None)
            for lang, found in by_lang.items()
        }
        self.renderer = renderer or self.renderer

    def learn(self, vectors: Vectors) -> None:
        """Search by meaning, too, from now on; takes as long as the vectors that are missing."""
        self._vectors = vectors
        self.replace(self.articles)

    def say(
        self, article: Article, *, at: datetime, question: str = "", market: str | None = None
    ) -> Rendered:
        """An article as it is read now: see ``Renderer.render``."""
        return self.renderer.render(article, at=at, question=question, market=market)

    def article(self, slug: str, lang: str) -> Article | None:
        """One article; ``None``: there is none of that slug in that language."""
        index = self._indexes.get(lang)
        return next((a for a in index.articles if a.slug == slug), None) if index else None

    def search(
        self,
        text: str,
        *,
        lang: str = "en",
        at: date,
        market: str | None = None,
        channel: str | None = None,
        limit: int = 5,
    ) -> Answer:
        """Articles that may answer ``text``, among those shown on the day ``at``.

        Args:
            at: The day in the shop's time zone.
            market: The shopper's country (ISO 3166); ``None``: whichever.
            channel: The channel's slug; ``None``: whichever.
            limit: How many hits at most.

        Returns:
            Hits with a score above 0, best first, equals by priority and slug. Only the decision
            says what may be done with them: ``answer`` with the first, ``choose`` among
            ``choices``, ``none``.
        """
        index = self._indexes.get(lang)
        text = text[:_MOST_CHARS]
        if index is None:
            return Answer(Decision.NONE, ())
        if is_about_an_order(words(text, lang), lang) and not index.asks(text):
            return Answer(Decision.NONE, ())
        home = self.renderer.shop.country
        shown = index.shown(at, market, channel, home)
        hits = _hits(index, text, shown, self._told_by_table(text, index, lang))
        return Answer(_decide(hits), tuple(hits[:limit]))

    def _told_by_table(self, text: str, index: Index, lang: str) -> Floats:
        """For each article ``BY_TABLE`` if the cut-off table has what ``text`` asks, else 0."""
        by_table = np.zeros(len(index.articles), np.float32)
        if seasons := last_orders.seasons_asked(text, self.renderer.table, lang):
            by_table[[article.cutoffs in seasons for article in index.articles]] = BY_TABLE
        return by_table


def _hits(index: Index, text: str, shown: NDArray[np.bool_], by_table: Floats) -> list[Hit]:
    near, features, elsewhere = index.features(text, shown)
    by_meaning = index.meaning is not None
    weights = index.by_richness(_WITH_MEANING if by_meaning else _BY_LETTERS)
    slope, away, start = index.by_richness(_SCALE_WITH_MEANING if by_meaning else _SCALE_BY_LETTERS)
    sums = (features * weights).sum(axis=1) + by_table[near]
    hits = [
        Hit(index.articles[number], _chance(float(slope * value + away * elsewhere + start)))
        for number, value in zip(near, sums, strict=True)
    ]
    return sorted(hits, key=lambda hit: (-hit.score, -hit.article.priority, hit.article.slug))


def _chance(logit: float) -> float:
    return round(1 / (1 + math.exp(-logit)), 5)


def _decide(hits: list[Hit]) -> Decision:
    if not hits or hits[0].score < ANSWER_AT:
        return Decision.NONE
    first, second = hits[0], hits[1] if len(hits) > 1 else None
    if (
        second is not None
        and first.is_near(second)
        and first.article.priority <= second.article.priority
    ):
        return Decision.CHOOSE
    return Decision.ANSWER
