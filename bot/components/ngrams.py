"""Which words and groups of letters a text has, as a few hundred numbered features. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

BUCKETS: Final = 2**17
_TOKEN: Final = re.compile(r"[\w']+|[?!£$]")
_LETTERS: Final = range(2, 6)


def counted(texts: Sequence[str]) -> csr_matrix:
    """Features of each text, one row each: 1 + log(how often), in ``BUCKETS`` columns.

    Features are words, pairs of neighbouring words, and groups of two to five letters within a
    word. A feature's column is its checksum, so there is no vocabulary to keep; that two share a
    column is rare enough not to matter.
    """
    indices: list[int] = []
    values: list[float] = []
    starts = [0]
    for text in texts:
        counts = Counter(crc32(feature.encode()) % BUCKETS for feature in _features(text))
        indices += counts
        values += (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))).tolist()
        starts.append(len(indices))
    return csr_matrix((values, indices, starts), (len(texts), BUCKETS), dtype=np.float32)


def rarity(counts: csr_matrix) -> NDArray[np.float32]:
    """The weight of each column: the more, the fewer texts have it (smoothed idf)."""
    seen = np.bincount(counts.indices, minlength=BUCKETS)
    weights: NDArray[np.float32] = np.log((1 + counts.shape[0]) / (1 + seen)).astype(np.float32) + 1
    return weights


def weighted(counts: csr_matrix, rarities: NDArray[np.float32]) -> csr_matrix:
    """Counts times rarity, each row of length 1 (an empty text's of length 0)."""
    rows = counts.copy()
    rows.data = rows.data * rarities[rows.indices]
    squares = np.add.reduceat(
        np.append(rows.data, 0) ** 2, np.minimum(rows.indptr[:-1], len(rows.data))
    )
    lengths = np.sqrt(np.where(np.diff(rows.indptr) > 0, squares, 1))
    # Not float64: scipy would turn all coefficients into that for each product.
    rows.data = (rows.data / np.repeat(lengths, np.diff(rows.indptr))).astype(np.float32)
    return rows


def _features(text: str) -> Iterator[str]:
    tokens = _TOKEN.findall(text)
    yield from tokens
    yield from map(" ".join, pairwise(tokens))
    for token in tokens:
        padded = f" {token} "
        for size in _LETTERS:
            for start in range(max(1, len(padded) - size + 1)):
                yield "\0" + padded[start : start + size]
