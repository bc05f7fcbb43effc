"""The whole FAQ base from its files: articles that can be said, and what fills them in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from faq import content, cutoffs, shop
from faq.model import Article
from faq.reading import Broken, Problem
from faq.render import Renderer
from kit.shop_file import SHOP

Stamp = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the files are."""

    content: Path = content.CONTENT
    shop: Path = SHOP
    cutoffs: Path = cutoffs.CUTOFFS

    def stamp(self) -> Stamp:
        """Each file with its size and time of change: another stamp means that one changed."""
        found = set()
        for file in (*self.content.glob("*/*.md"), self.shop, self.cutoffs):
            try:
                stat = file.stat()
            except OSError:  # gone since it was listed
                continue
            found.add((str(file), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Base:
    """What was read.

    Attributes:
        articles: Those that can be said on every day around which they change.
        problems: Why others are not among them, or why values are missing.
    """

    articles: tuple[Article, ...]
    renderer: Renderer
    problems: tuple[Problem, ...]


def read(sources: Sources, *, on: date, zone: ZoneInfo, titles_only: bool = False) -> Base:
    """Read everything; what is broken is left out and said.

    Args:
        on: Today, in the shop's zone.
        zone: The shop's.
        titles_only: Take articles that answer nothing, too, and look at no values.
    """
    values, shop_problems = shop.load(sources.shop)
    table, table_problems = cutoffs.load(sources.cutoffs, own=values.seasons)
    articles, problems = content.load(sources.content, own=values.seasons, titles_only=titles_only)
    renderer = Renderer(values, table)
    if titles_only:
        return Base(tuple(articles), renderer, tuple(problems))
    good, unsayable = sayable(articles, renderer, on=on, zone=zone)
    return Base(tuple(good), renderer, (*shop_problems, *table_problems, *problems, *unsayable))


def sayable(
    articles: Iterable[Article], renderer: Renderer, *, on: date, zone: ZoneInfo
) -> tuple[list[Article], list[Problem]]:
    """The articles whose values exist, and what is wrong with the others."""
    good, problems = [], []
    for article in articles:
        try:
            renderer.check(article, on=on, zone=zone)
        except Broken as broken:
            file = f"{article.lang}/{article.slug}.md"
            problems.append(Problem(file, broken.line, broken.reason))
        else:
            good.append(article)
    return good, problems
