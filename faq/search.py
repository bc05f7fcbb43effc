"""Find the article that answers a question."""

from collections.abc import Iterable
from datetime import date

from faq.model import Answer, Article, Decision


class Faq:
    """The articles in memory, searched by fuzzy match on title and question variants."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = tuple(articles)

    def search(self, text: str, *, lang: str = "en", at: date, limit: int = 5) -> Answer:
        """Articles that may answer ``text``, among those valid on the day ``at``."""
        return Answer(Decision.NONE, ())
