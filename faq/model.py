"""An article, and what a search says."""

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from faq.season import Window

# Hits whose odds are this near to the first's are as good as it: the shopper chooses.
MARGIN: Final = 0.25  # in logarithms: the first is not 1.28 times as likely

ArticleKey = tuple[str, str]
"""Language and slug."""

_TINY: Final = 1e-6
ALWAYS: Final = Window()


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read or do more; ``url`` may hold values in braces, as the answers may."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Article:
    """One question with its answer, from ``content/<lang>/<slug>.md``.

    ``short``, ``body`` and the links' addresses are templates: ``faq.render`` fills them in.

    Attributes:
        slug: The file's name without its ending; its id everywhere.
        lang: ISO 639-1, from the folder's name.
        questions: Ways people ask it, the title not among them.
        topics: For grouping on the FAQ page, the main one first.
        short: The answer for SMS and chat, plain text; empty: the beginning of the body.
        body: The long answer, Markdown; empty: the short one.
        window: The days on which it is shown, in the shop's zone.
        priority: Of articles that fit alike the highest wins.
        markets: Countries whose shoppers it is for; empty: all.
        channels: Where it is shown; empty: everywhere.
        needs_order: The answer goes on with the shopper's order.
        feedback: Ask whether it helped, because a no has a next step.
        cutoffs: The season whose last order dates it tells; ``None``: it tells none.
        lines: Where ``short`` and ``body`` begin in the file, counted from 1.
    """

    slug: str
    lang: str
    title: str
    questions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    short: str = ""
    body: str = ""
    window: Window = ALWAYS
    priority: int = 0
    markets: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()
    needs_order: bool = False
    feedback: bool = False
    cutoffs: str | None = None
    lines: tuple[int, int] = (1, 1)

    def shown(
        self,
        day: date,
        *,
        market: str | None = None,
        channel: str | None = None,
        home: str = "",
    ) -> bool:
        """Whether somebody sees it.

        Args:
            day: In the shop's time zone.
            market: A country (ISO 3166); ``None``: whichever.
            channel: A channel's slug; ``None``: whichever.
            home: The shop's country: its Mother's Day counts where the market is not known, unless
                the article is for others.
        """
        where = market
        if where is None:
            where = home if home in self.markets else min(self.markets, default=home)
        return (
            (market is None or not self.markets or market in self.markets)
            and (channel is None or not self.channels or channel in self.channels)
            and self.window.holds(day, where)
        )


class Decision(StrEnum):
    """What to do with a search's results."""

    ANSWER = "answer"
    CHOOSE = "choose"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article with its score, 0 to 1."""

    article: Article
    score: float

    @property
    def log_odds(self) -> float:
        """The score as the logarithm of its odds."""
        return math.log((self.score + _TINY) / (1 - self.score + _TINY))

    def is_near(self, other: "Hit") -> bool:
        """Whether another is as good as this one."""
        return self.log_odds - other.log_odds < MARGIN


@dataclass(frozen=True, slots=True)
class Answer:
    """Ranked hits, best first, and whether the first may be said, or a choice offered."""

    decision: Decision
    hits: tuple[Hit, ...]

    @property
    def choices(self) -> tuple[Hit, ...]:
        """What to offer: the first hit and those as good as it; nothing unless ``choose``."""
        if self.decision is not Decision.CHOOSE:
            return ()
        return tuple(hit for hit in self.hits if self.hits[0].is_near(hit))
