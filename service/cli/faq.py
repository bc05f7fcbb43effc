"""What ``faq search``, ``faq eval`` and ``faq check`` print."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from faq import check, evaluate
from faq.base import Base, read
from faq.model import Decision
from faq.search import Faq
from kit import clock
from kit.errors import BadInput
from service.faq import shelf
from service.settings import Settings

out = Console(highlight=False)


def search(
    settings: Settings, text: str, lang: str, at: str | None
) -> tuple[dict[str, Any], str | None]:
    """Ranked articles, and what would be said if one may be.

    Raises:
        BadInput: The day cannot be read.
    """
    moment = _moment(settings, at)
    faq = _faq(settings, _base(settings))
    answer = faq.search(text, lang=lang, at=moment.date())
    found = {
        "decision": answer.decision.value,
        "results": [
            {"article": hit.article.slug, "score": hit.score, "title": hit.article.title}
            for hit in answer.hits
        ],
    }
    if answer.decision is not Decision.ANSWER:
        return found, None
    return found, faq.say(answer.hits[0].article, at=moment, question=text).short


def evaluated(
    settings: Settings, text: str, lang: str, at: str | None, content: Path | None
) -> dict[str, Any]:
    """Figures of a file of questions.

    Args:
        content: A folder of articles to search instead of the shop's; titles are enough.

    Raises:
        BadInput: A line is not a question; the message names it.
    """
    questions = list(evaluate.read(text.splitlines()))
    moment = _moment(settings, at)
    if content is not None:
        settings = settings.model_copy(update={"faq_content": content})
    faq = _faq(settings, _base(settings, titles_only=content is not None))
    return asdict(evaluate.evaluate(faq, questions, lang=lang, at=moment.date()))


def checked(settings: Settings, at: str | None) -> list[check.Finding]:
    """What is wrong with the articles, errors first."""
    day = _moment(settings, at).date()
    found = read(shelf.sources(settings), on=day, zone=settings.zone)
    return check.check(found, on=day)


def show(found: dict[str, Any], said: str | None) -> None:
    """Print articles for people."""
    out.print(f"decision: [bold]{found['decision']}")
    for result in found["results"]:
        out.print(f"  {result['score']:.2f}  {escape(result['title'])}  [dim]{result['article']}")
    if said is not None:
        out.print(f"\n{escape(said)}")


def show_findings(findings: list[check.Finding]) -> None:
    """Print findings for people."""
    for one in findings:
        colour = "red" if one.is_error else "yellow"
        out.print(f"[{colour}]{one.level}[/]  {escape(str(one.problem))}", soft_wrap=True)
    errors = sum(one.is_error for one in findings)
    out.print(f"{errors} errors, {len(findings) - errors} warnings")


def _base(settings: Settings, *, titles_only: bool = False) -> Base:
    found = read(
        shelf.sources(settings),
        on=shelf.today(settings),
        zone=settings.zone,
        titles_only=titles_only,
    )
    for problem in found.problems:
        Console(stderr=True).print(f"[yellow]{escape(str(problem))}", soft_wrap=True)
    return found


def _faq(settings: Settings, base: Base) -> Faq:
    vectors = shelf.vectors(settings)
    faq = Faq(
        base.articles,
        renderer=base.renderer,
        vectors=vectors,
        meant=shelf.languages(settings),
    )
    if vectors is not None:
        vectors.save()
    return faq


def _moment(settings: Settings, at: str | None) -> datetime:
    """A day, which stands for its first minute, or a day with an hour, in the shop's zone."""
    if at is None:
        return clock.now().astimezone(settings.zone)
    try:
        found = datetime.fromisoformat(at)
    except ValueError as error:
        raise BadInput(f"--at {at!r} is not a day such as 2026-12-24") from error
    if found.tzinfo is not None:
        return found.astimezone(settings.zone)
    return found.replace(tzinfo=settings.zone)
