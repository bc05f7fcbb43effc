"""Which intent a message has, learnt from examples; and whether it is about a shop at all.

Every example votes for its intent, the more, the more alike it is (``meaning``). A second, small
classifier judges from the votes and from the nearest examples whether the message is out of scope.
How sure an answer is, and both limits, are learnt from guesses about examples that were held back,
so the probabilities mean what they say.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
_PARTS_SHARE: Final = 0.4  # of a long message's sentences
_LOST: Final = 0.02  # of the shop's own messages that may be taken for out of scope
# An opt-out is to be found however it is put, and little else taken for one: its probability alone
# decides. This share of other messages, among which look-alikes abound, may be taken for one.
OPT_OUT: Final = "stop_messages"
_DECIDED_OTHERWISE: Final = (OPT_OUT, OUT_OF_SCOPE)
_FALSE_ALARMS: Final = 0.022
_NEAREST: Final = 5
_FOLDS: Final = 4
_FREQUENT: Final = 8


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
        labels: The class of each example, as an index.
        judge: Coefficients of the out-of-scope decision; the last is the intercept.
        sharpness: What scores are multiplied by to become logarithms of probabilities.
        limit: The strangeness from which a message is out of scope.
        alarm: The probability from which a message is an opt-out; below it, it is none.
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
    labels: Labels
    judge: Floats
    sharpness: float
    limit: float
    alarm: float
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
        layers = embedder.layers(cleaned)
        space = Space.of(layers)
        points = space.points(layers)
        counts = ngrams.counted(cleaned)
        rarities = ngrams.rarity(counts)
        grams = ngrams.weighted(counts, rarities) * np.float32(letters**0.5)
        classes = tuple(sorted(set(intents)))
        labels: Labels = np.searchsorted(classes, intents).astype(np.int64)
        kernel = meaning.kernel(points, grams)
        held = _Held(kernel, points, labels, classes.index(OUT_OF_SCOPE))
        votes = meaning.votes(kernel, labels)
        return cls(
            classes=classes,
            centre=space.centre,
            axes=space.axes,
            points=points,
            votes=votes,
            letters=meaning.by_gram(grams, votes) * np.float32(letters**0.5),
            rarities=rarities,
            shares=meaning.shares(labels),
            labels=labels,
            judge=held.judge,
            sharpness=held.sharpness,
            limit=held.limit,
            alarm=held.alarm(classes.index(OPT_OUT)),
            spelling=spelling,
        )

    def guess(self, texts: Sequence[str], embedder: Embedder) -> list[Guess]:
        """What each text may mean, in their order.

        A long message is guessed as a whole and sentence by sentence: people put the point into one
        sentence of ten. One that asks for a person decides in a message of any length.
        """
        speller = self._speller(embedder)
        cleaned = [even(text, speller) for text in texts]
        split = [parts(text) for text in cleaned]
        everything = cleaned + [part for some in split for part in some]
        likely, cosines = self._seen(everything, embedder)
        guesses, at = [], len(texts)
        for row, some in enumerate(split):
            said, at = likely[at : at + len(some)], at + len(some)
            mixed, near = likely[row], cosines[row]
            if is_long(cleaned[row]):
                mixed = self._with_parts(mixed, said)
            if self.classes[mixed.argmax()] == _DETAIL:
                mixed, near = self._question(mixed, near, cleaned[row], embedder)
            asked = float(said[:, self.classes.index(PERSON)].max(initial=0.0))
            guesses.append(self._decided(mixed, self._strangeness(mixed, near), asked))
        return guesses

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

    def _decided(self, likely: Floats, strangeness: float, person: float) -> Guess:
        order = np.argsort(-likely, kind="stable")
        ranked = tuple((self.classes[n], float(likely[n])) for n in order)
        stop = float(likely[self.classes.index(OPT_OUT)])
        if stop >= self.alarm:
            return Guess(OPT_OUT, stop, ranked)
        if person >= _SURE:
            return Guess(PERSON, person, ranked)
        if strangeness >= self.limit:
            return Guess(OUT_OF_SCOPE, strangeness, ranked)
        intent, confidence = next(one for one in ranked if one[0] not in _DECIDED_OTHERWISE)
        return Guess(intent, confidence, ranked)

    def _speller(self, embedder: Embedder) -> Spelling:
        return _speller(self.spelling, embedder)

    def _seen(self, texts: Sequence[str], embedder: Embedder) -> tuple[Floats, Floats]:
        """The probabilities of each text's intents, and the cosines to the examples."""
        cosines = Space(self.centre, self.axes).points(embedder.layers(texts)) @ self.points.T
        grams = ngrams.weighted(ngrams.counted(texts), self.rarities)
        scores = meaning.alike(cosines) @ self.votes + grams @ self.letters + self.shares
        return _softmax(np.float32(self.sharpness) * scores), cosines

    def _question(
        self, likely: Floats, near: Floats, text: str, embedder: Embedder
    ) -> tuple[Floats, Floats]:
        """What a message asks that looks like details only: the rest of it, where that is clear."""
        rest = without_details(text)
        if rest:
            asked, cosines = self._seen([rest], embedder)
            if asked[0].max() >= _CLEAR and self.classes[asked[0].argmax()] not in _MANNERS:
                return asked[0], cosines[0]
        return likely, near

    def _with_parts(self, whole: Floats, likely: Floats) -> Floats:
        if not len(likely):
            return whole
        best: Floats = likely.max(axis=0)
        best[[n for n, name in enumerate(self.classes) if name in _MANNERS]] = 0
        if best.max() < _CLEAR:  # no sentence says clearly what it is about
            return whole
        mixed: Floats = (1 - _PARTS_SHARE) * whole + _PARTS_SHARE * best / best.sum()
        return mixed

    def _strangeness(self, likely: Floats, cosines: Floats) -> float:
        outside = self.classes.index(OUT_OF_SCOPE)
        near = _near(cosines, self.labels == outside)
        return float(_judged(_evidence(likely[None], near[None], outside), self.judge)[0])


_ARRAYS: Final = (
    "centre", "axes", "points", "votes", "letters", "rarities", "shares", "labels", "judge",
)  # fmt: skip
_NAMES: Final = ("classes", "sharpness", "limit", "alarm", "spelling")


@lru_cache(maxsize=2)
def _speller(words_used: tuple[str, ...], embedder: Embedder) -> Spelling:
    return Spelling(words_used, embedder.words())


class _Held:
    """Guesses about every example by a classifier that has not seen it.

    Out-of-scope examples of a topic are held back together: a stranger's question is of a topic
    that nobody thought of.

    Attributes:
        sharpness: That gives the likeliest true answers.
        likely: The probability of each intent for each example.
        judge: As in ``IntentModel``, like ``limit``.
    """

    def __init__(self, kernel: Floats, points: Floats, labels: Labels, outside: int) -> None:
        from scipy.optimize import minimize_scalar
        from sklearn.linear_model import LogisticRegression

        self._labels = labels
        strange = labels == outside
        scores = np.zeros((len(labels), labels.max() + 1), np.float32)
        near = np.zeros((len(labels), 2), np.float32)
        for held in meaning.folds(points, strange, _FOLDS):
            kept = ~held
            votes = meaning.votes(kernel[np.ix_(kept, kept)], labels[kept])
            scores[held] = kernel[np.ix_(held, kept)] @ votes + meaning.shares(labels[kept])
            near[held] = [_near(row, strange[kept]) for row in points[held] @ points[kept].T]

        rows = np.arange(len(labels))

        def surprise(sharpness: float) -> float:
            return float(
                -np.log(_softmax(np.float32(sharpness) * scores)[rows, labels] + 1e-9).mean()
            )

        self.sharpness = float(minimize_scalar(surprise, bounds=(1, 50), method="bounded").x)
        self.likely = _softmax(np.float32(self.sharpness) * scores)
        evidence = _evidence(self.likely, near, outside)
        fitted = LogisticRegression(class_weight="balanced").fit(evidence, strange)
        self.judge: Floats = np.append(fitted.coef_[0], fitted.intercept_).astype(np.float32)
        strangeness = _judged(evidence, self.judge)
        self.limit = float(np.quantile(strangeness[~strange], 1 - _LOST))

    def alarm(self, wanted: int) -> float:
        """From which probability a message is taken for the wanted intent."""
        likely = self.likely[:, wanted]
        return float(np.quantile(likely[self._labels != wanted], 1 - _FALSE_ALARMS))


def _near(cosines: Floats, strange: NDArray[np.bool_]) -> Floats:
    """How near a message is to the nearest of our examples, and of those out of scope."""
    near = (np.partition(some, -_NEAREST)[-_NEAREST:].mean() for some in
            (cosines[~strange], cosines[strange]))  # fmt: skip
    return np.fromiter(near, np.float32, 2)


def _evidence(likely: Floats, near: Floats, outside: int) -> Floats:
    """What speaks for and against messages being out of scope, a row each.

    Args:
        likely: The probability of each intent, [messages, intents].
        near: As ``_near`` gives them, [messages, 2].
        outside: The index of that intent.
    """
    inside = np.delete(likely, outside, axis=1).max(axis=1)
    odds = np.log((likely[:, outside] + 1e-3) / (inside + 1e-3))
    evidence: Floats = np.column_stack([odds, inside, near]).astype(np.float32)
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
