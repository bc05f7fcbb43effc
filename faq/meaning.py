"""Articles and questions as sentence vectors, for languages that the sentence model reads."""

import hashlib
import os
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from faq import votes
from faq.model import Article
from kit.spelling import SHORTHAND, Spelling

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

ELSEWHERE: Final = Path(__file__).resolve().parent / "elsewhere.txt"
# Of each layer's numbers, the main directions that are kept: the phrasings hardly differ in others.
AXES: Final = 192

# Texts of which is remembered what is in them, so that a change costs what changed: 6,000 articles
# of ten each.
MOST_REMEMBERED: Final = 65_536

_THREADS: Final = ThreadpoolController()
_WORD: Final = re.compile(r"[a-z][a-z0-9']*|\d\w*")


class Encoder(Protocol):
    """Makes sentence vectors; ``kit.embedding.Embedder`` is one."""

    def layers(self, texts: Sequence[str]) -> Floats:
        """Of each text a vector of length 1 from each layer: [texts, layers, width]."""
        ...

    def words(self) -> set[str]:
        """Whole words that are right as they are."""
        ...


class Vectors:
    """Sentence vectors by text: a change of the articles costs only what changed.

    Of each text two layers of the model: the last, which knows what a sentence means, and one in
    the middle, which still knows its words. [texts, 2, width]; kept in 16 bits.

    Args:
        file: Where they are kept between two starts; ``None``: nowhere. A file that is damaged or
            of another model is made again.
    """

    def __init__(self, encoder: Encoder, file: Path | None = None) -> None:
        self._encoder = encoder
        self._file = file
        self._known: dict[bytes, Halves] = _read(file) if file else {}
        self.words = encoder.words()
        self.elsewhere = _lines(ELSEWHERE)

    def of(self, texts: Sequence[str]) -> Halves:
        """Two rows for each text."""
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            made = self._two(list(new.values())).astype(np.float16)
            self._known |= zip(new, made, strict=True)
        return np.stack([self._known[key] for key in keys])

    @property
    def warm(self) -> bool:
        """Whether there are any yet, of a former start or of this process."""
        return bool(self._known)

    def save(self) -> None:
        """Keep what is known for the next start."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with part.open("wb") as file:
            np.savez(file, keys=np.array(list(self._known)), two=np.stack([*self._known.values()]))
        part.replace(self._file)

    def question(self, text: str) -> Floats:
        """The vectors of a question, which are not kept."""
        vectors: Floats = self._two([text])[0]
        return vectors

    def _two(self, texts: Sequence[str]) -> Floats:
        layers = self._encoder.layers(texts)
        last = layers.shape[1] - 1
        two: Floats = layers[:, [last - last // 3, last]]
        return two


def meaning(articles: Sequence[Article], vectors: Vectors) -> "Meaning":
    """What articles mean. Where only answers have changed since it was learned, it is there."""
    return _meaning(tuple((a.title, *a.questions) for a in articles), vectors)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a question means.

    Attributes:
        turned: What tells it from the average phrasing.
        last: Its sentence vector, of length 1.
    """

    turned: Floats
    last: Floats


class Meaning:
    """What the articles of one language mean.

    Two views of a question: which of an article's phrasings is nearest, and what all phrasings
    together have taught of each article (``faq.votes``).

    Args:
        phrasings: Of each article.
        most: See ``faq.votes.learn``.
    """

    def __init__(
        self,
        phrasings: Sequence[Sequence[str]],
        vectors: Vectors,
        *,
        most: int = votes.MOST_EXAMPLES,
    ) -> None:
        asked = [[_even(text) for text in texts] for texts in phrasings]
        self._vectors = vectors
        # On a busy machine BLAS's threads wait for each other: 45 s for what takes one of them 1 s.
        with _THREADS.limit(limits=1):
            self._learn(asked, most)
        used = {word for texts in asked for text in texts for word in _WORD.findall(text)}
        self._spelling = Spelling(used, vectors.words)

    def _learn(self, asked: Sequence[Sequence[str]], most: int) -> None:
        vectors = self._vectors
        self._asked_from = np.cumsum([0, *map(len, asked)])
        halves = vectors.of([text for texts in asked for text in texts])
        rows = halves.astype(np.float32)
        self._centre: Floats = rows.mean(axis=0)
        self._axes = _main_axes(rows - self._centre)
        self._last = np.ascontiguousarray(halves[:, -1])
        elsewhere = self._turned(vectors.of(vectors.elsewhere).astype(np.float32))
        owners = np.repeat(np.arange(len(asked) + 1), [*map(len, asked), len(elsewhere)])
        examples = np.concatenate([self._turned(rows), elsewhere])
        self._votes = votes.learn(examples, owners, len(asked) + 1, most=most)

    def question(self, text: str) -> Meant:
        """What a question means; shorthand and slips are put right before."""
        rows = self._vectors.question(even(text, self._spelling))[None]
        return Meant(self._turned(rows)[0], rows[0, -1])

    def learned(self, question: Meant) -> tuple[Floats, float]:
        """For each article how much a question is one of its own, and how much it is nobody's.

        About 1 for an example itself, about 0 for one of another article.
        """
        found = self._votes.of(question.turned)
        return found[:-1], float(found[-1])

    def near(self, question: Meant, number: int) -> float:
        """How near an article's nearest phrasing is: a cosine."""
        first, last = self._asked_from[number], self._asked_from[number + 1]
        return float((self._last[first:last].astype(np.float32) @ question.last).max())

    def _turned(self, rows: Floats) -> Floats:
        """What tells texts from the average phrasing, along the main directions: [texts, axes]."""
        away = rows - self._centre
        lengths = np.sqrt(np.einsum("tlw,tlw->t", away, away))
        away /= np.maximum(lengths, 1e-6)[:, None, None]
        turned = np.matmul(away.transpose(1, 0, 2), self._axes)
        found: Floats = np.ascontiguousarray(np.concatenate([*turned], axis=1))
        return found


@lru_cache(maxsize=2)
def _meaning(phrasings: tuple[tuple[str, ...], ...], vectors: Vectors) -> Meaning:
    return Meaning(phrasings, vectors)


def _main_axes(away: Floats) -> Floats:
    """Of each layer the directions in which its rows differ most: [2, width, axes]."""
    by_layer = away.transpose(1, 0, 2)
    _, directions = np.linalg.eigh(np.matmul(by_layer.transpose(0, 2, 1), by_layer))
    found: Floats = directions[:, :, -AXES:]
    return found


def even(text: str, spelling: Spelling | None = None) -> str:
    """A text in lower case, shorthand written out, slips put right if there is a ``spelling``."""

    def right(match: "re.Match[str]") -> str:
        word = SHORTHAND.get(match[0], match[0])
        return spelling.correct(word) if spelling and word == match[0] else word

    return _WORD.sub(right, text.lower())


@lru_cache(maxsize=MOST_REMEMBERED)
def _even(text: str) -> str:
    return even(text)


def _lines(file: Path) -> list[str]:
    lines = file.read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _read(file: Path) -> dict[bytes, Halves]:
    """What was kept; nothing if it cannot be read, and then it is made again."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            return dict(zip((bytes(key) for key in kept["keys"]), kept["two"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


@lru_cache(maxsize=MOST_REMEMBERED)
def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest().encode()
