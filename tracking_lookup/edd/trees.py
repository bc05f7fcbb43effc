"""Boosted trees as arrays: what scikit-learn has learned is said without it.

Its import takes a hundred megabytes and a second or more, in every process that tells a date; the
trees themselves are two hundred small tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

Vector = NDArray[np.float64]

_AT_ONCE: Final = 1_000
"""Rows, so that what is worked out on the way stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Trees:
    """The nodes of many trees, one after the other. What a row's leaves say is added up.

    Attributes:
        base: What is said before the first tree.
        roots: Where each tree begins.
        depth: Steps from a root to the deepest leaf.
        column: That a node looks at.
        most: Up to this its left branch is taken.
        missing: 1 where a row that lacks the number goes to the right.
        branches: Of each node the left and the right one, one after the other; a leaf's are itself.
        says: What a leaf adds; 0 at other nodes.
    """

    base: float
    roots: NDArray[np.int32]
    depth: int
    column: NDArray[np.int32]
    most: Vector
    missing: NDArray[np.bool_]
    branches: NDArray[np.int32]
    says: Vector

    def predict(self, rows: Vector) -> Vector:
        """What they say of each row; NaN is a number that is not known."""
        parts = [self._some(rows[at : at + _AT_ONCE]) for at in range(0, len(rows), _AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _some(self, rows: Vector) -> Vector:
        row = np.arange(len(rows))[:, None]
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            seen = rows[row, self.column[at]]
            right = (seen > self.most[at]) | (np.isnan(seen) & self.missing[at])
            at = self.branches[2 * at + right]
        said: Vector = self.says[at].sum(axis=1) + self.base
        return said


def taken(fitted: Sequence[HistGradientBoostingRegressor], columns: Sequence[int]) -> Trees:
    """The mean of fits that were made of these columns, as trees that look at all columns.

    Source: scikit-learn 1.9, ``sklearn/ensemble/_hist_gradient_boosting/common.pyx``
    (``PREDICTOR_RECORD_DTYPE``) and ``_predictor.pyx``; neither is documented, a test compares.
    """
    tables: list[NDArray[Any]] = [tree.nodes for one in fitted for (tree,) in one._predictors]
    roots = np.cumsum([0, *map(len, tables)])[:-1]
    nodes = np.concatenate(tables)
    leaf = nodes["is_leaf"].astype(bool)
    first = np.repeat(roots, [*map(len, tables)])
    itself = np.arange(len(nodes))
    left, right = (np.where(leaf, itself, first + nodes[side]) for side in ("left", "right"))
    return Trees(
        base=float(np.mean([one._baseline_prediction for one in fitted])),
        roots=roots.astype(np.int32),
        depth=int(nodes["depth"].max()),
        column=np.asarray(columns, np.int32)[nodes["feature_idx"]],
        most=nodes["num_threshold"].copy(),
        missing=nodes["missing_go_to_left"] == 0,
        branches=np.stack([left, right], axis=1).ravel().astype(np.int32),
        says=np.where(leaf, nodes["value"], 0.0) / len(fitted),
    )
