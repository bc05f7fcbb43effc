"""What an editor works on: an article's text as it stands, how it will look, what has changed."""

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from faq.content import MAX_FILE_BYTES
from faq.model import Article, ArticleKey
from faq.reading import Broken
from faq.render import Renderer
from integrations.sms import is_gsm7, segments
from kit.text import clean
from service.faq import page, revisions, shelf
from service.faq.models import FaqRevision
from service.runtime import Runtime
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Row:
    """An article in the editor's list.

    Attributes:
        article: As it is served; ``None``: it is not.
        shown: It stands on the page today.
        edited: A text of ours stands over the file.
        newest: The last revision; ``None``: only the file is there.
        refused: Why it is not served; ``None``: nothing is wrong with it, or it is a draft.
    """

    key: ArticleKey
    title: str
    article: Article | None
    shown: bool
    edited: bool
    newest: FaqRevision | None
    refused: Broken | None


async def rows(session: AsyncSession, runtime: Runtime, lang: str, *, now: datetime) -> list[Row]:
    """All articles of a language, by title: served, refused, drafts."""
    live = await revisions.live(session, now=now)
    newest = {key: r for key, r in (await revisions.newest(session)).items() if key[0] == lang}
    served = {(a.lang, a.slug): a for a in runtime.faq.articles if a.lang == lang}
    files = {(lang, file.stem) for file in (runtime.settings.faq_content / lang).glob("*.md")}
    today = now.astimezone(runtime.settings.zone).date()
    home = runtime.faq.renderer.shop.country
    found = []
    for key in served.keys() | newest.keys() | files:
        article = served.get(key)
        text = live.texts.get(key) or shelf.file_text(runtime.settings, key)
        refused = None
        if article is None and text is not None:
            refused = wrong_with(text, key, runtime)
        found.append(
            Row(
                key=key,
                title=article.title if article else key[1],
                article=article,
                shown=article is not None and article.shown(today, channel=page.CHANNEL, home=home),
                edited=key in live.texts,
                newest=newest.get(key),
                refused=refused,
            )
        )
    return sorted(found, key=lambda row: (row.refused is None, row.title.casefold()))


def wrong_with(text: str, key: ArticleKey, runtime: Runtime) -> Broken | None:
    """Why a text cannot be served; ``None``: it can."""
    try:
        shelf.checked(text, key, runtime.faq.renderer, runtime.settings)
    except Broken as broken:
        return broken
    return None


def text_of(newest: FaqRevision | None, key: ArticleKey, settings: Settings) -> str | None:
    """What an editor goes on from: the newest revision, else the file; ``None``: there is none."""
    if newest is not None and newest.text is not None:
        return newest.text
    return shelf.file_text(settings, key)


def typed(text: str) -> str:
    """A text as a browser sends it, as a file is stored."""
    return clean(text.replace("\r\n", "\n"), limit=MAX_FILE_BYTES) + "\n"


def template(title: str = "", questions: Iterable[str] = ()) -> str:
    """The text of an article to be written."""
    # JSON's texts are YAML's, whatever stands in them.
    asked = "".join(f"  - {json.dumps(q, ensure_ascii=False)}\n" for q in questions)
    return (
        f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n"
        + (f"questions:\n{asked}" if asked else "")
        + "topics: [delivery]\nshort: >-\n  The answer in a sentence or two.\n---\n"
        "The whole answer.\n"
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """An article as it will be read on a day.

    Attributes:
        broken: What is wrong; everything else is then empty.
        shown: It is shown on that day to somebody in the shop's country.
        span: The days around it on which it is shown; ``None``: always, or never again.
        segments: Of the short answer as SMS.
        unicode: A character of it needs the dear alphabet of 70 to a segment.
        channels: Each channel's name, and whether it is shown there.
    """

    broken: Broken | None = None
    title: str = ""
    shown: bool = False
    span: tuple[date, date] | None = None
    short: str = ""
    segments: int = 0
    unicode: bool = False
    body: Markup = Markup("")  # noqa: RUF009
    channels: tuple[tuple[str, bool], ...] = ()


def preview(
    text: str, key: ArticleKey, runtime: Runtime, *, day: date, question: str = ""
) -> Preview:
    """An article at noon of a day, the shop's time.

    Args:
        question: What is asked, for articles that answer from the table of last moments.
    """
    renderer, settings = runtime.faq.renderer, runtime.settings
    try:
        article = shelf.checked(text, key, renderer, settings)
        at = datetime.combine(day, time(12), settings.zone)
        said = renderer.render(article, at=at, question=question)
    except Broken as broken:
        return Preview(broken=broken)
    home = renderer.shop.country
    return Preview(
        title=article.title,
        shown=article.shown(day, home=home),
        span=_span(article, day, renderer),
        short=said.short,
        segments=segments(said.short),
        unicode=not is_gsm7(said.short),
        body=page.html(said.body, key[0]),
        channels=tuple(
            (channel.manifest.name, article.shown(day, channel=channel.manifest.slug, home=home))
            for channel in runtime.channels.values()
        ),
    )


def _span(article: Article, day: date, renderer: Renderer) -> tuple[date, date] | None:
    if article.window.first is None and article.window.last is None:
        return None
    return article.window.current(day, renderer.shop.country)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a comparison; ``sign`` is ``+``, ``-``, a blank, or ``@``: lines left out."""

    sign: str
    text: str


def diff(before: str | None, after: str | None) -> Sequence[DiffLine]:
    """What has changed between two texts, with two lines around each change."""
    lines = difflib.unified_diff(
        (before or "").splitlines(), (after or "").splitlines(), lineterm="", n=2
    )
    found = [DiffLine(line[0], line[1:]) for line in lines if line[:3] not in {"---", "+++"}]
    return [DiffLine("@", "…") if line.sign == "@" else line for line in found]
