"""Which intent a message has, learnt from examples; and whether it is about a shop at all.

Two linear classifiers are added up: one sees the sentence model's layers (what is meant), one sees
words and groups of letters (what is written). A third, small one judges from their answers and from
the distance to the examples whether the message is out of scope. How much each counts is learnt
from guesses about examples that were held back, so the probabilities mean what they say.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from bot.components import ngrams
from bot.components.wording import Spelling, even, parts, words
from kit.embedding import Embedder, Vectors

OUT_OF_SCOPE: Final = "out_of_scope"
# Said beside the point of a message: a sentence that is only this does not outweigh another.
_MANNERS: Final = ("greet", "thank", "goodbye", "affirm", "deny", "inform", "help", OUT_OF_SCOPE)

_PARTS_SHARE: Final = 0.4  # of a long message's sentences
_FIRST_LAYER: Final = 3  # those below know words only, which the letters do better
_SHRINKAGE: Final = 0.1  # these three by cross-validation, see docs/understanding.md
_LETTERS_STRENGTH: Final = 0.5
_LOST: Final = 0.025  # of the shop's own messages that may be taken for out of scope
# An opt-out is never to be missed, so the suspicion of one suffices; this share of other messages
# may be taken for one.
NEVER_MISSED: Final = "stop_messages"
_OPPOSITE: Final = ("start_messages", "goodbye")
_FALSE_ALARMS: Final = 0.008
_NEAREST: Final = 5
_FOLDS: Final = 4
_FREQUENT: Final = 8

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


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
        dense: Coefficients [layers * width + 1, classes]; the last row is the intercept.
        letters: Coefficients [``ngrams.BUCKETS`` + 1, classes], likewise.
        rarities: The weight of each n-gram's column.
        examples: Sentence vectors of the training data.
        labels: The class of each example, as an index.
        judge: Coefficients of the out-of-scope decision; the last is the intercept.
        limit: The strangeness from which a message is out of scope.
        alarm: The probability from which a message is an opt-out, whatever is likelier.
        spelling: Words of the training data that slips are corrected to.
    """

    classes: tuple[str, ...]
    dense: Floats
    letters: Floats
    rarities: Floats
    examples: Floats
    labels: Labels
    judge: Floats
    limit: float
    alarm: float
    spelling: tuple[str, ...]

    @classmethod
    def train(
        cls, texts: Sequence[str], intents: Sequence[str], embedder: Embedder
    ) -> "IntentModel":
        """Learn from examples, some of each intent, ``out_of_scope`` among them.

        The same examples give the same model.
        """
        spelling = _frequent(texts)
        speller = Spelling(spelling, embedder.words())
        cleaned = [even(text, speller) for text in texts]
        layers = embedder.layers(cleaned)
        seen = _Seen(_flat(layers), ngrams.counted(cleaned), layers[:, -1])
        classes = tuple(sorted(set(intents)))
        labels: Labels = np.searchsorted(classes, intents).astype(np.int64)
        held = _Held(seen, labels, classes.index(OUT_OF_SCOPE))
        weights = held.weights()
        judge, limit = held.judge(weights)
        rarities, dense, letters = _fit(seen, labels)
        return cls(
            classes=classes,
            dense=dense * weights[0],
            letters=letters * weights[1],
            rarities=rarities,
            examples=np.ascontiguousarray(seen.vectors),
            labels=labels,
            judge=judge,
            limit=limit,
            alarm=held.alarm(weights, classes.index(NEVER_MISSED)),
            spelling=spelling,
        )

    def guess(self, texts: Sequence[str], embedder: Embedder) -> list[Guess]:
        """What each text may mean, in their order.

        A long message is guessed as a whole and sentence by sentence: people put the point into one
        sentence of ten.
        """
        speller = self._speller(embedder)
        cleaned = [even(text, speller) for text in texts]
        split = [parts(text) for text in cleaned]
        everything = cleaned + [part for some in split for part in some]
        layers = embedder.layers(everything)
        likely = self._likely(everything, layers)
        guesses, at = [], len(texts)
        for row, some in enumerate(split):
            mixed = self._with_parts(likely[row], likely[at : at + len(some)])
            at += len(some)
            guesses.append(self._decided(mixed, self._strangeness(mixed, layers[row, -1])))
        return guesses

    def save(self, folder: Path) -> None:
        """Write it into two files: arrays, and names."""
        np.savez(folder / "intents.npz", **{name: getattr(self, name) for name in _ARRAYS})
        names = {name: getattr(self, name) for name in ("classes", "limit", "alarm", "spelling")}
        (folder / "intents.json").write_text(json.dumps(names), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "IntentModel":
        """What ``save`` wrote."""
        names = json.loads((folder / "intents.json").read_text("utf-8"))
        with np.load(folder / "intents.npz") as arrays:
            return cls(
                classes=tuple(names["classes"]),
                limit=names["limit"],
                alarm=names["alarm"],
                spelling=tuple(names["spelling"]),
                **{name: arrays[name] for name in _ARRAYS},
            )

    def _decided(self, likely: Floats, strangeness: float) -> Guess:
        order = np.argsort(-likely, kind="stable")
        ranked = tuple((self.classes[n], float(likely[n])) for n in order)
        stop = float(likely[self.classes.index(NEVER_MISSED)])
        if stop >= self.alarm and ranked[0][0] not in _OPPOSITE:
            return Guess(NEVER_MISSED, stop, ranked)
        if strangeness >= self.limit:
            return Guess(OUT_OF_SCOPE, strangeness, ranked)
        intent, confidence = next(one for one in ranked if one[0] != OUT_OF_SCOPE)
        return Guess(intent, confidence, ranked)

    def _speller(self, embedder: Embedder) -> Spelling:
        return _speller(self.spelling, embedder)

    def _likely(self, texts: Sequence[str], layers: Vectors) -> Floats:
        counts = ngrams.weighted(ngrams.counted(texts), self.rarities)
        return _softmax(_scores(_flat(layers), self.dense) + _scores(counts, self.letters))

    def _with_parts(self, whole: Floats, likely: Floats) -> Floats:
        if not len(likely):
            return whole
        best: Floats = likely.max(axis=0)
        best[[n for n, name in enumerate(self.classes) if name in _MANNERS]] = 0
        if best.max() < 0.5:  # no sentence says clearly what it is about
            return whole
        mixed: Floats = (1 - _PARTS_SHARE) * whole + _PARTS_SHARE * best / best.sum()
        return mixed

    def _strangeness(self, likely: Floats, vector: Floats) -> float:
        outside = self.classes.index(OUT_OF_SCOPE)
        seen = _evidence(likely, self.examples @ vector, self.labels == outside, outside)
        return float(_sigmoid(_scores(seen, self.judge)))


_ARRAYS: Final = ("dense", "letters", "rarities", "examples", "labels", "judge")


@lru_cache(maxsize=2)
def _speller(words_used: tuple[str, ...], embedder: Embedder) -> Spelling:
    return Spelling(words_used, embedder.words())


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is seen of texts: layers side by side, n-grams, sentence vectors; a row each."""

    layers: Floats
    counts: csr_matrix
    vectors: Floats

    def __getitem__(self, rows: NDArray[np.bool_]) -> "_Seen":
        return _Seen(self.layers[rows], self.counts[rows], self.vectors[rows])


class _Held:
    """Guesses about every example by classifiers that have not seen it.

    Out-of-scope examples of a topic are held back together: a stranger's question is of a topic
    that nobody thought of.
    """

    def __init__(self, seen: _Seen, labels: Labels, outside: int) -> None:
        self._labels = labels
        self._outside = outside
        self._dense, self._letters = np.zeros((2, len(labels), labels.max() + 1), np.float32)
        self._near: dict[int, tuple[Floats, NDArray[np.bool_]]] = {}
        folds = _folds(seen.vectors, labels == outside)
        for fold in range(_FOLDS):
            held, kept = folds == fold, folds != fold
            rarities, dense, letters = _fit(seen[kept], labels[kept])
            test = seen[held]
            self._dense[held] = _scores(test.layers, dense)
            self._letters[held] = _scores(ngrams.weighted(test.counts, rarities), letters)
            strange = labels[kept] == outside
            for row, near in zip(np.flatnonzero(held), test.vectors @ seen.vectors[kept].T):  # noqa: B905
                self._near[row] = near, strange

    def weights(self) -> tuple[float, float]:
        """How much the layers and the letters count, for the likeliest true answers."""
        from scipy.optimize import minimize

        rows = np.arange(len(self._labels))

        def surprise(logs: NDArray[np.float64]) -> float:
            likely = self._likely(*np.exp(logs))
            return float(-np.log(likely[rows, self._labels] + 1e-9).mean())

        best = minimize(surprise, [0.0, 0.0], method="Nelder-Mead", options={"maxiter": 60})
        dense, letters = np.exp(best.x)
        return float(dense), float(letters)

    def judge(self, weights: tuple[float, float]) -> tuple[Floats, float]:
        """The out-of-scope decision: its coefficients, and the limit."""
        from sklearn.linear_model import LogisticRegression

        outside = self._labels == self._outside
        evidence = np.array(
            [
                _evidence(likely, near, strange, self._outside)
                for likely, (near, strange) in (
                    (row, self._near[at]) for at, row in enumerate(self._likely(*weights))
                )
            ]
        )
        fitted = LogisticRegression(class_weight="balanced").fit(evidence, outside)
        judge: Floats = np.append(fitted.coef_[0], fitted.intercept_).astype(np.float32)
        strangeness = _sigmoid(_scores(evidence, judge))
        return judge, float(np.quantile(strangeness[~outside], 1 - _LOST))

    def alarm(self, weights: tuple[float, float], wanted: int) -> float:
        """From which probability a message is taken for the wanted intent."""
        likely = self._likely(*weights)[:, wanted]
        return min(0.5, float(np.quantile(likely[self._labels != wanted], 1 - _FALSE_ALARMS)))

    def _likely(self, dense: float, letters: float) -> Floats:
        return _softmax(dense * self._dense + letters * self._letters)


def _evidence(likely: Floats, near: Floats, strange: NDArray[np.bool_], outside: int) -> Floats:
    """What speaks for and against a message being out of scope.

    Args:
        likely: The probability of each intent.
        near: The likeness to each example.
        strange: Which examples are out of scope.
        outside: The index of that intent.
    """
    inside = np.delete(likely, outside)
    odds = np.log((likely[outside] + 1e-3) / (inside.max() + 1e-3))
    to_ours = np.partition(near[~strange], -_NEAREST)[-_NEAREST:].mean()
    to_strange = np.partition(near[strange], -_NEAREST)[-_NEAREST:].mean()
    return np.array([odds, inside.max(), to_ours, to_strange], np.float32)


def _folds(vectors: Floats, outside: NDArray[np.bool_]) -> Labels:
    """The fold of each example: at random, but out-of-scope ones by topic."""
    from sklearn.cluster import KMeans

    folds = np.random.default_rng(0).permutation(len(vectors)) % _FOLDS
    topics = min(4 * _FOLDS, int(outside.sum()))
    clusters = KMeans(topics, n_init=3, random_state=0).fit_predict(vectors[outside])
    folds[outside] = clusters % _FOLDS
    return folds


def _fit(seen: _Seen, labels: Labels) -> tuple[Floats, Floats, Floats]:
    """The rarity of n-grams, and the coefficients for layers and for letters."""
    from sklearn.svm import LinearSVC

    rarities = ngrams.rarity(seen.counts)
    svm = LinearSVC(C=_LETTERS_STRENGTH, tol=1e-3, random_state=0)
    svm.fit(ngrams.weighted(seen.counts, rarities), labels)
    # By rows: a message needs a few hundred of them, and scipy would copy all of it otherwise.
    letters = np.vstack([svm.coef_.T, svm.intercept_]).astype(np.float32, order="C")
    return rarities, _discriminant(seen.layers, labels), letters


def _discriminant(features: Floats, labels: Labels) -> Floats:
    """Linear discriminant analysis with a shrunken covariance, every class as likely beforehand."""
    classes = labels.max() + 1
    means = np.stack([features[labels == n].mean(axis=0) for n in range(classes)])
    inside = features - means[labels]
    covariance = inside.T @ inside / len(features)
    spread = np.trace(covariance) / len(covariance)
    covariance *= 1 - _SHRINKAGE
    covariance[np.diag_indices_from(covariance)] += _SHRINKAGE * spread
    coefficients = np.linalg.solve(covariance, means.T)
    intercepts = -0.5 * np.einsum("cf,fc->c", means, coefficients)
    return np.vstack([coefficients, intercepts]).astype(np.float32)


def _flat(layers: Vectors) -> Floats:
    """The upper layers side by side."""
    return layers[:, _FIRST_LAYER:].reshape(len(layers), -1)


def _scores(features: Any, coefficients: Floats) -> Floats:
    scores: Floats = features @ coefficients[:-1] + coefficients[-1]
    return scores


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _sigmoid(score: Any) -> Any:
    return 1 / (1 + np.exp(-score))


def _frequent(texts: Sequence[str]) -> tuple[str, ...]:
    """Words that several examples have."""
    seen = Counter(word for text in texts for word in set(words(even(text))))
    return tuple(sorted(word for word, count in seen.items() if count >= _FREQUENT))
