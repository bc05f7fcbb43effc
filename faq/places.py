"""Countries that a text names, in its language."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from babel import Locale, localedata

from kit.text import fold

# What people call them beside the CLDR's names.
_ALIASES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "usa": "US", "america": "US", "the states": "US", "turkey": "TR", "holland": "NL",
        "uk": "GB", "britain": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
        "wales": "GB", "northern ireland": "GB", "uae": "AE", "emirates": "AE", "korea": "KR",
        "czech republic": "CZ", "republic of ireland": "IE", "eire": "IE", "bosnia": "BA",
        "macedonia": "MK", "vatican": "VA", "canaries": "IC", "hong kong": "HK",
    },
    "es": {
        "eeuu": "US", "ee uu": "US", "usa": "US", "america": "US", "inglaterra": "GB",
        "escocia": "GB", "gales": "GB", "gran bretana": "GB", "holanda": "NL", "corea": "KR",
        "canarias": "IC", "republica checa": "CZ",
    },
    "fr": {
        "usa": "US", "amerique": "US", "angleterre": "GB", "ecosse": "GB", "grande-bretagne": "GB",
        "grande bretagne": "GB", "hollande": "NL", "coree": "KR", "canaries": "IC",
        "republique tcheque": "CZ", "etats unis": "US",
    },
    "de": {
        "usa": "US", "amerika": "US", "england": "GB", "schottland": "GB", "grossbritannien": "GB",
        "uk": "GB", "holland": "NL", "korea": "KR", "kanaren": "IC", "tschechische republik": "CZ",
        "turkei": "TR",
    },
}  # fmt: skip
# Capitals tell them from "us" and from nothing.
_CODES: Final = {"US": "US", "USA": "US", "UK": "GB", "UAE": "AE", "NZ": "NZ"}

# A garment, a bird's meat and first names are asked about more than these places.
_RATHER_NOT: Final = frozenset({"jersey", "chad", "cuba libre"})


def countries(text: str, lang: str) -> tuple[str, ...]:
    """ISO codes of the countries named, in their order."""
    found: dict[str, None] = {}
    pattern, codes = _table(lang)
    if pattern is not None:
        for match in pattern.finditer(plain(text)):
            found[codes[match[0]]] = None
    for word in re.findall(r"\b[A-Z]{2,3}\b", text):
        if word in _CODES and not text.isupper():
            found[_CODES[word]] = None
    return tuple(found)


def pattern(lang: str) -> re.Pattern[str] | None:
    """What finds the names in a folded text; ``None`` for a language the CLDR does not know."""
    return _table(lang)[0]


def code(name: str, lang: str) -> str:
    """The country of a name that ``pattern`` found."""
    return _table(lang)[1][name]


@lru_cache
def _table(lang: str) -> tuple[re.Pattern[str] | None, Mapping[str, str]]:
    """Source: the CLDR's territory names, as babel carries them."""
    if not localedata.exists(lang):
        return None, {}
    territories = Locale(lang).territories.items()
    codes = {plain(name): iso for iso, name in territories if iso.isalpha() and len(iso) == 2}
    codes |= _ALIASES.get(lang, {})
    for name in _RATHER_NOT:
        codes.pop(name, None)
    longest_first = sorted(codes, key=lambda name: (-len(name), name))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b"), codes


def plain(text: str) -> str:
    """Folded, with one kind of apostrophe."""
    return fold(text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
