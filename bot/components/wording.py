"""What people type, made even for the classifier: links, numbers, shorthand, slips. Pure."""

import html
import re
from typing import Final

from kit.spelling import SHORTHAND, Spelling

# A number of an order, parcel or phone means the same whichever it is.
NUMBER: Final = "1001"
MOST_PARTS: Final = 6
_LONG_WORDS: Final = 14  # a message up to this long is one thought

_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "—": "-"})  # noqa: RUF001
_LINK: Final = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_EMAIL: Final = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_HANDLE: Final = re.compile(r"(?<!\w)@\w+:?|^RT\b|(?<!\w)\^\w{2,3}\s*$")
_HASHTAG: Final = re.compile(r"#(?=\w*[A-Za-z]{2})(\w+)")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_NUMBER: Final = re.compile(
    r"(?<![\w£$€.,:/])#?\(?(?=[\w-]*\d{3})[A-Za-z]{0,6}[-_]?\d[\w-]{2,}(?![\w%])"
)
# In groups, as parcels' and phones' numbers are written: "7712 3456 7890".
_GROUPS: Final = re.compile(r"(?<![\w£$€.,:/-])#?\d{3,}(?: \d{3,})+(?![\w%])")
# An order number in which somebody may have taken a letter for the digit that it looks like.
SLIP: Final = re.compile(
    r"(?<![\w@./-])#?(?![A-Za-z]+\d{4})(?=\w*\d)(?=\w*[OoIlSsBZz])[\dOoIlSsBZz]{4,12}(?![\w@/-])"
)
_LOOKS_LIKE: Final = str.maketrans("OoIlSsBZz", "001155822")
_EMAILED: Final = "name@example.com"
# A detail in an even text, with the words that only say what it is: "my email is …", "order 1001".
_DETAIL: Final = re.compile(
    r"(?:\b(?:my|the|our|and|is|i am|i'm|here|order|ref|email|e-mail|mail|phone|mobile|number|no|id"
    r"|address|postcode|zip|under|on it|it|with|for)\b[\s:,.#'s-]*)*"
    r"(?:\b1001\b|name@example\.com)[\s,.;:-]*"
)
# "S T O P", "s.t.o.p": a word spelt out.
_SPELT_OUT: Final = re.compile(r"(?<![\w'])(?:[A-Za-z][ .-]){3,}[A-Za-z](?![\w'])")
_STRETCHED: Final = re.compile(r"([A-Za-z])\1{2,}")
_SHOUTED: Final = re.compile(r"([!?.])\1+")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z']*")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+|;\s+|\s+-+\s+")


def words(text: str) -> list[str]:
    """The words of an even text, in its order."""
    return _WORD.findall(text)


def even(text: str, spelling: Spelling | None = None) -> str:
    """The message in lower case, without what says nothing about its intent."""
    text = html.unescape(text).translate(_QUOTES)
    text = _LINK.sub(" ", text)
    text = _EMAIL.sub(_EMAILED, text)
    text = _HANDLE.sub(" ", text)
    text = SLIP.sub(lambda match: NUMBER if meant(match[0]) else match[0], text)
    text = _HASHTAG.sub(lambda match: _HUMP.sub(" ", match[1]), text)
    text = _NUMBER.sub(NUMBER, _GROUPS.sub(NUMBER, text))
    text = _SPELT_OUT.sub(lambda match: re.sub(r"\W", "", match[0]), text)
    text = _STRETCHED.sub(r"\1\1", text).lower()
    text = _SHOUTED.sub(r"\1", text)

    def right(match: "re.Match[str]") -> str:
        word = SHORTHAND.get(match[0], match[0])
        return spelling.correct(word) if spelling and word == match[0] else word

    return " ".join(_WORD.sub(right, text).split())


def meant(written: str) -> str | None:
    """The order number that ``#lO01`` was to be, where ``SLIP`` fits; ``None``: more of a word."""
    number = written.removeprefix("#")
    # One digit is little evidence, unless the shopper says that it is a number.
    if written == number and sum(map(str.isdigit, number)) * 2 < len(number):
        return None
    return number.translate(_LOOKS_LIKE)


def without_details(text: str) -> str:
    """An even text without the numbers and addresses in it, and the words that introduce them.

    Empty where there are none, or nothing else.
    """
    left = " ".join(_DETAIL.sub(" ", text).split())
    return left if left != text else ""


def parts(text: str) -> list[str]:
    """The sentences of a message, at most ``MOST_PARTS`` with the shortest left out.

    Empty for a message of a single sentence; a word or two are none.
    """
    found = [part.strip() for part in _SENTENCE.split(text) if len(part.split()) > 2]
    if len(found) < 2:
        return []
    longest = sorted(found, key=lambda part: -len(part))[:MOST_PARTS]
    return [part for part in found if part in longest]


def is_long(text: str) -> bool:
    """Whether a message may hold more than one thought."""
    return len(text.split()) > _LONG_WORDS
