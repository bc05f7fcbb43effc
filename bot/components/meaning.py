"""Where a message lies among the examples, and what its place there says of its intent.

Kernel ridge regression: every example votes for its intent, the more, the more alike it is to the
message in meaning and in letters. The votes' weights are the solution of one system of equations,
so there are no iterations and no random numbers.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

# All by cross-validation, see docs/decisions/, "understanding by likeness".
FIRST_LAYER: Final = 1  # of the sentence model: the one below knows words only, as the letters do
_AXES: Final = 192
_STEEPNESS: Final = 1.3
_RIDGE: Final = 0.06
_CHUNK: Final = 512
_HELD_BACK: Final = 4  # one example in so many


@dataclass(frozen=True, slots=True)
class Space:
    """The main directions of the sentence model's upper layers, side by side.

    Attributes:
        centre: [layers * width], the examples' mean.
        axes: [layers * width, axes].
    """

    centre: Floats
    axes: Floats

    @classmethod
    def of(cls, layers: Floats) -> "Space":
        """Learn it from the layers of the examples, [examples, layers, width]."""
        flat = _upper(layers)
        centre = flat.mean(axis=0)
        flat = flat - centre
        axes = np.linalg.eigh(flat.T @ flat)[1][:, ::-1][:, :_AXES]
        return cls(centre, np.ascontiguousarray(axes, np.float32))

    def points(self, layers: Floats) -> Floats:
        """Each text's place, [texts, axes], at distance 1 from the centre."""
        found = (_upper(layers) - self.centre) @ self.axes
        points: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
        return points


def alike(cosines: Floats) -> Floats:
    """How much an example counts, from 0 to 1, by the cosine of the angle to it."""
    likeness: Floats = np.float32(_STEEPNESS) * cosines
    likeness -= np.float32(_STEEPNESS)
    return np.exp(likeness, out=likeness)  # in place, as the kernel is large


def kernel(points: Floats, grams: csr_matrix) -> Floats:
    """How alike the examples are to each other, in meaning and n-grams, [examples, examples]."""
    found = np.empty((len(points), len(points)), np.float32)

    def strip(start: int) -> None:  # nothing else is of the kernel's size
        end = start + _CHUNK
        some = alike(points[start:end] @ points[start:].T)
        some += (grams[start:end] @ grams[start:].T).toarray()
        found[start:end, start:] = some
        found[start:, start:end] = some.T

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # scipy works without Python's lock
        list(pool.map(strip, range(0, len(points), _CHUNK)))
    return found


def votes(kernel: Floats, labels: Labels, known: int) -> tuple[Floats, Floats]:
    """The weight of each example's vote for each intent, [examples, intents]; and held-out scores.

    Those are what the examples from ``known`` on would score, [examples - known, intents], if only
    the ones before had a vote: all of it comes from one factor, as its upper left part is theirs.

    Uses the kernel's memory, a gigabyte, for its work: nothing of the kernel is left.
    """
    from scipy.linalg import cho_solve, cholesky, solve_triangular

    wanted = np.eye(labels.max() + 1, dtype=np.float32)[labels]
    kernel[np.diag_indices_from(kernel)] += _RIDGE
    # Transposed it is the same numbers, and lies in memory as LAPACK wants it, which else copies.
    factor = cholesky(kernel.T, lower=True, overwrite_a=True, check_finite=False)
    weights: Floats = cho_solve((factor, True), wanted - shares(labels), check_finite=False)
    few = shares(labels[:known])
    wanted[:known] -= few
    wanted[known:] = 0
    half = solve_triangular(factor, wanted, lower=True, check_finite=False)[:known]
    scores: Floats = factor[known:, :known] @ half + few
    return weights, scores


def by_gram(grams: csr_matrix, weights: Floats) -> Floats:
    """What each n-gram says of each intent: the votes added up beforehand, [n-grams, intents]."""
    # By rows: a message needs a few hundred of them, and scipy would copy all of it otherwise.
    summed: Floats = np.ascontiguousarray(grams.T @ weights, np.float32)
    return summed


def shares(labels: Labels) -> Floats:
    """The share of each intent among the examples: the answer where nothing is alike."""
    return (np.bincount(labels) / len(labels)).astype(np.float32)


def held_back(points: Floats, together: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the examples to hold back, a quarter: at random, but ``together`` ones by topic."""
    from sklearn.cluster import KMeans

    part = np.random.default_rng(0).permutation(len(points)) % _HELD_BACK
    topics = min(4 * _HELD_BACK, int(together.sum()))
    found = KMeans(topics, n_init=3, random_state=0).fit_predict(points[together])
    part[together] = found % _HELD_BACK
    return part == 0


def _upper(layers: Floats) -> Floats:
    return layers[:, FIRST_LAYER:].reshape(len(layers), -1)
