"""From a question to the words that tell it from another question."""

import re
from functools import lru_cache
from typing import Final

from babel import Locale, localedata

from kit.text import fold

_ENGLISH_STOP_WORDS: Final = """
a about after again all already also am an and any anyone are as ask at available be because
been before being but buy by can cant could d did didnt do does doesnt doing done dont down for
from get gets getting give go going got had has hasnt have havent having he hello help her hey
hi him his how i id if ill im in into is isnt it its ive just know let like ll m many may maybe
me might mine more much must my need no not now of off offer ok on one only or other our out
please pls policy possible question re s said say see sell she should so some somebody someone
something still t take tell than thank thanks that the their them then there these they thing
things this those to too u until up ur us use ve very want wanted wants was wasnt way we were
what whats when where wheres which while who why will wish with wont would yes yet you your
yours
"""

# What a question is wrapped in. "where", "when" and "how" are here too: what is asked *about*
# chooses the article, and "where is my refund" wants the same one as "when do I get my refund".
STOP_WORDS: Final = {"en": frozenset(_ENGLISH_STOP_WORDS.split())}

# Words that mean the same in a shop; the right one stands for all.
SAME_WORDS: Final = {
    "en": {
        same: word
        for word, others in {
            "abroad": "overseas international foreign country worldwide outside europe",
            "arrive": "come came reach",
            "change": "edit modify amend",
            "christmas": "xmas",
            "collect": "pickup",
            "cost": "price charge fee postage pricing",
            "damage": "broken crushed smashed cracked torn",
            "day": "date",
            "deliver": "delivery ship shipping shipment dispatch post",
            "duty": "customs tariff",
            "exchange": "swap",
            "fast": "quick quickly soon",
            "free": "gratis",
            "gift": "present",
            "last": "latest deadline cutoff",
            "lost": "missing lose vanish disappear",
            "parcel": "package packet box",
            "pay": "payment paid",
            "refund": "reimburse reimbursement money",
            "repair": "fix mend",
            "return": "back",
            "size": "sizing",
            "status": "shipped dispatched posted",
            "voucher": "coupon",
            "warranty": "guarantee",
            "weekend": "saturday sunday",
        }.items()
        for same in others.split()
    }
}

_ENGLISH_ORDER_WORDS: Final = """
arrive check day deliver eta item late number order parcel purchase status today tomorrow track
update
"""

# What every question about one's own order is made of. Alone they ask for the order's status, which
# no article can know.
ORDER_WORDS: Final = {"en": frozenset(_ENGLISH_ORDER_WORDS.split())}

# Two words that are one; joined before anything else.
_JOINED: Final = {
    "en": [
        (re.compile(rf"\b{pattern}\b"), word)
        for pattern, word in [
            (r"pick(ed)?[ -]?up", "pickup"),
            (r"cut[ -]?off", "cutoff"),
            (r"e[ -]mail", "email"),
            (r"gift[ -]?wrap(ped|ping)?", "giftwrap"),
            (r"gift[ -]?(card|voucher)s?", "giftcard"),
            (r"(credit|debit)[ -]cards?", "creditcard"),
            (r"how much", "cost"),
            (r"click (and|&|n) collect", "collect"),
        ]
    ]
}

_AT_HOME: Final = frozenset({"GB", "GG", "JE", "IM"})  # JE is a garment, too
_SHORT_NAMES: Final = {"en": frozenset({"usa", "america", "the states", "turkey"})}

_WORD: Final = re.compile(r"[^\W_]+")
_MAX_CHARS: Final = 2_000
_MAX_WORDS: Final = 40


def words(text: str, lang: str) -> list[str]:
    """The telling words of a text, each once, in order, in the form in which they are compared.

    Only the first 2,000 characters and 40 telling words count: whoever writes more asks a person.

    Args:
        lang: ISO 639-1; a language without tables of its own is compared word by word.
    """
    folded = _plain(text[:_MAX_CHARS])
    for pattern, word in _JOINED.get(lang, ()):
        folded = pattern.sub(word, folded)
    stop, same = STOP_WORDS.get(lang, frozenset()), SAME_WORDS.get(lang, {})
    if countries := _countries(lang):
        folded = countries.sub("abroad", folded)
    found: dict[str, None] = {}
    for word in _WORD.findall(folded.replace("'", " ")):
        stem = _stem(word) if lang == "en" else word
        if word in stop or stem in stop:
            continue
        found[same.get(word, same.get(stem, stem))] = None
    return list(found)[:_MAX_WORDS]


@lru_cache
def _countries(lang: str) -> re.Pattern[str] | None:
    """The names of all foreign countries: what holds for one mostly holds for the others.

    Source: the CLDR's territory names, as babel carries them; ``None`` for an unknown language.
    """
    if not localedata.exists(lang):
        return None
    territories = Locale(lang).territories.items()
    names = {_plain(name) for code, name in territories if code.isalpha() and code not in _AT_HOME}
    names |= _SHORT_NAMES.get(lang, frozenset())
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def _plain(text: str) -> str:
    return fold(text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _stem(word: str) -> str:
    """A word without its common English endings; what this gets wrong, it gets wrong both times."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + instead
    return word
