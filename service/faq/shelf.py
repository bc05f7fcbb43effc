"""The articles in this process's memory: read at the start, read again when they change."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError

from faq import content
from faq.base import Base, Reader, Sources, Stamp
from faq.meaning import Vectors
from faq.model import Article, ArticleKey
from faq.render import Renderer
from faq.search import Faq
from kit import clock
from kit.embedding import Embedder
from kit.errors import Misconfigured
from service.db import Sessions
from service.faq import revisions
from service.faq.revisions import Live
from service.news import News
from service.settings import Settings

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0


def sources(settings: Settings) -> Sources:
    """Where the settings say that the files are."""
    return Sources(settings.faq_content, settings.shop_file, settings.faq_cutoffs)


def today(settings: Settings) -> date:
    """The day in the shop's zone."""
    return clock.now().astimezone(settings.zone).date()


def base(settings: Settings, saved: Mapping[ArticleKey, str]) -> Base:
    """What is served now: the files, and what editors ``saved`` over them.

    A text of theirs that can no longer be said, because a value of the shop is gone, is a problem
    like a broken file.
    """
    reader = _reader(sources(settings), settings.zone)
    return reader.read(today(settings), saved)


@lru_cache(maxsize=1)
def _reader(where: Sources, zone: ZoneInfo) -> Reader:
    """The one that remembers what it has read: a save must be served soon."""
    return Reader(where, zone)


def parsed(text: str, key: ArticleKey, renderer: Renderer) -> Article:
    """The article in a file's text; its values are not looked at.

    Raises:
        Broken: It cannot be read, or says nothing.
    """
    lang, slug = key
    article = content.parse(text, lang=lang, slug=slug, own=renderer.shop.seasons)
    content.answers(article, text)
    return article


def checked(text: str, key: ArticleKey, renderer: Renderer, settings: Settings) -> Article:
    """The article in a file's text, which can be said on each day on which it changes.

    Raises:
        Broken: It cannot be read, or a value does not exist.
    """
    article = parsed(text, key, renderer)
    renderer.check(article, on=today(settings), zone=settings.zone)
    return article


def file_text(settings: Settings, key: ArticleKey) -> str | None:
    """The text of an article's file; ``None``: there is none that can be read."""
    lang, slug = key
    try:
        return (settings.faq_content / lang / f"{slug}.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _log_problems(found: Base) -> None:
    for problem in found.problems:
        log.error("article_refused", file=problem.file, line=problem.line, why=problem.reason)


def vectors(settings: Settings) -> Vectors | None:
    """The sentence model's view of the articles; ``None`` without the model."""
    name = "minilm" if settings.faq_model is None else settings.faq_model.name
    model = encoder(settings)
    return _vectors(model, (settings.var / "faq" / f"{name}.npz").resolve()) if model else None


def encoder(settings: Settings) -> Embedder | None:
    """The sentence model, loaded once; ``None`` where it is missing, which is logged."""
    try:
        return _encoder(settings.faq_model)
    except (Misconfigured, ImportError) as error:
        log.warning("faq_without_sentence_model", why=str(error))
        return None


@lru_cache(maxsize=1)
def _vectors(model: Embedder, file: Path) -> Vectors:
    return Vectors(model, file)


@lru_cache(maxsize=1)
def _encoder(folder: Path | None) -> Embedder:
    return Embedder(folder, int8=True)


def languages(settings: Settings) -> frozenset[str]:
    """Those that the sentence model reads."""
    return frozenset(
        lang.strip() for lang in settings.faq_model_languages.split(",") if lang.strip()
    )


async def make_faq(settings: Settings, sessions: Sessions) -> Faq:
    """The articles, ready to be searched.

    The sentence vectors of all articles take seconds to make, so the first start leaves them to
    ``watch`` and searches by words and letters meanwhile; later ones find them in ``var/faq``.
    """
    async with sessions() as session:
        saved = await revisions.live(session, now=clock.now())
    found = base(settings, saved.texts)
    _log_problems(found)
    made = vectors(settings)
    if made is not None and not made.warm:
        made = None
    faq = Faq(found.articles, renderer=found.renderer, vectors=made, meant=languages(settings))
    if made is not None:
        made.save()
    return faq


def learn(faq: Faq, settings: Settings) -> None:
    """Make the vectors that the first start left out; blocks, so call it in a thread."""
    if not faq.by_meaning and (made := vectors(settings)) is not None:
        faq.learn(made)
        made.save()
        log.info("faq_learnt", articles=len(faq.articles))


def reload(faq: Faq, settings: Settings, saved: Live) -> None:
    """Read everything again and search that from now on; blocks, so call it in a thread."""
    found = base(settings, saved.texts)
    _log_problems(found)
    faq.replace(found.articles, found.renderer)
    log.info("faq_read", articles=len(found.articles), problems=len(found.problems))


async def watch(faq: Faq, settings: Settings, sessions: Sessions, news: News) -> None:
    """Read again when a file changes, an editor saves, or a new day begins; until cancelled.

    Also when a revision begins that an editor scheduled. A lost database is waited for: what was
    served stays.
    """
    files = sources(settings)
    seen: tuple[Stamp, date] | None = await asyncio.to_thread(files.stamp), today(settings)
    if (await asyncio.to_thread(base, settings, {})).renderer is not faq.renderer:
        seen = None  # a file has changed since the articles were read
    await asyncio.to_thread(learn, faq, settings)
    saved = Live()
    async with news.subscribe(revisions.TOPIC) as told:
        told.set()  # somebody may have saved since the articles were read
        while not news.closing.is_set():
            # Not ``wait_for``: in Python 3.11 it loses a cancellation that comes with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await told.wait()
            former = saved
            if told.is_set() or (saved.until is not None and saved.until <= clock.now()):
                told.clear()
                try:
                    async with sessions() as session:
                        saved = await revisions.live(session, now=clock.now())
                except DBAPIError as error:
                    log.warning("faq_lost_database", reason=type(error).__name__)
                    await asyncio.sleep(LOOK_SECONDS)
                    told.set()
            now = await asyncio.to_thread(files.stamp), today(settings)
            if now != seen or saved.texts != former.texts:
                seen = now
                await asyncio.to_thread(reload, faq, settings, saved)
