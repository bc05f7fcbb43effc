"""Numbers, days and countries as a language writes them. Source: the CLDR, through babel."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, dates, lists, numbers


def money(amount: float | Decimal, currency: str, locale: Locale) -> str:
    """``£3.95``, ``3,95 £``; whole amounts without their pence."""
    written = _money(Decimal(str(amount)), currency, locale)
    # Other languages tell pounds from pounds ("£GB") or write the code; a shop has one sort.
    known = numbers.get_currency_symbol(currency, locale)
    return written.replace(known, numbers.get_currency_symbol(currency, "en"))


def _money(exact: Decimal, currency: str, locale: Locale) -> str:
    if exact == exact.to_integral_value():
        pattern = locale.currency_formats["standard"].pattern.split(";")[0]
        whole = re.sub(r"[.]0+", "", pattern)
        return numbers.format_currency(
            exact, currency, format=whole, locale=locale, currency_digits=False
        )
    return numbers.format_currency(exact, currency, locale=locale)


@lru_cache(maxsize=4_096)
def day(value: date, locale: Locale, *, read_on: date) -> str:
    """``Friday, 18 December``; with the year where it is not the reader's."""
    pattern = str(dates.get_date_format("full", locale=locale).pattern)
    if value.year == read_on.year:
        pattern = re.sub(r",?\s*('de'\s*)?y$", "", pattern)
    written = dates.format_date(value, pattern, locale=locale)
    if locale.language == "fr" and value.day == 1:  # the one ordinal of a French date
        return written.replace(" 1 ", " 1er ", 1)
    return written


def hour(value: datetime, locale: Locale) -> str:
    """``14:00``."""
    return dates.format_time(value.timetz(), "short", tzinfo=value.tzinfo, locale=locale)


def moment(value: datetime, locale: Locale, *, read_on: date) -> str:
    """``Friday, 18 December, 14:00``."""
    return f"{day(value.date(), locale, read_on=read_on)}, {hour(value, locale)}"


def country(code: str, locale: Locale) -> str:
    """``Spain``; a code without a name stays as it is."""
    return str(locale.territories.get(code, code))


def listed(values: Iterable[object], locale: Locale) -> str:
    """``Visa, Mastercard and PayPal``."""
    return lists.format_list([str(value) for value in values], locale=locale)
