"""What a message names besides order numbers and items: parcels, addresses, phones, days. Pure.

Order numbers and items are the shop's own and found by Rasa's ``RegexEntityExtractor``, from the
patterns in ``data/nlu/entities.yml`` and the words in ``data/nlu/items.yml``. Here an order number
with letters for digits is read, and an item is given the words that belong to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import phonenumbers

from bot.components.wording import SLIP, meant
from tracking_lookup.detect import detect

# Where a phone number without a country code may be at home; the first that it fits counts.
REGIONS: Final = ("GB", "US", "IN", "IE", "AU", "DE", "FR")

_EMAIL: Final = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?<![\w#/.-])(?:\+|\(\+?)?\d(?:[\s().-]{0,2}\d){8,14}(?![\w@]|[.-]\w)")
# United Kingdom, Canada, United States, Netherlands, Ireland's Eircode. Four digits are an order
# number, unless it is said that they are a postcode.
_POSTCODES: Final = re.compile(
    r"(?<![\w#@.-])(?:[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d"
    r"|\d{5}(?:-\d{4})?|[1-9]\d{3} ?[A-Z]{2}|[AC-FHKNPRTV-Y]\d[\dW] ?[0-9AC-FHKNPRTV-Y]{4}"
    r"|(?:(?<=[Pp]ostcode )|(?<=[Pp]ostcode is ))\d{4})"
    r"(?![\w@]|[.-]\w)"
)
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY: Final = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)"
)
_ORDINAL: Final = r"\d{1,2}(?:st|nd|rd|th)"
_COUNT: Final = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|couple of)"
_DATE: Final = re.compile(
    rf"\b(?:(?:this|next|last|coming|end\s+of\s+(?:the|this|next))\s+(?:{_WEEKDAY}|week(?:end)?|month)"
    rf"|{_WEEKDAY}(?:,?\s+(?:the\s+)?{_ORDINAL}(?:\s+(?:of\s+)?{_MONTH})?)?"
    rf"|(?:the\s+)?{_ORDINAL}(?:\s+(?:of\s+)?{_MONTH})?|\d{{1,2}}\s+{_MONTH}|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?"
    r"|today|tonight|tomorrow|yesterday|this\s+(?:morning|afternoon|evening)|last\s+night"
    r"|the\s+weekend|christmas(?:\s+(?:eve|day))?|xmas|easter|black\s+friday|cyber\s+monday"
    r"|new\s+year(?:'s\s+(?:eve|day))?|(?:mother|father)'?s\s+day|valentine'?s(?:\s+day)?"
    rf"|(?:{_COUNT}\s+(?:business\s+|working\s+)?(?:days?|weeks?|months?|fortnights?))(?:\s+ago)?)\b",
    re.IGNORECASE,
)
# Weekday short forms that are words as well.
_NOT_A_DAY: Final = frozenset({"sat", "sun", "wed", "may"})
# Before an item: whose it is goes, how it looks stays.
_BEFORE_ITEM: Final = re.compile(
    r"(?:\b(?:red|blue|navy|green|black|white|gr[ea]y|brown|beige|cream|pink|purple|yellow|orange|gold"
    r"|silver|oak|pine|wooden|leather|wool(?:len)?|cotton|silk|denim|glass|steel|copper|cast iron"
    r"|big|small|large|little|tall|long|short|mini|double|single|new|second|other|left|right|kids'?"
    r"|women's|men's|size \d{1,2})\s+)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing named in ``text[start:end]``.

    Attributes:
        value: The thing without what is only its spelling.
        role: ``slip``: the value is a guess at what was meant, as digits were written as letters.
    """

    kind: str
    start: int
    end: int
    value: str
    role: str | None = None

    def covers(self, start: int, end: int) -> bool:
        """Whether that place lies within, and is not all of it."""
        return self.start <= start and end <= self.end and (start, end) != (self.start, self.end)


def find(text: str) -> list[Entity]:
    """The things named, in their order.

    A bare number may be two things ("90210", "2025550143"): then it is both, and who knows what was
    asked for decides. A tracking number is nothing else, and nothing is found inside an e-mail.
    """
    found = list(_emails(text))
    found += (one for one in _parcels(text) if not _inside(one, found))
    sure = tuple(found)
    for reader in (_phones, _postcodes, _dates, _slips):
        found += (one for one in reader(text) if not _inside(one, sure))
    phones = [one for one in found if one.kind == "phone"]
    found = [one for one in found if not any(phone.covers(one.start, one.end) for phone in phones)]
    return sorted(found, key=lambda one: (one.start, -one.end, one.kind))


def item(text: str, start: int, end: int) -> Entity:
    """The item whose noun is ``text[start:end]``, with what is said of it before: "blue kettle"."""
    before = _BEFORE_ITEM.search(text, max(0, start - 40), start)
    begin = before.start() if before else start
    return Entity("item", begin, end, text[begin:end].lower())


def _inside(one: Entity, others: "list[Entity] | tuple[Entity, ...]") -> bool:
    return any(other.start < one.end and one.start < other.end for other in others)


def _emails(text: str) -> Iterator[Entity]:
    for match in _EMAIL.finditer(text):
        yield Entity("email", match.start(), match.end(), match[0])


def _parcels(text: str) -> Iterator[Entity]:
    for found in detect(text):
        yield Entity("tracking_number", found.start, found.end, found.number)


def _phones(text: str) -> Iterator[Entity]:
    for match in _PHONE.finditer(text):
        number = _phone(match[0])
        if number:
            yield Entity("phone", match.start(), match.end(), match[0])


def _phone(written: str) -> bool:
    regions = ("ZZ",) if written.lstrip("(").startswith("+") else REGIONS
    for region in regions:
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return True
    return False


def _postcodes(text: str) -> Iterator[Entity]:
    for match in _POSTCODES.finditer(text):
        yield Entity("postcode", match.start(), match.end(), match[0])


def _dates(text: str) -> Iterator[Entity]:
    for match in _DATE.finditer(text):
        if match[0] not in _NOT_A_DAY:
            yield Entity("date", match.start(), match.end(), match[0])


def _slips(text: str) -> Iterator[Entity]:
    for match in SLIP.finditer(text):
        number = meant(match[0])
        if number:
            yield Entity("order_number", match.start(), match.end(), number, role="slip")
