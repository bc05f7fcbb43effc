"""Where orders come from, and the few kinds of field that every shop's export has."""

import re
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from kit.text import clean

MAX_TEXT = 300
YEARS = range(1990, 2101)


def text_of(value: str) -> str | None:
    """One line of clean text, at most 300 characters; ``None`` where nothing is left.

    Raises:
        ValueError: Longer; it is then not what the field is for.
    """
    if not (value.isascii() and value.isprintable()):
        value = clean(value)
    line = " ".join(value.split())
    if len(line) > MAX_TEXT:
        raise ValueError(f"is longer than {MAX_TEXT} characters")
    return line or None


def moment(value: str, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """A time in ISO 8601, aware; one without a zone is in ``zone``.

    Args:
        last: A day without a time means its last second, not its first.

    Raises:
        ValueError: Not such a time, or not of a year from 1990 to 2100.
    """
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a date or time such as 2026-05-31T14:00:00Z") from None
    if at.year not in YEARS:
        raise ValueError(f"has a year before {YEARS[0]} or after {YEARS[-1]}")
    if last and re.fullmatch(r"[\dW-]+", value):
        at = datetime.combine(at.date(), time(23, 59, 59))
    return at if at.tzinfo else at.replace(tzinfo=zone)


def amount(value: str) -> Decimal:
    """A sum of money, with a point or a comma for its decimals: ``1,234.50``, ``1.234,50``.

    Raises:
        ValueError: Not a sum from 0 to 9,999,999,999.99.
    """
    plain = re.sub(r"\s", "", value)
    if re.fullmatch(r"[\d.]*,\d{1,2}", plain):  # the comma is the decimal point
        plain = plain.replace(".", "").replace(",", ".")
    try:
        total = Decimal(plain.replace(",", ""))
        if 0 <= total < 10**10:
            return total.quantize(Decimal("0.01"))
    except InvalidOperation:  # not a number, or NaN compared
        pass
    raise ValueError("is not a sum of money such as 129.90")


def country_of(value: str) -> str:
    """A country as its two letters in ISO 3166-1.

    Raises:
        ValueError: Not two letters.
    """
    code = value.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError("is not a country's two letters, such as GB")
    return "GB" if code == "UK" else code
