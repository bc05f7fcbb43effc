"""Which intent a message has, learnt from examples; and whether it is about a shop at all.

Every example votes for its intent, the more, the more alike it is (``meaning``). A second, small
classifier judges from the votes whether the message is out of scope: what is far from all examples
of the shop gets few votes of theirs.
How sure an answer is, and from where a message is out of scope, are learnt from guesses about
examples that were held back, so the probabilities mean what they say.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from bot.components import meaning, ngrams
from bot.components.meaning import Floats, Labels, Space
from bot.components.wording import even, is_long, parts, without_details, words
from kit.embedding import Embedder
from kit.spelling import Spelling

OUT_OF_SCOPE: Final = "out_of_scope"
# A sentence that asks for one decides, whatever stands around it.
PERSON: Final = "human"
# Said beside the point of a message: a sentence that is only this does not outweigh another.
_MANNERS: Final = ("greet", "thank", "goodbye", "affirm", "deny", "inform", "help", OUT_OF_SCOPE)

_DETAIL: Final = "inform"
_CLEAR: Final = 0.5  # the probability from which a piece of a message is believed
_SURE: Final = 0.9  # the probability from which a sentence asks for a person
_HINT: Final = 0.03  # and from which a short message is looked through for such a sentence
_PARTS_SHARE: Final = 0.4  # of a long message's sentences
_LOST: Final = 0.025  # of the shop's own messages that may be taken for out of scope
# An opt-out's probability alone decides: to miss one is four times as bad as to take something else
# for one.
OPT_OUT: Final = "stop_messages"
_OPTS_OUT: Final = 0.2
_DECIDED_OTHERWISE: Final = (OPT_OUT, OUT_OF_SCOPE)
_FREQUENT: Final = 8
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Guess:
    """What a message may mean.

    Attributes:
        intent: The decision: the likeliest intent, or one of the two that are decided otherwise.
        confidence: From 0 to 1, how sure that is.
        intents: Every intent with its probability, the likeliest first; they add up to 1.
    """

    intent: str
    confidence: float
    intents: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A trained classifier.

    Attributes:
        classes: The intents in the order of the columns.
        centre: Of the space of meanings, as ``axes``; see ``meaning.Space``.
        points: The place of each example in it.
        votes: What each example says of each intent, [examples, classes].
        letters: What each n-gram says of it, [``ngrams.BUCKETS``, classes].
        rarities: The weight of each n-gram.
        shares: The scores of a message that is like nothing, [classes].
        judge: Coefficients of the out-of-scope decision; the last is the intercept.
        sharpness: What scores are multiplied by to become logarithms of probabilities.
        limit: The strangeness from which a message is out of scope.
        spelling: Words of the training data that slips are corrected to.
    """

    classes: tuple[str, ...]
    centre: Floats
    axes: Floats
    points: Floats
    votes: Floats
    letters: Floats
    rarities: Floats
    shares: Floats
    judge: Floats
    sharpness: float
    limit: float
    spelling: tuple[str, ...]

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        intents: Sequence[str],
        embedder: Embedder,
        *,
        letters: float = 0.3,
    ) -> "IntentModel":
        """Learn from examples, some of each intent, ``out_of_scope`` among them.

        The same examples give the same model.

        Args:
            letters: How much two texts' letters being alike counts beside their meaning.
        """
        spelling = _frequent(texts)
        speller = Spelling(spelling, embedder.words())
        cleaned = [even(text, speller) for text in texts]
        classes = tuple(sorted(set(intents)))
        labels: Labels = np.searchsorted(classes, intents).astype(np.int64)
        space, points = _placed(cleaned, embedder)
        counts = ngrams.counted(cleaned)
        rarities = ngrams.rarity(counts)
        grams = ngrams.weighted(counts, rarities) * np.float32(letters**0.5)
        outside = classes.index(OUT_OF_SCOPE)
        held = meaning.held_back(points, labels == outside)
        order = np.argsort(held, kind="stable")  # those held back come last
        points, grams, labels = points[order], grams[order], labels[order]
        known = len(labels) - held.sum()
        votes, scores = meaning.votes(meaning.kernel(points, grams), labels, known)
        learnt = _Held(scores, labels[known:], outside)
        return cls(
            classes=classes,
            centre=space.centre,
            axes=space.axes,
            points=points,
            votes=votes,
            letters=meaning.by_gram(grams, votes) * np.float32(letters**0.5),
            rarities=rarities,
            shares=meaning.shares(labels),
            judge=learnt.judge,
            sharpness=learnt.sharpness,
            limit=learnt.limit,
            spelling=spelling,
        )

    def guess(self, texts: Sequence[str], embedder: Embedder) -> list[Guess]:
        """What each text may mean, in their order.

        A long message is guessed as a whole and sentence by sentence: people put the point into one
        sentence of ten. One that asks for a person decides in a message of any length.
        """
        speller = self._speller(embedder)
        cleaned = [even(text, speller) for text in texts]
        likely = self._likely(cleaned, embedder)
        return [self._guess(text, row, embedder) for text, row in zip(cleaned, likely)]  # noqa: B905

    def save(self, folder: Path) -> None:
        """Write it into two files: arrays, and names."""
        np.savez(folder / "intents.npz", **{name: getattr(self, name) for name in _ARRAYS})
        names = {name: getattr(self, name) for name in _NAMES}
        (folder / "intents.json").write_text(json.dumps(names), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "IntentModel":
        """What ``save`` wrote."""
        names = json.loads((folder / "intents.json").read_text("utf-8"))
        with np.load(folder / "intents.npz") as arrays:
            return cls(
                classes=tuple(names.pop("classes")),
                spelling=tuple(names.pop("spelling")),
                **names,
                **{name: arrays[name] for name in _ARRAYS},
            )

    def _guess(self, text: str, likely: Floats, embedder: Embedder) -> Guess:
        person = self.classes.index(PERSON)
        asked = 0.0
        if is_long(text) or likely[person] >= _HINT:
            sentences = parts(text)
            if sentences:
                said = self._likely(sentences, embedder)
                asked = float(said[:, person].max())
                likely = self._with_parts(likely, said) if is_long(text) else likely
        if self.classes[likely.argmax()] == _DETAIL:
            likely = self._question(likely, text, embedder)
        outside = self.classes.index(OUT_OF_SCOPE)
        strangeness = float(_judged(_evidence(likely[None], outside), self.judge)[0])
        return self._decided(likely, strangeness, asked)

    def _decided(self, likely: Floats, strangeness: float, person: float) -> Guess:
        order = np.argsort(-likely, kind="stable")
        ranked = tuple((self.classes[n], float(likely[n])) for n in order)
        stop = float(likely[self.classes.index(OPT_OUT)])
        if stop >= _OPTS_OUT:
            return Guess(OPT_OUT, stop, ranked)
        if person >= _SURE:
            return Guess(PERSON, person, ranked)
        if strangeness >= self.limit:
            return Guess(OUT_OF_SCOPE, strangeness, ranked)
        intent, confidence = next(one for one in ranked if one[0] not in _DECIDED_OTHERWISE)
        return Guess(intent, confidence, ranked)

    def _speller(self, embedder: Embedder) -> Spelling:
        return _speller(self.spelling, embedder)

    def _likely(self, texts: Sequence[str], embedder: Embedder) -> Floats:
        """The probabilities of each text's intents."""
        cosines = Space(self.centre, self.axes).points(embedder.layers(texts)) @ self.points.T
        grams = ngrams.weighted(ngrams.counted(texts), self.rarities)
        scores = meaning.alike(cosines) @ self.votes + grams @ self.letters + self.shares
        return _softmax(np.float32(self.sharpness) * scores)

    def _question(self, likely: Floats, text: str, embedder: Embedder) -> Floats:
        """What a message asks that looks like details only: the rest of it, where that is clear."""
        rest = without_details(text)
        if rest:
            asked: Floats = self._likely([rest], embedder)[0]
            if asked.max() >= _CLEAR and self.classes[asked.argmax()] not in _MANNERS:
                return asked
        return likely

    def _with_parts(self, whole: Floats, likely: Floats) -> Floats:
        best: Floats = likely.max(axis=0)
        best[[n for n, name in enumerate(self.classes) if name in _MANNERS]] = 0
        if best.max() < _CLEAR:  # no sentence says clearly what it is about
            return whole
        mixed: Floats = (1 - _PARTS_SHARE) * whole + _PARTS_SHARE * best / best.sum()
        return mixed


_ARRAYS: Final = (
    "centre", "axes", "points", "votes", "letters", "rarities", "shares", "judge",
)  # fmt: skip
_NAMES: Final = ("classes", "sharpness", "limit", "spelling")


def _placed(texts: Sequence[str], embedder: Embedder) -> tuple[Space, Floats]:
    """The space of the texts' meanings, and the place of each in it. Reads them on all cores."""
    some = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        layers = np.concatenate(list(pool.map(embedder.layers, some)))
    space = Space.of(layers)
    return space, space.points(layers)


@lru_cache(maxsize=2)
def _speller(words_used: tuple[str, ...], embedder: Embedder) -> Spelling:
    return Spelling(words_used, embedder.words())


class _Held:
    """What guesses about examples teach that had no vote in them.

    Out-of-scope examples of a topic are held back together: a stranger's question is of a topic
    that nobody thought of.

    Args:
        scores: Of each intent, [examples, intents].
        labels: The true intents of those examples.
        outside: The index of the intent that is out of scope.

    Attributes:
        sharpness: That gives the likeliest true answers.
        judge: As in ``IntentModel``, like ``limit``.
    """

    def __init__(self, scores: Floats, labels: Labels, outside: int) -> None:
        from scipy.optimize import minimize_scalar
        from sklearn.linear_model import LogisticRegression

        rows = np.arange(len(labels))

        def surprise(sharpness: float) -> float:
            return float(
                -np.log(_softmax(np.float32(sharpness) * scores)[rows, labels] + 1e-9).mean()
            )

        self.sharpness = float(minimize_scalar(surprise, bounds=(1, 50), method="bounded").x)
        evidence = _evidence(_softmax(np.float32(self.sharpness) * scores), outside)
        strange = labels == outside
        fitted = LogisticRegression(class_weight="balanced").fit(evidence, strange)
        self.judge: Floats = np.append(fitted.coef_[0], fitted.intercept_).astype(np.float32)
        strangeness = _judged(evidence, self.judge)
        self.limit = float(np.quantile(strangeness[~strange], 1 - _LOST))


def _evidence(likely: Floats, outside: int) -> Floats:
    """What speaks for and against messages being out of scope, a row each.

    Args:
        likely: The probability of each intent, [messages, intents].
        outside: The index of that intent.
    """
    inside = np.delete(likely, outside, axis=1).max(axis=1)
    odds = np.log((likely[:, outside] + 1e-3) / (inside + 1e-3))
    evidence: Floats = np.column_stack([odds, inside]).astype(np.float32)
    return evidence


def _judged(evidence: Floats, judge: Floats) -> Floats:
    strangeness: Floats = 1 / (1 + np.exp(-(evidence @ judge[:-1] + judge[-1])))
    return strangeness


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely: Floats = raised / raised.sum(axis=1, keepdims=True)
    return likely


def _frequent(texts: Sequence[str]) -> tuple[str, ...]:
    """Words that several examples have."""
    seen = Counter(word for text in texts for word in set(words(even(text))))
    return tuple(sorted(word for word, count in seen.items() if count >= _FREQUENT))
