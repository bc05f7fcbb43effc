"""An article, and what a search says."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

# Hits closer than this to the first are as good as it: the shopper chooses.
MARGIN: Final = 0.04


@dataclass(frozen=True, slots=True)
class Article:
    """One question with its answer, from ``content/<lang>/<slug>.md``.

    Attributes:
        slug: The file's name without its ending; its id everywhere.
        lang: ISO 639-1, from the folder's name.
        questions: Ways people ask it, the title not among them.
        topics: For grouping on the FAQ page.
        short: The answer for SMS and chat, plain text of at most 320 characters.
        body: The long answer, Markdown.
        valid_from: First day it is shown, in the shop's zone; ``None``: always was.
        valid_until: Last day it is shown; ``None``: until further notice.
    """

    slug: str
    lang: str
    title: str
    questions: tuple[str, ...]
    topics: tuple[str, ...]
    short: str
    body: str
    valid_from: date | None = None
    valid_until: date | None = None


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
        return tuple(hit for hit in self.hits if self.hits[0].score - hit.score < MARGIN)
