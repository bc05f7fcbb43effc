"""The whole FAQ base from its files: articles that can be said, and what fills them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from faq import content, cutoffs, shop
from faq.model import Article, ArticleKey
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
    """Read everything once; what is broken is left out and said.

    Args:
        on: Today, in the shop's zone.
        zone: The shop's.
        titles_only: Take articles that answer nothing, too, and look at no values.
    """
    if not titles_only:
        return Reader(sources, zone).read(on)
    values, _ = shop.load(sources.shop)
    table, _ = cutoffs.load(sources.cutoffs, own=values.seasons)
    articles, problems = content.load(sources.content, own=values.seasons, titles_only=True)
    return Base(tuple(articles), Renderer(values, table), tuple(problems))


class Reader:
    """Reads everything again and again; what has not changed since costs nothing.

    Threads may share one.

    Args:
        zone: The shop's.
    """

    def __init__(self, sources: Sources, zone: ZoneInfo) -> None:
        self._sources = sources
        self._zone = zone
        self._lock = Lock()
        self._stamp: Stamp | None = None
        self._on: date | None = None
        self._renderer = Renderer()
        self._problems: list[Problem] = []
        self._texts: dict[ArticleKey, str | Broken] = {}
        self._read: dict[tuple[ArticleKey, str], Article | Broken] = {}

    def read(self, on: date, over: Mapping[ArticleKey, str] | None = None) -> Base:
        """What is served on a day.

        The renderer is another one after each change of a file, and only then.

        Args:
            on: In the shop's zone.
            over: Texts that stand over files, or beside them, by language and slug.
        """
        with self._lock:
            self._look(on)
            former, self._read = self._read, {}
            articles: list[Article] = []
            problems = list(self._problems)
            for key, text in (self._texts | dict(over or {})).items():
                found: Article | Broken
                if isinstance(text, Broken):
                    found = text
                else:
                    found = former.get((key, text)) or self._article(key, text, on)
                    self._read[key, text] = found
                if isinstance(found, Broken):
                    problems.append(Problem("{}/{}.md".format(*key), found.line, found.reason))
                else:
                    articles.append(found)
            return Base(tuple(articles), self._renderer, tuple(problems))

    def _look(self, on: date) -> None:
        """Read what files hold; forget what other values or another day have made doubtful."""
        stamp = self._sources.stamp()
        if stamp != self._stamp:
            values, problems = shop.load(self._sources.shop)
            table, others = cutoffs.load(self._sources.cutoffs, own=values.seasons)
            self._problems = problems + others
            if not self._sources.content.is_dir():
                self._problems.append(content.missing(self._sources.content))
            self._texts = content.texts(self._sources.content)
            former, self._renderer = self._renderer, Renderer(values, table)
            if former != self._renderer:
                self._read.clear()
        if on != self._on:
            self._read.clear()
        self._stamp, self._on = stamp, on

    def _article(self, key: ArticleKey, text: str, on: date) -> Article | Broken:
        lang, slug = key
        try:
            article = content.parse(text, lang=lang, slug=slug, own=self._renderer.shop.seasons)
            content.answers(article, text)
            self._renderer.check(article, on=on, zone=self._zone)
        except Broken as broken:
            return broken.with_traceback(None)
        return article
