"""What the phrasings teach of each article: to whom a question belongs.

Kernel ridge regression: every example votes for its article, the more, the more alike it is to the
question, and one system of equations makes the votes fit the examples. Where there are too many
examples for such a system, a plain ridge regression takes its place: as many equations as a vector
has numbers, however many examples there are.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

# How fast likeness falls off, and how much an example may be wrong: see docs/decisions/0015.
NARROW: Final = 3.0
RIDGE: Final = 0.1
# Beyond this the equations take longer than two seconds and more than 300 MB.
MOST_EXAMPLES: Final = 4_500


class Votes(Protocol):
    """Something that was taught by examples."""

    def of(self, question: Floats) -> Floats:
        """For each class, in order, about 1 for one of its examples and about 0 for others'."""
        ...


def learn(examples: Floats, owners: Ints, classes: int, *, most: int = MOST_EXAMPLES) -> Votes:
    """Learn from examples.

    Args:
        examples: Rows of length 1 or a little less.
        owners: The class of each, from 0, ascending; none is left out.
        most: With more examples than this they are learned linearly.
    """
    return (ByLikeness if len(examples) <= most else ByDirection)(examples, owners, classes)


class ByLikeness:
    """Kernel ridge regression."""

    def __init__(self, examples: Floats, owners: Ints, classes: int) -> None:
        alike = _likeness(examples @ examples.T)
        alike[np.diag_indices_from(alike)] += RIDGE
        wanted = np.zeros((len(examples), classes), np.float32)
        wanted[np.arange(len(examples)), owners] = 1
        self._examples = examples
        # SciPy's Cholesky takes half the time, and 30 MB of every process.
        self._votes: Floats = np.ascontiguousarray(np.linalg.solve(alike, wanted).T)

    def of(self, question: Floats) -> Floats:
        """See ``Votes.of``."""
        alike = _likeness(_times(self._examples, question))
        return _times(self._votes, alike)


class ByDirection:
    """Ridge regression: for each class the direction in which its examples differ from others'."""

    def __init__(self, examples: Floats, owners: Ints, classes: int) -> None:
        system = examples.T @ examples
        system[np.diag_indices_from(system)] += RIDGE
        sums = np.add.reduceat(examples, np.searchsorted(owners, np.arange(classes)))
        found = np.linalg.solve(system, sums.T)
        self._directions: Floats = np.ascontiguousarray(found.T)

    def of(self, question: Floats) -> Floats:
        """See ``Votes.of``."""
        return _times(self._directions, question)


def _likeness(cosines: Floats) -> Floats:
    """1 for the same, near 0 for what has nothing in common; in place."""
    cosines -= 1
    cosines *= NARROW
    return np.exp(cosines, out=cosines)


def _times(rows: Floats, vector: Floats) -> Floats:
    # Not BLAS: its threads wait for each other on a busy machine, 30 ms for what takes 1 ms.
    found: Floats = np.einsum("rw,w->r", rows, vector)
    return found
