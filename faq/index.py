"""One language's articles, scored against a question in three ways at once.

- By words: stems, weighed by how rare they are, typos forgiven; BM25 and two measures of cover.
- By letters: the likeness of the question to an article's best phrasing.
- By meaning: sentence vectors, where there is a model for the language.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from faq.meaning import MOST_REMEMBERED, Vectors, meaning
from faq.model import Article
from faq.words import MOST_WORDS, plain, same_words, words

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

FEATURES: Final = ("bm25", "f1", "letters", "near", "learned")

# How like two words must be to be one with a typo (rapidfuzz's ratio); short words must be equal.
SAME_WORD_AT: Final = 80.0
SHORT_WORD: Final = 3
# What a word weighs that no article has, against the rarest one of theirs.
UNKNOWN_WORD: Final = 1.0
# The usual constants. Source: https://en.wikipedia.org/wiki/Okapi_BM25
K1: Final = 1.2
B: Final = 0.75
# How many articles are looked at closely; the others are too far behind.
CLOSELY: Final = 24
# With this many phrasings an article (the mean) a base is rich; with one it is poor.
RICH: Final = 32
# For how many days, markets and channels it is known which articles are shown.
MOST_KEPT: Final = 64


class Index:
    """Articles of one language, ready to be compared with questions.

    Args:
        articles: At least one.
        vectors: ``None``: words and letters alone.
    """

    def __init__(self, lang: str, articles: Sequence[Article], vectors: Vectors | None) -> None:
        self.articles = tuple(articles)
        self._lang = lang
        self._shown: dict[tuple[date, str | None, str | None, str], NDArray[np.bool_]] = {}
        phrasings = [
            (number, phrasing)
            for number, article in enumerate(articles)
            for phrasing in (article.title, *article.questions)
        ]
        self._texts = [_remembered_plain(phrasing) for _, phrasing in phrasings]
        self._richness = min(1.0, math.log(len(phrasings) / len(self.articles), RICH))
        self._phrasings = frozenset(text.strip("?!. ") for text in self._texts)
        self._owner: Ints = np.array([number for number, _ in phrasings], np.intp)
        self._first: Ints = np.searchsorted(self._owner, np.arange(len(articles)))
        self._words([_remembered_words(phrasing, lang) for _, phrasing in phrasings])
        self._bm25([_remembered_words(f"{a.short} {a.body}", lang, most=400) for a in articles])
        self.meaning = meaning(self.articles, vectors) if vectors else None

    def _words(self, phrasings: Sequence[Sequence[str]]) -> None:
        with_word: dict[str, list[int]] = defaultdict(list)
        for at, found in enumerate(phrasings):
            for word in found:
                with_word[word].append(at)
        self._with: dict[str, Ints] = {w: np.array(ats, np.intp) for w, ats in with_word.items()}
        self._owners: dict[str, Ints] = {
            w: np.unique(self._owner[a]) for w, a in self._with.items()
        }
        same = same_words(self._lang)
        self._spellings_of = {s: known for s, known in same.items() if known in self._with}
        self._spellings_of |= {known: known for known in self._with}
        self._spellings = list(self._spellings_of)
        n = len(self.articles)
        self._weight = {w: math.log1p(n / len(owners)) for w, owners in self._owners.items()}
        self._unknown = UNKNOWN_WORD * math.log1p(n)
        self._phrasing_weight: Floats = np.array(
            [max(sum(self._weight[w] for w in found), 1e-6) for found in phrasings], np.float32
        )

    def _bm25(self, bodies: Sequence[Sequence[str]]) -> None:
        """Each article as one text: its phrasings' words, and its answer's, which weigh half."""
        n = len(self.articles)
        number = {word: at for at, word in enumerate(self._with)}
        asked = [number[word] for word, ats in self._with.items() for _ in ats]
        told = [number.setdefault(word, len(number)) for body in bodies for word in body]
        askers = [self._owner[ats] for ats in self._with.values()]
        tellers = np.repeat(np.arange(n), [*map(len, bodies)])
        word = np.array(asked + told, np.intp)
        owner = np.concatenate([*askers, tellers])
        times = np.repeat([1.0, 0.5], [len(asked), len(told)])

        pairs, which = np.unique(word * n + owner, return_inverse=True)
        word, owner = np.divmod(pairs, n)
        times = np.bincount(which, times)
        lengths = np.bincount(owner, times, n)
        norm = K1 * (1 - B + B * lengths[owner] / max(lengths.mean(), 1e-6))
        with_word = np.bincount(word, minlength=len(number))
        idf = np.log1p((n - with_word + 0.5) / (with_word + 0.5))
        impact = (times * (K1 + 1) / (times + norm) * idf[word]).astype(np.float32)
        ends = with_word.cumsum()
        self._impact: dict[str, tuple[Ints, Floats]] = {
            name: (owner[end - many : end], impact[end - many : end])
            for name, end, many in zip(number, ends, with_word, strict=True)
        }
        self._rarest = math.log1p((n - 0.5) / 1.5) if n > 1 else 1.0

    def shown(
        self, day: date, market: str | None, channel: str | None, home: str
    ) -> NDArray[np.bool_]:
        """For each article ``Article.shown``, worked out once for those who ask alike."""
        key = (day, market, channel, home)
        found = self._shown.get(key)
        if found is None:
            found = np.array(
                [a.shown(day, market=market, channel=channel, home=home) for a in self.articles],
                np.bool_,
            )
            if len(self._shown) >= MOST_KEPT:
                self._shown.clear()
            self._shown[key] = found
        return found

    def by_richness(self, ends: tuple[Floats, Floats]) -> Floats:
        """Between what holds for one phrasing an article and for many, by their logarithm."""
        poor, rich = ends
        mixed: Floats = poor * (1 - self._richness) + rich * self._richness
        return mixed

    def asks(self, text: str) -> bool:
        """Whether an article has this very phrasing."""
        return plain(text).strip("?!. ") in self._phrasings

    def features(self, text: str, shown: NDArray[np.bool_]) -> tuple[Ints, Floats, float]:
        """The articles worth looking at, and how they fit a question.

        Args:
            shown: For each article whether it may be found.

        Returns:
            Numbers of articles, for each a row of ``FEATURES``, mostly 0 to 1, and how much the
            question is like those that no article answers.
        """
        rows = np.zeros((len(self.articles), len(FEATURES)), np.float32)
        rows[:, 0], rows[:, 1] = self._by_words(words(text, self._lang))
        if self.meaning is None:
            near = _best(rows[:, 0] + rows[:, 1], shown)
            folded = plain(text)
            rows[near, 2] = [self._letters(folded, number) for number in near]
            return near, rows[near], 0.0
        question = self.meaning.question(text)
        rows[:, 4], nobodys = self.meaning.learned(question)
        near = _best(rows[:, 0] + rows[:, 4], shown)
        rows[near, 3] = [self.meaning.near(question, number) for number in near]
        return near, rows[near], nobodys

    def _by_words(self, asked: Sequence[str]) -> tuple[Floats, Floats]:
        """Of each article its BM25, and how far its best phrasing and the question overlap."""
        covered = np.zeros(len(self._texts), np.float32)
        reached = np.zeros(len(self._texts), np.float32)
        bm25 = np.zeros(len(self.articles), np.float32)
        total = most = 0.0
        for word in asked:
            alike = self._alike(word)
            weight = max((self._weight[w] for w in alike), default=self._unknown)
            total += weight
            most += self._add_bm25(word, alike, bm25)
            for known, likeness in alike.items():
                at = self._with[known]
                covered[at] += likeness * weight / len(alike)
                reached[at] += likeness * self._weight[known] / len(alike)
        if not total:
            return bm25, np.zeros_like(bm25)
        precision = covered / total
        recall = np.minimum(1.0, reached / self._phrasing_weight)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-6)
        return bm25 / (most or 1.0), np.maximum.reduceat(f1, self._first)

    def _add_bm25(self, word: str, alike: Mapping[str, float], bm25: Floats) -> float:
        """Add one word's part; gives the most it could have been."""
        known = word if word in self._impact else max(alike, key=lambda w: alike[w], default=None)
        if known is None:
            return self._rarest * (K1 + 1)
        numbers, impacts = self._impact[known]
        bm25[numbers] += impacts * alike.get(known, 1.0)
        idf = math.log1p((len(self.articles) - len(numbers) + 0.5) / (len(numbers) + 0.5))
        return idf * (K1 + 1)

    def _letters(self, folded: str, number: int) -> float:
        """The likeness to the article's best phrasing, whatever the order of its words."""
        first = int(self._first[number])
        last = int(self._first[number + 1]) if number + 1 < len(self._first) else len(self._texts)
        best = process.extractOne(folded, self._texts[first:last], scorer=fuzz.token_sort_ratio)
        return best[1] / 100 if best else 0.0

    def _alike(self, word: str) -> dict[str, float]:
        """The known words that ``word`` may be, each with its likeness, 0 to 1."""
        if word in self._with:
            return {word: 1.0}
        if len(word) <= SHORT_WORD:
            return {}
        near: Iterable[tuple[str, float, int]] = process.extract(
            word, self._spellings, scorer=fuzz.ratio, score_cutoff=SAME_WORD_AT, limit=5
        )
        alike: dict[str, float] = {}
        for spelling, score, _ in near:
            if len(spelling) > SHORT_WORD:
                known = self._spellings_of[spelling]
                alike[known] = max(alike.get(known, 0.0), score / 100)
        return alike


@lru_cache(maxsize=MOST_REMEMBERED)
def _remembered_plain(text: str) -> str:
    return plain(text)


@lru_cache(maxsize=MOST_REMEMBERED)
def _remembered_words(text: str, lang: str, *, most: int = MOST_WORDS) -> tuple[str, ...]:
    return tuple(words(text, lang, most=most))


def _best(rough: Floats, shown: NDArray[np.bool_]) -> Ints:
    """The numbers of the articles with the best rough scores above 0, in order of number."""
    rough = np.where(shown, rough, -1.0)
    near = np.arange(len(rough))
    if len(rough) > CLOSELY:
        near = np.argpartition(rough, -CLOSELY)[-CLOSELY:]
    return np.sort(near[rough[near] > 0])
