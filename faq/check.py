"""``./wismo faq check``: what is wrong with a base of articles that can each be read."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from faq.base import Base
from faq.cutoffs import Calendar
from faq.model import Article
from faq.reading import Problem
from faq.words import words

Level = Literal["error", "warning"]
About = Literal["text", "contradiction", "renewal"]
"""What is wrong: the text or what it points to, dates that two places tell differently, or dates
that are over or will not come by themselves."""

ORIGINAL: Final = "en"
A_YEAR: Final = 366  # days looked at, from the one asked about
MOST_DAYS_OFF: Final = A_YEAR // 2  # a topic that is away for longer is a season's own
SOON: Final = timedelta(days=60)  # a season this near needs its last order dates

_LINK: Final = re.compile(r"\]\(\s*<?([^)\s>]+)")
_ARTICLE: Final = re.compile(r"([a-z0-9-]+)\.md(?:#.*)?")
_YEAR: Final = re.compile(r"(?<![\d{])20[2-9]\d(?!\d)")
_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right; an error fails the check."""

    level: Level
    problem: Problem
    about: About = "text"

    @property
    def is_error(self) -> bool:
        """Whether the check fails by it."""
        return self.level == "error"

    def as_json(self) -> dict[str, Any]:
        """As ``faq check --json`` prints it."""
        problem = self.problem
        return {
            "level": self.level,
            "file": problem.file,
            "line": problem.line,
            "reason": problem.reason,
        }


def check(base: Base, *, on: date) -> list[Finding]:
    """Everything that is wrong, errors first, then by file.

    Args:
        on: Today; the year that begins then is looked at.
    """
    found = [Finding("error", problem) for problem in base.problems]
    found += _links(base.articles)
    found += _translations(base.articles)
    home = base.renderer.shop.country
    found += _overlaps(base.articles, on, home)
    found += _holes(base.articles, on, home)
    found += _dates(base, on)
    return sorted(set(found), key=lambda f: (not f.is_error, f.problem.file, f.problem.line))


def _links(articles: Sequence[Article]) -> Iterator[Finding]:
    """Links to articles that do not exist in the article's language."""
    known = {(article.lang, article.slug) for article in articles}
    for article in articles:
        targets = [(link.url, 1) for link in article.links]
        targets += [
            (match[1], article.lines[1] + article.body.count("\n", 0, match.start()))
            for match in _LINK.finditer(article.body)
        ]
        for url, line in targets:
            to = _ARTICLE.fullmatch(url)
            if to and (article.lang, to[1]) not in known:
                yield _error(article, line, f"there is no article {to[1]!r} in {article.lang}")


def _translations(articles: Sequence[Article]) -> Iterator[Finding]:
    """Articles that a language lacks, and those that say something of other days than it does."""
    by_lang: dict[str, dict[str, Article]] = defaultdict(dict)
    for article in articles:
        by_lang[article.lang][article.slug] = article
    originals = by_lang.get(ORIGINAL, {})
    for lang, found in by_lang.items():
        if lang == ORIGINAL:
            continue
        for slug, article in found.items():
            original = originals.get(slug)
            if original is None:
                yield _error(article, 1, f"there is no article {slug!r} in {ORIGINAL}")
            elif original.window != article.window:
                reason = f"it is valid on other days than in {ORIGINAL}"
                yield _error(article, 1, reason, "contradiction")
            elif original.cutoffs != article.cutoffs:
                reason = f"its cutoffs are not those of {ORIGINAL}"
                yield _error(article, 1, reason, "contradiction")
        missing = sorted(originals.keys() - found.keys())
        if missing:
            yield Finding(
                "warning", Problem(f"{lang}/", 1, f"not translated: {', '.join(missing)}")
            )


def _overlaps(articles: Sequence[Article], on: date, home: str) -> Iterator[Finding]:
    """Phrasings that two articles share, which somebody may see on the same day."""
    owners: dict[tuple[str, frozenset[str]], list[tuple[Article, str]]] = defaultdict(list)
    for article in articles:
        for phrasing in (article.title, *article.questions):
            key = frozenset(words(phrasing, article.lang)) or frozenset({phrasing.casefold()})
            owners[article.lang, key].append((article, phrasing))
    for shared in owners.values():
        for (one, text), (other, its) in combinations(shared, 2):
            if one.slug == other.slug or not _meet(one, other, on, home):
                continue
            reason = f"{text!r} asks the same as {its!r} of {other.slug}"
            if text.casefold() == its.casefold() and one.priority == other.priority:
                yield _error(one, 1, reason)
            else:
                yield _warning(one, 1, reason)


def _holes(articles: Sequence[Article], on: date, home: str) -> Iterator[Finding]:
    """Days on which a main topic that is there for most of the year has no article."""
    by_topic: dict[tuple[str, str], list[Article]] = defaultdict(list)
    for article in articles:
        if article.topics:
            by_topic[article.lang, article.topics[0]].append(article)
    for (lang, topic), found in sorted(by_topic.items(), key=lambda item: item[0]):
        away = [
            day for day in _days(on) if not any(article.shown(day, home=home) for article in found)
        ]
        if away and len(away) <= MOST_DAYS_OFF:
            reason = (
                f"no article about {topic} is valid on {away[0]}, nor on {len(away) - 1} other days"
            )
            yield Finding("error", Problem(f"{lang}/", 1, reason))


def _dates(base: Base, on: date) -> Iterator[Finding]:
    """Dates that contradict each other, are over, or will not come by themselves."""
    home = base.renderer.shop.country
    midnight = datetime.combine(on, time(), ZoneInfo("UTC"))
    calendar = Calendar(base.renderer.table, midnight, home)
    for article in base.articles:
        yield from _years(article)
        if article.window.current(on, home) is None:
            yield _warning(article, 1, "it will not be shown again", "renewal")
        if article.cutoffs is None or article.cutoffs not in base.renderer.table.seasons:
            continue
        rows = calendar.rows(article.cutoffs)
        by = calendar.by(article.cutoffs)
        span = article.window.current(on, home)
        last = max((row.moment.date() for row in rows), default=None)
        if span and last and span[0] <= by and span[1] < last:
            reason = f"it ends on {span[1]}, but cutoffs.yml takes orders until {last}"
            yield _error(article, 1, reason, "contradiction")
    for key in base.renderer.table.seasons:
        by = calendar.by(key)
        if on <= by <= on + SOON and not calendar.rows(key):
            reason = f"{key} is on {by}, and there are no rows for it"
            yield Finding("error", Problem("cutoffs.yml", 1, reason), "renewal")
        for row in calendar.rows(key):
            if row.moment.date() > by:
                what = f"{row.service.key} to {row.zone.key}"
                reason = f"{key}: the last moment for {what} lies after {by}"
                yield Finding("error", Problem("cutoffs.yml", 1, reason), "contradiction")


def _years(article: Article) -> Iterator[Finding]:
    """A year in prose is wrong a year later."""
    for text, first in ((article.short, article.lines[0]), (article.body, article.lines[1])):
        plain = _TEMPLATE.sub(lambda found: "\n" * found[0].count("\n"), text)
        for match in _YEAR.finditer(plain):
            line = first + plain.count("\n", 0, match.start())
            reason = f"the year {match[0]} is typed into the text"
            yield _warning(article, line, reason, "renewal")


def _meet(one: Article, other: Article, on: date, home: str) -> bool:
    """Whether one person can see both on one day of the year to come."""
    if one.markets and other.markets and not one.markets & other.markets:
        return False
    if one.channels and other.channels and not one.channels & other.channels:
        return False
    return any(one.shown(day, home=home) and other.shown(day, home=home) for day in _days(on))


def _days(on: date) -> Iterable[date]:
    return (on + timedelta(days=n) for n in range(A_YEAR))


def _error(article: Article, line: int, reason: str, about: About = "text") -> Finding:
    return Finding("error", Problem(f"{article.lang}/{article.slug}.md", line, reason), about)


def _warning(article: Article, line: int, reason: str, about: About = "text") -> Finding:
    return Finding("warning", Problem(f"{article.lang}/{article.slug}.md", line, reason), about)
