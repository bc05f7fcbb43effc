"""How long a text is as SMS: which characters fit seven bits, and how many segments it takes.

Source: 3GPP TS 23.038, section 6.2.1 (the GSM 7 bit default alphabet and its extension table), and
3GPP TS 23.040, section 9.2.3.24.1 (the header that joins segments takes 7 or 3 places of each).
"""

import unicodedata
from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # an escape and a character: two places each
_SEVEN_BITS: Final = BASIC | EXTENDED

# What a keyboard or a typesetter writes where an SMS has a plainer sign for it.
_PLAIN: Final = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u00d7": "x",
        "\u0142": "l",
        "\u0141": "L",
    }
)
ONE_GSM7, EACH_GSM7 = 160, 153
ONE_UCS2, EACH_UCS2 = 70, 67


def is_gsm7(text: str) -> bool:
    """Whether seven bits a character do; one other character makes the whole text UCS-2."""
    return _SEVEN_BITS.issuperset(text)


def to_gsm7(text: str) -> str:
    """A text in seven bits a character as far as that goes.

    ``á`` becomes ``a``, and typeset quotes and dashes become plain ones.

    A letter of another script stays as it is.
    """
    plain = unicodedata.normalize("NFC", text.translate(_PLAIN))
    return plain if is_gsm7(plain) else "".join(map(_bare, plain))


def _bare(character: str) -> str:
    if is_gsm7(character):
        return character
    bare = "".join(
        c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c)
    )
    return bare if bare and is_gsm7(bare) else character


def segments(text: str) -> int:
    """How many SMS segments a text takes; none for no text.

    A character of two places (an extended one, or an emoji in UCS-2) is never split between two.
    """
    if is_gsm7(text):
        return _segments([2 if c in EXTENDED else 1 for c in text], ONE_GSM7, EACH_GSM7)
    return _segments([2 if ord(c) > 0xFFFF else 1 for c in text], ONE_UCS2, EACH_UCS2)


def _segments(places: list[int], one: int, each: int) -> int:
    if sum(places) <= one:
        return 1 if places else 0
    count, free = 1, each
    for taken in places:
        if taken > free:
            count, free = count + 1, each
        free -= taken
    return count
