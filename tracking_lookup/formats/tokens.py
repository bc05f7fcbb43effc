"""A text cut into runs of letters and digits, and which of them may be pieces of one number."""

import re
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(r"\w+")
# What may stand inside a number: blanks, a line break, one dash, characters nobody sees.
_INSIDE: Final = re.compile(
    r"[^\S\n]{0,2}(?:\r?\n[^\S\n]?|[-\u00ad\u200b\u2010-\u2015])?[^\S\n]{0,2}"
)
# Runs without a blank that may be an address; they end where prose would end them.
_RUN: Final = re.compile(r"[^\s,;<>()\[\]\"'|]+")
_ADDRESS: Final = re.compile(r"://|^www\.|@|\.[A-Za-z]{2,12}(?:/|\?\w+=)", re.ASCII)
_DATE: Final = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d-[01]?\d-[0-3]?\d|[0-3]?\d-[0-3]?\d-(?:19|20)\d\d)(?!\d)", re.ASCII
)
_PHONE: Final = re.compile(
    r"\+\d(?:[ ().\-]{0,2}\d){6,14}(?!\d)|\(\d{2,5}\)[ .\-]?\d[\d .\-]{4,12}\d"
    r"|(?<![\w-])(?:1[ .\-])?[2-9]\d\d[ .\-][2-9]\d\d[ .\-]\d{4}(?![\w-])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits.

    Attributes:
        word: In lower case.
        piece: In capitals if it may be part of a number, else empty.
        joined: What is between it and the token before may stand inside a number.
        dashed: So it is, and without a blank.
    """

    start: int
    end: int
    word: str
    piece: str
    joined: bool
    dashed: bool

    @property
    def has_digit(self) -> bool:
        """Whether it is more than a word."""
        return any(char.isdigit() for char in self.word)


def tokens(text: str, longest: int) -> list[Token]:
    """The tokens of a text, in its order.

    Addresses of mail and pages, dates with dashes and phone numbers that are written as such are
    tokens too, but no pieces.

    Args:
        longest: Characters; what is longer is no piece of a number.
    """
    barred = bytearray(len(text))
    for run in _RUN.finditer(text):
        if _ADDRESS.search(run.group()):
            barred[run.start() : run.end()] = b"\1" * (run.end() - run.start())
    for pattern in (_DATE, _PHONE):
        for match in pattern.finditer(text):
            barred[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        gap = text[end : match.start()]
        joined = bool(found) and len(gap) < 8 and _INSIDE.fullmatch(gap) is not None
        usable = not barred[match.start()] and token.isascii() and token.isalnum()
        # A number has short groups of letters; a long word ends it.
        usable = usable and len(token) <= longest and not (token.isalpha() and len(token) > 4)
        found.append(
            Token(
                match.start(),
                match.end(),
                token.lower(),
                token.upper() if usable else "",
                joined,
                joined and bool(gap) and not any(map(str.isspace, gap)),
            )
        )
        end = match.end()
    return found
