"""Find the article that answers a question."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from rapidfuzz import fuzz, process

from faq.model import MARGIN, Answer, Article, Decision, Hit
from faq.words import ORDER_WORDS, SAME_WORDS, words

# Below this nothing is answered. Of the 130 questions in tests/faq that have an answer, 115 get it,
# 3 get a choice with it, none gets another; those that have no answer get none.
ANSWER_AT: Final = 0.52
# How like two words must be to be one with a typo (rapidfuzz's ratio); short words must be equal.
SAME_WORD_AT: Final = 80.0
SHORT_WORD: Final = 3
# What a word weighs that no article has, against the rarest one of theirs.
UNKNOWN_WORD: Final = 1.0
# How much the article's other phrasings count beside its best one.
WHOLE_ARTICLE: Final = 0.25


class Faq:
    """The articles in memory, searched word by word, typos forgiven.

    A question is compared with each phrasing (title or variant) of each article: how much of the
    question does the phrasing cover, and how much of the phrasing does the question? Rare words
    weigh more. The same question always gets the same answer.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        by_lang: dict[str, list[Article]] = defaultdict(list)
        for article in sorted(articles, key=lambda a: (a.lang, a.slug)):
            by_lang[article.lang].append(article)
        self._indexes = {lang: _Index(lang, found) for lang, found in by_lang.items()}

    @property
    def articles(self) -> tuple[Article, ...]:
        """All articles, by language and slug, those out of season too."""
        return tuple(a for index in self._indexes.values() for a in index.articles)

    def search(self, text: str, *, lang: str = "en", at: date, limit: int = 5) -> Answer:
        """Articles that may answer ``text``, among those valid on the day ``at``.

        Args:
            at: The day in the shop's time zone.
            limit: How many hits at most.

        Returns:
            Hits with a score above 0, best first, equals by slug. Only the decision says what may
            be done with them: ``answer`` with the first, ``choose`` among ``choices``, ``none``.
        """
        index = self._indexes.get(lang)
        hits = index.search(text, at) if index else []
        return Answer(_decide(hits), tuple(hits[:limit]))


def _decide(hits: Sequence[Hit]) -> Decision:
    if not hits or hits[0].score < ANSWER_AT:
        return Decision.NONE
    if len(hits) > 1 and hits[0].score - hits[1].score < MARGIN:
        return Decision.CHOOSE
    return Decision.ANSWER


def _valid(article: Article, at: date) -> bool:
    return (article.valid_from or at) <= at <= (article.valid_until or at)


class _Index:
    """One language's articles and where each word stands in them."""

    def __init__(self, lang: str, articles: Sequence[Article]) -> None:
        self.articles = tuple(articles)
        self._lang = lang
        phrasings = [
            (number, frozenset(words(phrasing, lang)))
            for number, article in enumerate(articles)
            for phrasing in (article.title, *article.questions)
        ]
        self._owner = [number for number, _ in phrasings]
        self._with: dict[str, list[int]] = defaultdict(list)
        in_articles: dict[str, set[int]] = defaultdict(set)
        for phrasing, (number, found) in enumerate(phrasings):
            for word in sorted(found):
                self._with[word].append(phrasing)
                in_articles[word].add(number)
        same = SAME_WORDS.get(lang, {})
        self._spellings_of = {s: known for s, known in same.items() if known in self._with}
        self._spellings_of |= {known: known for known in self._with}
        self._spellings = list(self._spellings_of)
        self._weight = {
            word: math.log1p(len(articles) / len(owners)) for word, owners in in_articles.items()
        }
        self._unknown = UNKNOWN_WORD * math.log1p(len(articles))
        self._phrasing_weight = [sum(self._weight[w] for w in found) for _, found in phrasings]

    def search(self, text: str, at: date) -> list[Hit]:
        """Hits with a score above 0, best first."""
        asked = words(text, self._lang)
        if self._asks_for_status(asked):
            return []
        covered: defaultdict[int, float] = defaultdict(
            float
        )  # phrasing → weight of the question's words in it
        reached: defaultdict[int, float] = defaultdict(
            float
        )  # phrasing → weight of its own words in the question
        in_article: defaultdict[int, float] = defaultdict(
            float
        )  # article → weight of the question's words in it
        total = 0.0
        for word in asked:
            alike = self._alike(word)
            weight = max((self._weight[w] for w in alike), default=self._unknown)
            total += weight
            best: dict[int, tuple[float, float]] = {}
            for known, likeness in alike.items():
                for phrasing in self._with[known]:
                    found = (likeness * weight, likeness * self._weight[known])
                    best[phrasing] = max(best.get(phrasing, (0.0, 0.0)), found)
            articles: dict[int, float] = {}
            for phrasing, (of_question, of_phrasing) in best.items():
                covered[phrasing] += of_question
                reached[phrasing] += of_phrasing
                owner = self._owner[phrasing]
                articles[owner] = max(articles.get(owner, 0.0), of_question)
            for owner, of_question in articles.items():
                in_article[owner] += of_question
        scores: dict[int, float] = {}
        for phrasing, of_question in covered.items():
            precision = of_question / total
            recall = min(1.0, reached[phrasing] / self._phrasing_weight[phrasing])
            f1 = 2 * precision * recall / (precision + recall)
            owner = self._owner[phrasing]
            scores[owner] = max(scores.get(owner, 0.0), f1)
        hits = [
            Hit(
                self.articles[owner],
                round((1 - WHOLE_ARTICLE) * score + WHOLE_ARTICLE * in_article[owner] / total, 4),
            )
            for owner, score in scores.items()
            if _valid(self.articles[owner], at)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.article.slug))

    def _alike(self, word: str) -> dict[str, float]:
        """The known words that ``word`` may be, each with its likeness, 0 to 1."""
        if word in self._with:
            return {word: 1.0}
        if len(word) <= SHORT_WORD:
            return {}
        near = process.extract(
            word, self._spellings, scorer=fuzz.ratio, score_cutoff=SAME_WORD_AT, limit=5
        )
        alike: dict[str, float] = {}
        for spelling, score, _ in near:
            if len(spelling) > SHORT_WORD:
                known = self._spellings_of[spelling]
                alike[known] = max(alike.get(known, 0.0), score / 100)
        return alike

    def _asks_for_status(self, asked: list[str]) -> bool:
        """Whether nothing is asked but where an order is; numbers may stand beside it."""
        order_words = ORDER_WORDS.get(self._lang, frozenset())
        return all(word in order_words or any(map(str.isdigit, word)) for word in asked)
