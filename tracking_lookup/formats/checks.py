"""Check digits: each function gives the character that belongs to a serial."""

from collections.abc import Callable
from itertools import cycle
from typing import Final

# Takes a serial in capitals without separators, gives its one check character.
Check = Callable[[str], str]

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def mod10(*weights: int, prefix: str = "", plus: int = 0) -> Check:
    """What is missing to the next ten.

    A letter counts as UPS counts it: A is 2, B is 3, …, H is 9, I is 0, and round again.

    Args:
        weights: Of the first, second, … character, then from the start again.
        prefix: Counted as if it stood before the serial.
        plus: Added to the sum.
    """

    def check(serial: str) -> str:
        total = sum(
            _value(char) * weight
            for char, weight in zip(prefix + serial, cycle(weights), strict=False)
        )
        return str(-(total + plus) % 10)

    return check


def mod11(*weights: int) -> Check:
    """The remainder of the weighted sum by 11, its last digit."""

    def check(serial: str) -> str:
        total = sum(int(char) * weight for char, weight in zip(serial, weights, strict=True))
        return str(total % 11 % 10)

    return check


def mod7(serial: str) -> str:
    """The remainder of the serial, read as one number, by 7."""
    return str(int(serial) % 7)


def luhn(serial: str) -> str:
    """The check digit of payment cards.

    Source: ISO/IEC 7812-1, annex B.
    """
    doubled = (int(char) * 2 for char in serial[::-2])
    single = (int(char) for char in serial[-2::-2])
    return str(-(sum(n - 9 if n > 9 else n for n in doubled) + sum(single)) % 10)


def s10(serial: str) -> str:
    """The check digit of international postal items.

    Source: UPU S10-12, weights 8 6 4 2 3 5 9 7 by 11; a result of 10 is written 0, 11 is written 5.
    """
    total = sum(int(char) * weight for char, weight in zip(serial, _S10, strict=True))
    rest = 11 - total % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def mod37_36(serial: str) -> str:
    """Digits and letters, by 37 and 36.

    Source: ISO 7064 (MOD 37,36); DPD Parcel Label Specification 2.4.1.
    """
    product = 36
    for char in serial:
        product = (product + _ALPHABET.index(char)) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET[(37 - product) % 36]


_S10: Final = (8, 6, 4, 2, 3, 5, 9, 7)


def _value(char: str) -> int:
    return int(char) if char.isdigit() else (ord(char) - 3) % 10
