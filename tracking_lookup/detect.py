"""Find tracking numbers in what people write, and say who may carry each. Pure.

Used by Rasa's components too: Python 3.10, standard library only. The formats are data
(``formats/``); here is how a number is cut out of a text, what it is not, and how sure we are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any, Final

from tracking_lookup.formats import FORMATS, Format, Mark
from tracking_lookup.formats.lookalikes import SOONER_OTHER, is_card, is_iban, part_of_figure
from tracking_lookup.formats.tokens import tokens
from tracking_lookup.formats.words import (
    ASKING,
    CARRIERS,
    LINKING,
    OF_SOMETHING,
    OTHER,
    SHORTENED,
    TRACKING,
)

# How sure a format alone makes us: by its mark, with and without a check digit that fits.
_CERTAINTY: Final = {
    (Mark.OWN, True): 0.95,
    (Mark.OWN, False): 0.8,
    (Mark.COMMON, True): 0.6,
    (Mark.COMMON, False): 0.3,
    (Mark.NAMED, False): 0.3,
}
# Each further carrier of the same format is this much less likely than the one before.
_NEXT_CARRIER: Final = 0.9
# How much of the remaining doubt words take away, and how much of the certainty they leave.
_SAID_TRACKING: Final = 0.4
_NAMED_CARRIER: Final = 0.7
_OTHER_CARRIER_NAMED: Final = 0.6
_SAID_OTHER: Final = 0.5

_LONGEST: Final = max(max(row.lengths) for row in FORMATS)
_SHORTEST: Final = min(min(row.lengths) for row in FORMATS)
# A message with so few words that say nothing is an answer to "which number?".
_ANSWER_WORDS: Final = 3
_MOST_PIECES: Final = 12
# Sizes and amounts come in groups as short as this, tracking numbers do not.
_SHORT_GROUP: Final = 3
_MOST_WORDS_AWAY: Final = 8
_MOST_TOKENS_AWAY: Final = 24

_BY_LENGTH: Final[dict[int, tuple[Format, ...]]] = {
    length: tuple(row for row in FORMATS if length in row.lengths)
    for length in range(1, _LONGEST + 1)
}

_SENTENCE_END: Final = re.compile(r"[.!?](?:\s|$)")
# Letters before nine or so digits that shops and banks use, not carriers.
_SHOP_PREFIX: Final = re.compile(
    r"(?:ORD|INV|REF|CUS|ACC|TKT|RMA|SKU|TEL|PAY|TXN|TRX|BKG|QUO|REC)\d"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may carry a number.

    Attributes:
        carrier: A slug. Not every one has an adapter; ``s10`` stands for any post that exchanges
            international items.
        confidence: From 0 to 1; of use for ranking, not a measured frequency.
        country: Whose post gave the number out, ISO 3166 alpha-2; ``None`` if it does not say.
    """

    carrier: str
    confidence: float
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A tracking number in a text.

    Attributes:
        number: In capitals, without separators.
        start: Where it begins in the text.
        end: Where it ends; ``text[start:end]`` is the number as it was written.
        candidates: At least one, the best first, each carrier once.
    """

    number: str
    start: int
    end: int
    candidates: tuple[Candidate, ...]


def detect(text: str) -> list[Found]:
    """The tracking numbers in a text, in its order, never overlapping.

    A number that only a check digit tells from an order or phone number is believed unless the
    words around it say otherwise. One that not even a check digit tells is believed only in a
    message about a parcel, or one of hardly any words: the answer to "which number?".

    Takes time in proportion to the length of the text. Never raises.
    """
    if not any(map(str.isdigit, text)):
        return []
    message = _Message(text)
    spoken_for: set[int] = set()
    found = []
    for window in sorted(message.windows(), key=lambda window: window.rank, reverse=True):
        pieces = range(window.first, window.last + 1)
        if not spoken_for.isdisjoint(pieces):
            continue
        candidates = message.candidates(window)
        if candidates or window.settled:
            spoken_for.update(pieces)
        if candidates:
            start, end = message.tokens[window.first].start, message.tokens[window.last].end
            found.append(Found(window.number, start, end, candidates))
    return sorted(found, key=lambda one: one.start)


def as_json(found: Iterable[Found]) -> list[dict[str, Any]]:
    """What ``./wismo detect --json`` prints, in the order given."""
    return [
        {
            "number": one.number,
            "start": one.start,
            "end": one.end,
            "candidates": [
                {"carrier": candidate.carrier, "confidence": candidate.confidence}
                for candidate in one.candidates
            ],
        }
        for one in found
    ]


class _Said(Enum):
    """What the words make of a number."""

    TRACKING = "a tracking number, in so many words"
    PARCEL = "something in a message about a parcel"
    NOTHING = "nothing"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class _Window:
    """Neighbouring tokens that together are of at least one format.

    Attributes:
        number: Joined, in capitals.
        first: Index of the first token.
        last: Index of the last.
        rows: The formats with the carriers they name. Empty for what is certainly something else.
    """

    number: str
    first: int
    last: int
    rows: tuple[tuple[Format, tuple[str, ...], str | None], ...]

    @property
    def rank(self) -> tuple[float, bool, int, int]:
        """The surer format first, then what is written in one piece, the longer, the earlier."""
        surest = max((_certainty(row) for row, _, _ in self.rows), default=1.0)
        return surest, self.first == self.last, len(self.number), -self.first

    @property
    def settled(self) -> bool:
        """Nothing inside it can be another number."""
        return not self.rows or self.number.isdigit()


class _Message:
    """A text cut into tokens, and what its words say."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text, _LONGEST)
        words = [token.word for token in self.tokens]
        self.carriers = {
            CARRIERS[name] for name in (*words, *map(" ".join, pairwise(words))) if name in CARRIERS
        }
        self.about_tracking = bool(self.carriers) or not TRACKING.isdisjoint(words)
        self.about_a_parcel = self.about_tracking or not ASKING.isdisjoint(words)
        self.about_other = not OTHER.isdisjoint(words)
        self.word_count = sum(map(_is_word, words))

    def windows(self) -> Iterator[_Window]:
        """Every window that fits a format. At most ``_MOST_PIECES`` of them start at a token."""
        for first in range(len(self.tokens)):
            number, digits = "", False
            for last in range(first, min(first + _MOST_PIECES, len(self.tokens))):
                token = self.tokens[last]
                if not token.piece or (last > first and not token.joined):
                    break
                number += token.piece
                if len(number) > _LONGEST:
                    break
                digits = digits or token.has_digit
                if not digits or len(number) < _SHORTEST:
                    continue
                window = self._window(number, first, last)
                if window:
                    yield window

    def candidates(self, window: _Window) -> tuple[Candidate, ...]:
        """Who may carry it; nobody where the words make it something else."""
        said = self._said(window)
        best: dict[str, Candidate] = {}
        for row, carriers, country in window.rows:
            if not self._believed(row, carriers, said, window):
                continue
            certainty = _certainty(row)
            for carrier in carriers:
                confidence = self._with_words(certainty, carrier, said)
                if carrier not in best or best[carrier].confidence < confidence:
                    best[carrier] = Candidate(carrier, confidence, country)
                certainty *= _NEXT_CARRIER
        return tuple(sorted(best.values(), key=lambda one: -one.confidence))

    def _window(self, number: str, first: int, last: int) -> _Window | None:
        rows = []
        for row in _BY_LENGTH[len(number)]:
            reading = row.read(number)
            if reading and self._written_as_one(row, first, last):
                rows.append((row, reading.carriers, reading.country))
        inner = self.tokens[first + 1 : last + 1]
        # A bank's name in an IBAN has four letters; other words are not part of it.
        could_be_iban = all(token.has_digit or len(token.piece) == 4 for token in inner)
        own = any(row.mark is Mark.OWN for row, _, _ in rows)
        if could_be_iban and not own and is_iban(number):
            return _Window(number, first, last, ())
        return _Window(number, first, last, tuple(rows)) if rows else None

    def _written_as_one(self, row: Format, first: int, last: int) -> bool:
        """Whether the tokens are one number of this format, and not part of something longer."""
        inner = self.tokens[first + 1 : last + 1]
        if row.check is None and any(token.piece.isalpha() for token in inner):
            return False
        if row.whole and inner and self._goes_on(first, last):
            return False
        if row.mark is Mark.OWN:
            return True
        if inner and all(
            len(token.piece) < _SHORT_GROUP for token in self.tokens[first : last + 1]
        ):
            return False
        start, end = self.tokens[first].start, self.tokens[last].end
        if part_of_figure(self.text[max(0, start - 2) : start], self.text[end : end + 2]):
            return False
        return not self._goes_on(first, last)

    def _goes_on(self, first: int, last: int) -> bool:
        """Whether more of the same seems to stand before or behind."""
        for edge, neighbour in ((first, first - 1), (last + 1, last + 1)):
            if not 0 <= neighbour < len(self.tokens) or not self.tokens[edge].joined:
                continue
            if self.tokens[edge].dashed:
                return True
            if first != last and self.tokens[neighbour].has_digit:
                return True
        return False

    def _believed(self, row: Format, carriers: Sequence[str], said: _Said, window: _Window) -> bool:
        if row.mark is Mark.NAMED:
            return said is not _Said.OTHER and not self.carriers.isdisjoint(carriers)
        if row.mark is Mark.OWN:
            return True
        if said is _Said.OTHER:
            return False
        if is_card(window.number) and (row.check is None or said is not _Said.TRACKING):
            return False
        if said is not _Said.NOTHING:
            return True
        inside = self.tokens[window.first : window.last + 1]
        others = self.word_count - sum(_is_word(token.word) for token in inside)
        if others == 0:
            return True
        if row.check is None and others > _ANSWER_WORDS:
            return False
        return not SOONER_OTHER.fullmatch(window.number)

    def _with_words(self, certainty: float, carrier: str, said: _Said) -> float:
        if said is _Said.TRACKING:
            certainty += (1 - certainty) * _SAID_TRACKING
        elif said is _Said.OTHER:
            certainty *= _SAID_OTHER
        if carrier in self.carriers:
            certainty += (1 - certainty) * _NAMED_CARRIER
        elif self.carriers:
            certainty *= _OTHER_CARRIER_NAMED
        return round(certainty, 2)

    def _said(self, window: _Window) -> _Said:
        """The nearest word before it decides, else one right behind it, else the whole message."""
        if _SHOP_PREFIX.match(window.number):
            return _Said.OTHER
        near = self._said_before(window.first) or self._said_behind(window.last)
        if near:
            return near
        start = self.tokens[window.first].start
        if "#" in self.text[max(0, start - 2) : start]:
            return _Said.OTHER
        if self.about_other:
            return _Said.NOTHING if self.about_tracking else _Said.OTHER
        return _Said.PARCEL if self.about_a_parcel else _Said.NOTHING

    def _said_before(self, index: int) -> _Said | None:
        """The nearest telling word before a token, within its sentence.

        Numbers are passed over, as in a list of them. A number with a word in between has taken
        its own label: "the tracking number of order 1001 is …" is about a tracking number.
        """
        words, linked, taken = 0, False, False
        for at in range(index - 1, max(-1, index - 1 - _MOST_TOKENS_AWAY), -1):
            token = self.tokens[at]
            gap = self.text[token.end : self.tokens[at + 1].start]
            if _SENTENCE_END.match(gap) and token.word not in SHORTENED:
                return None
            if token.has_digit:
                taken = taken or linked
                continue
            words += 1
            linked = linked or token.word not in LINKING
            if words > _MOST_WORDS_AWAY:
                return None
            before = self.tokens[at - 1].word if at else ""
            if token.word in OF_SOMETHING and _says_tracking(before, ""):
                return _Said.TRACKING
            if _says_tracking(token.word, before):
                return _Said.TRACKING
            if token.word in OTHER:
                if not taken:
                    return _Said.OTHER
                taken = linked = False
        return None

    def _said_behind(self, index: int) -> _Said | None:
        """A telling word shortly behind a token, unless it is the label of the next number."""
        for at in range(index + 1, min(len(self.tokens), index + 6)):
            token = self.tokens[at]
            gap = self.text[self.tokens[at - 1].end : token.start]
            if _SENTENCE_END.match(gap) or token.has_digit:
                return None
            tracking = _says_tracking(token.word, "")
            if not tracking and token.word not in OTHER:
                continue
            following = self.tokens[at + 1 : at + 3]
            if any(other.has_digit for other in following):
                return None
            return _Said.TRACKING if tracking else _Said.OTHER
        return None


def _is_word(word: str) -> bool:
    return word.isalpha() and len(word) > 1


def _certainty(row: Format) -> float:
    return _CERTAINTY[row.mark, row.check is not None]


def _says_tracking(word: str, before: str) -> bool:
    return word in TRACKING or word in CARRIERS or f"{before} {word}" in CARRIERS
