"""The shop's own values: prices, countries, windows and days, from ``shop.yml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from faq import season
from faq.reading import Broken, Node, Problem, compose, text_of
from kit.shop_file import MAX_BYTES, SECTIONS, SHOP


@dataclass(frozen=True, slots=True)
class Shop:
    """What articles may say of the shop.

    Attributes:
        currency: ISO 4217.
        country: ISO 3166, two letters; the market of who does not say theirs.
        values: The tree as it stands in the file, without what is read elsewhere.
        seasons: The shop's own named days.
    """

    currency: str = "GBP"
    country: str = "GB"
    values: Mapping[str, Any] = field(default_factory=dict)
    seasons: season.Names = field(default_factory=dict)

    def locale(self, lang: str) -> Locale:
        """How numbers and days are written: the language as in the shop's country, if it is."""
        return _locale(lang, self.country)


@lru_cache
def _locale(lang: str, country: str) -> Locale:
    for name in (f"{lang}_{country}", lang):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


def load(path: Path = SHOP) -> tuple[Shop, list[Problem]]:
    """Read ``shop.yml``. Without the file, or with one that cannot be read, there are no values.

    The second is a problem.
    """
    if not path.exists():
        return Shop(), []
    try:
        return parse(text_of(path, at_most=MAX_BYTES)), []
    except Broken as broken:
        return Shop(), [Problem(path.name, broken.line, broken.reason)]


def parse(text: str) -> Shop:
    """A shop from YAML.

    Raises:
        Broken: With the line and what is wrong there.
    """
    fields = compose(text, "shop.yml").fields()
    values = {name: node.value() for name, node in fields.items() if name not in SECTIONS}
    return Shop(
        currency=_code(fields, "currency", 3) or "GBP",
        country=_code(fields, "country", 2) or "GB",
        values=values,
        seasons=_seasons(fields["seasons"]) if "seasons" in fields else {},
    )


def _code(fields: Mapping[str, Node], name: str, length: int) -> str | None:
    if name not in fields:
        return None
    code = fields[name].text()
    if len(code) != length or not code.isalpha() or not code.isupper():
        raise fields[name].broken(f"{name} must be {length} capital letters")
    return code


def _seasons(node: Node) -> season.Names:
    own: dict[str, season.Day] = {}
    for name, day in node.fields().items():
        own[name] = day.as_(lambda text: season.read(text, own))
    return own
