"""What looks like a tracking number and is none: prices, times, cards, bank accounts."""

import re
from typing import Final

_CURRENCY: Final = frozenset("$€£¥₹₽₩₪฿₺₫")

# Digits that, with nothing said of them, are sooner something else.
SOONER_OTHER: Final = re.compile(
    r"[2-9]\d\d[2-9]\d{6}"  # a North American phone number
    r"|1[2-9]\d\d[2-9]\d{6}"
    r"|0\d{9,10}|00\d{9,12}|44[127]\d{9}"  # others, with a trunk or a country code
    r"|1[5-9]\d{8}"  # seconds since 1970
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])?(?:[0-5]\d){0,2}"
)
# Source: ISO/IEC 7812 ranges as the schemes publish them (Visa, Mastercard, Amex, Discover, Diners
# Club, JCB, UnionPay, Maestro).
_CARD: Final = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17}"
    r"|(?:50|5[6-8]|6[37])\d{14,17}"
)
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}")
# Source: SWIFT, IBAN Registry.
_IBAN_COUNTRIES: Final = """
AD AE AL AT AZ BA BE BG BH BI BR BY CH CR CY CZ DE DJ DK DO EE EG ES FI FK FO FR GB GE GI GL GR GT
HN HR HU IE IL IQ IS IT JO KW KZ LB LC LI LT LU LV LY MC MD ME MK MN MR MT MU NI NL NO OM PK PL PS
PT QA RO RS RU SA SC SD SE SI SK SM SO ST SV TL TN TR UA VA VG XK YE
"""


def part_of_figure(before: str, after: str) -> bool:
    """Whether digits between these are a piece of a price, a time, a fraction or a path.

    Args:
        before: The two characters before them. after: The two behind them.
    """
    if not _CURRENCY.isdisjoint(before) or not _CURRENCY.isdisjoint(after):
        return True
    if before[-1:] in {"/", "+", "=", "*", "@"} or after[:1] in {"/", "%", "*", "@"}:
        return True
    return (len(before) == 2 and before[0].isdigit() and before[1] in ".,:") or (
        len(after) == 2 and after[1].isdigit() and after[0] in ".,:"
    )


def is_card(number: str) -> bool:
    """Whether these digits are a payment card's: in a scheme's range, with a Luhn digit."""
    if not _CARD.fullmatch(number):
        return False
    total = 0
    for place, char in enumerate(reversed(number)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(number: str) -> bool:
    """Whether this is an account number of a country that has IBANs, with a check that fits.

    Source: ISO 13616-1 (the check is by 97).
    """
    if not _IBAN.fullmatch(number) or number[:2] not in _IBAN_COUNTRIES.split():
        return False
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1
