"""Fill an article's templates in: the shop's values, days and last order dates, as of a moment.

Sandboxed Jinja: an article is written by people who may write articles, not programs.
"""

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from faq import season, writing
from faq.content import MAX_SHORT_CHARS
from faq.cutoffs import Calendar, CutoffTable
from faq.last_orders import Teller
from faq.model import Article, Link
from faq.reading import Broken
from faq.shop import Shop
from kit.errors import BadInput

_MARKUP: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`#>|~]+|^\s*[-+]\s", re.M)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An article as it is read at one moment.

    Attributes:
        short: Plain text of at most 320 characters.
        body: Markdown.
    """

    short: str
    body: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Renderer:
    """What all articles are filled in with."""

    shop: Shop = field(default_factory=Shop)
    table: CutoffTable = field(default_factory=CutoffTable)

    def render(
        self, article: Article, *, at: datetime, question: str = "", market: str | None = None
    ) -> Rendered:
        """An article as somebody reads it.

        Args:
            at: Aware, in the shop's time zone.
            question: What was asked: an article with a cut-off table answers from it.
            market: The shopper's country (ISO 3166); ``None``: the shop's.

        Raises:
            Broken: A value does not exist; with the line in the article's file.
        """
        context = self._context(article.lang, at, market or self.shop.country)
        filled = _filled(article, context)
        short = filled.short
        if article.cutoffs is not None and question:
            teller: Teller = context["cutoffs"].teller
            try:
                short = teller.answer(article.cutoffs, question) or short
            except BadInput as error:
                raise Broken(1, error.message) from error
        short = _cut(short or _beginning(filled.body))
        return Rendered(short, filled.body or short, filled.links)

    def check(self, article: Article, *, on: date, zone: Any) -> None:
        """See that an article can be filled in on the days around which it changes.

        Raises:
            Broken: A value does not exist, or the short answer is too long on one of the days.
        """
        for day in _days(article, on, self.shop.country):
            at = datetime.combine(day, datetime.min.time(), zone) + timedelta(hours=12)
            context = self._context(article.lang, at, self.shop.country)
            filled = _filled(article, context)
            if len(filled.short) > MAX_SHORT_CHARS:
                long = f"short has {len(filled.short)} characters on {day}"
                raise Broken(article.lines[0], f"{long}; {MAX_SHORT_CHARS} are allowed")
            if article.cutoffs is not None and article.cutoffs not in self.table.seasons:
                raise Broken(1, f"cutoffs.yml has no season {article.cutoffs!r}")

    def _context(self, lang: str, at: datetime, market: str) -> dict[str, Any]:
        locale = self.shop.locale(lang)
        teller = Teller(Calendar(self.table, at, market), lang, locale)
        values = {name: _value(value, lang) for name, value in self.shop.values.items()}
        return values | {
            "cutoffs": _Cutoffs(teller),
            "date": lambda text: season.read(text, self.shop.seasons).nearest(at.date(), market),
            "_locale": locale,
            "_currency": self.shop.currency,
            "_read_on": at.date(),
        }


def _days(article: Article, on: date, market: str) -> Iterator[date]:
    """Today, and the first and last day of each of its windows nearby."""
    yield on
    if article.window.yearly or article.window.first or article.window.last:
        for ends in article.window.spans(on, market):
            yield from (day for day in ends if date.min < day < date.max)


def _filled(article: Article, context: Mapping[str, Any]) -> Rendered:
    """Its texts with their values, however long."""
    short_line, body_line = article.lines
    return Rendered(
        " ".join(_fill(article.short, context, short_line).split()),
        _fill(article.body, context, body_line),
        tuple(Link(link.title, _fill(link.url, context, 1)) for link in article.links),
    )


def _fill(source: str, context: Mapping[str, Any], first_line: int) -> str:
    if "{" not in source:
        return source
    try:
        return _template(source).render(context)
    except TemplateSyntaxError as error:
        raise Broken(first_line + error.lineno - 1, f"{error.message}") from error
    except (TemplateError, BadInput, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise Broken(first_line + _line(error) - 1, _why(error)) from error


@lru_cache(maxsize=4096)
def _template(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def _line(error: Exception) -> int:
    """The line of the template in which an error rose."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == "<template>"]
    return (lines[-1] if lines else 1) or 1


def _why(error: Exception) -> str:
    return error.message if isinstance(error, BadInput) else str(error)


def _cut(text: str) -> str:
    """Whole words within the limit of a short answer."""
    if len(text) <= MAX_SHORT_CHARS:
        return text
    return text[: MAX_SHORT_CHARS - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _beginning(body: str) -> str:
    """The first paragraph, as plain text."""
    for paragraph in re.split(r"\n\s*\n", body):
        text = " ".join(_MARKUP.sub(lambda found: found[1] or " ", paragraph).split())
        if text and not paragraph.lstrip().startswith(("#", "|")):
            return text
    return " ".join(_MARKUP.sub(lambda found: found[1] or " ", body).split())


class _Undefined(StrictUndefined):
    """Says what is missing in words of the file."""

    @property
    def _undefined_message(self) -> str:
        return f"shop.yml has no value {self._undefined_name!r} here"


class _Values:
    """A part of the tree: ``delivery.items`` is a value of the shop, never a method."""

    __slots__ = ("_lang", "_tree")

    def __init__(self, tree: Mapping[Any, Any], lang: str) -> None:
        self._tree = tree
        self._lang = lang

    def __getitem__(self, name: Any) -> Any:
        return _value(self._tree[name], self._lang)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._tree)

    def __str__(self) -> str:
        raise BadInput(f"this is a part of shop.yml, not a value; it has {', '.join(self._tree)}")


def _value(value: Any, lang: str) -> Any:
    """A value as a template sees it; of one with languages as its keys, the right text."""
    if isinstance(value, Mapping):
        if value and all(isinstance(key, str) and len(key) == 2 for key in value):
            return _value(value.get(lang, value.get("en", next(iter(value.values())))), lang)
        return _Values(value, lang)
    if isinstance(value, list):
        return [_value(one, lang) for one in value]
    return value


class _Cutoffs:
    """``cutoffs`` in a template."""

    __slots__ = ("teller",)

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    def table(self, key: str) -> str:
        return self.teller.table(key)

    def summary(self, key: str) -> str:
        return self.teller.summary(key)

    def last(self, key: str, *, to: str, service: str) -> datetime:
        calendar = self.teller.calendar
        zone = calendar.table.zone_of(to)
        for row in calendar.rows(key):
            if row.zone == zone and row.service.key == service:
                return row.moment
        raise BadInput(f"cutoffs.yml has no last moment for {key}, {service} to {to}")


@pass_context
def _money(context: Context, amount: float) -> str:
    return writing.money(amount, context["_currency"], context["_locale"])


@pass_context
def _day(context: Context, value: date) -> str:
    return writing.day(value, context["_locale"], read_on=context["_read_on"])


@pass_context
def _moment(context: Context, value: datetime) -> str:
    return writing.moment(value, context["_locale"], read_on=context["_read_on"])


@pass_context
def _countries(context: Context, codes: Iterable[str] | str) -> str:
    codes = [codes] if isinstance(codes, str) else codes
    names = (writing.country(code, context["_locale"]) for code in codes)
    return writing.listed(names, context["_locale"])


@pass_context
def _listed(context: Context, values: Iterable[object]) -> str:
    return writing.listed(values, context["_locale"])


_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=_Undefined, autoescape=False)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters |= {
    "money": _money,
    "day": _day,
    "moment": _moment,
    "countries": _countries,
    "listed": _listed,
}
