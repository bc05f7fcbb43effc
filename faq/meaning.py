"""Articles and questions as sentence vectors, for languages that the sentence model reads."""

import hashlib
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from faq.model import Article
from kit.spelling import SHORTHAND, Spelling

Floats = NDArray[np.float32]

ELSEWHERE: Final = Path(__file__).resolve().parent / "elsewhere.txt"
MOST_PASSAGES: Final = 8  # of an answer's sentences

# Of the regression, by cross-validation on the development half of tests/faq/paraphrases.jsonl.
RIDGE: Final = 0.3
SENTENCE_COUNTS: Final = 0.1  # of an answer, against a phrasing

_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
_MARKUP: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`#>|~]+")
_PIECES: Final = re.compile(r"(?<=[.!?:])\s+|\n\s*\n|\n\s*(?:[-*+|]|\d+\.)")
_WORD: Final = re.compile(r"[a-z][a-z0-9']*|\d\w*")


class Encoder(Protocol):
    """Makes sentence vectors; ``kit.embedding.Embedder`` is one."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """One row of length 1 for each text."""
        ...

    def words(self) -> set[str]:
        """Whole words that are right as they are."""
        ...


class Vectors:
    """Sentence vectors by text: a change of the articles costs only what changed.

    Args:
        file: Where they are kept between two starts; ``None``: nowhere. A file that is damaged or
            of another model is made again.
    """

    def __init__(self, encoder: Encoder, file: Path | None = None) -> None:
        self._encoder = encoder
        self._file = file
        self._known: dict[bytes, Floats] = _read(file) if file else {}
        self._warm = bool(self._known)
        self.words = encoder.words()
        self.elsewhere = self.of(_lines(ELSEWHERE))

    def of(self, texts: Sequence[str]) -> Floats:
        """One row for each text."""
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            self._known |= zip(new, self._encoder.encode(list(new.values())), strict=True)
        return np.stack([self._known[key] for key in keys])

    @property
    def warm(self) -> bool:
        """Whether those of the former start are here."""
        return self._warm

    def save(self) -> None:
        """Keep what is known for the next start."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with part.open("wb") as file:
            np.savez(file, keys=np.array(list(self._known)), rows=np.stack([*self._known.values()]))
        part.replace(self._file)

    def question(self, text: str) -> Floats:
        """The vector of a question, which is not kept."""
        vector: Floats = self._encoder.encode([text])[0]
        return vector


class Meaning:
    """What the articles of one language mean.

    Two views of a question's vector: which phrasing is nearest, and what all phrasings and answers
    together have taught of each article. The second is a ridge regression: it finds, for each
    article, the direction in which its examples differ from everybody else's.
    """

    def __init__(self, articles: Sequence[Article], vectors: Vectors) -> None:
        asked = [[even(text) for text in (a.title, *a.questions)] for a in articles]
        told = [passages(article) or asked[n][:1] for n, article in enumerate(articles)]
        self._vectors = vectors
        self._asked, self._asked_from = _stacked(asked, vectors)
        self._centre: Floats = self._asked.mean(axis=0)
        self._learned = self._learn(*_stacked(told, vectors))
        used = {
            word for texts in (*asked, *told) for t in texts for word in _WORD.findall(t.lower())
        }
        self._spelling = Spelling(used, vectors.words)

    def question(self, text: str) -> Floats:
        """A question's vector; shorthand and slips are put right before."""
        return self._vectors.question(even(text, self._spelling))

    def learned(self, question: Floats) -> tuple[Floats, float]:
        """For each article how much a question is one of its own, and how much it is nobody's.

        About 1 for an example itself, about 0 for one of another article.
        """
        away = self._from_centre(question[None])[0]
        # Not BLAS: its threads wait for each other on a busy machine, 30 ms for what takes 1 ms.
        found = np.einsum("aw,w->a", self._learned, away)
        return found[:-1], float(found[-1])

    def asked(self, question: Floats, number: int) -> float:
        """How near an article's nearest phrasing is: a cosine."""
        first, last = self._asked_from[number], self._asked_from[number + 1]
        return float((self._asked[first:last] @ question).max())

    def _learn(self, told: Floats, told_from: Sequence[int]) -> Floats:
        """A row for each article, and one for what none answers: [articles + 1, width]."""
        none, elsewhere = len(told_from) - 1, self._vectors.elsewhere
        examples = self._from_centre(np.concatenate([self._asked, told, elsewhere]))
        of_asked, of_told = (
            np.repeat(np.arange(none), np.diff(starts)) for starts in (self._asked_from, told_from)
        )
        owners = np.concatenate([of_asked, of_told, np.full(len(elsewhere), none)])
        counts = np.ones(len(examples), np.float32)
        counts[len(of_asked) : len(of_asked) + len(of_told)] = SENTENCE_COUNTS
        weighed = examples * counts[:, None]
        sums = np.zeros((none + 1, examples.shape[1]), np.float32)
        np.add.at(sums, owners, weighed)
        system = weighed.T @ examples
        system[np.diag_indices_from(system)] += RIDGE
        learned: Floats = np.linalg.solve(system, sums.T)
        return np.ascontiguousarray(learned.T, np.float32)

    def _from_centre(self, vectors: Floats) -> Floats:
        """What tells vectors from the average question, of length 1."""
        away = vectors - self._centre
        unit: Floats = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
        return unit


def passages(article: Article) -> list[str]:
    """An answer's first sentences, each behind the title; its values count as some number."""
    text = _TEMPLATE.sub("10", f"{article.short}\n\n{article.body}")
    pieces = (" ".join(_MARKUP.sub(r"\1", piece).split()) for piece in _PIECES.split(text))
    told = dict.fromkeys(piece for piece in pieces if len(piece.split()) > 2)
    return [f"{article.title} {piece}" for piece in told][:MOST_PASSAGES]


def even(text: str, spelling: Spelling | None = None) -> str:
    """A text in lower case, shorthand written out, slips put right if there is a ``spelling``."""

    def right(match: "re.Match[str]") -> str:
        word = SHORTHAND.get(match[0], match[0])
        return spelling.correct(word) if spelling and word == match[0] else word

    return _WORD.sub(right, text.lower())


def _stacked(groups: Sequence[Sequence[str]], vectors: Vectors) -> tuple[Floats, list[int]]:
    """All groups' rows, and where each group begins, with the end of the last."""
    starts = [0]
    for group in groups:
        starts.append(starts[-1] + len(group))
    return vectors.of([text for group in groups for text in group]), starts


def _lines(file: Path) -> list[str]:
    lines = file.read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _read(file: Path) -> dict[bytes, Floats]:
    """What was kept; nothing if it cannot be read, and then it is made again."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            return dict(zip((bytes(key) for key in kept["keys"]), kept["rows"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest().encode()
