"""Articles in and out as the Markdown files that ``faq/content`` holds."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from faq.content import MAX_FILE_BYTES
from faq.model import ArticleKey
from faq.reading import Broken, Problem
from service.accounts.models import Agent
from service.faq import drafts, revisions, shelf
from service.runtime import Runtime
from service.settings import Settings

MOST_FILES: Final = 2_000

# In any folder: ``content/en/returns-policy.md``.
_PATH: Final = re.compile(r"(?:.*/)?([a-z]{2})/([^/]+)\.md")


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of files.

    Attributes:
        published: Those whose text is served from now on.
        unchanged: How many were served with that text already.
        problems: Why others were not taken.
    """

    published: tuple[ArticleKey, ...]
    unchanged: int
    problems: tuple[Problem, ...]


def pack(settings: Settings, saved: Mapping[ArticleKey, str]) -> bytes:
    """A zip of all articles (``en/returns-policy.md``): files, and what is ``saved`` over them."""
    texts = dict(saved)
    for file in settings.faq_content.glob("*/*.md"):
        key = (file.parent.name, file.stem)
        if key not in texts and (text := shelf.file_text(settings, key)) is not None:
            texts[key] = text
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for (lang, slug), text in sorted(texts.items()):
            archive.writestr(zipfile.ZipInfo(f"{lang}/{slug}.md", (1980, 1, 1, 0, 0, 0)), text)
    return packed.getvalue()


async def bring(
    session: AsyncSession,
    runtime: Runtime,
    raw: bytes,
    *,
    name: str,
    lang: str,
    author: Agent,
    now: datetime,
) -> Brought:
    """Publish articles from a file or a zip of files; each broken one is said, the others taken.

    Args:
        name: The upload's; ``returns-policy.md`` is one article.
        lang: The language of a single file.

    Raises:
        Outdated: Somebody saved one of them in this moment; nothing was taken.
    """
    live = await revisions.live(session, now=now)
    newest = await revisions.newest(session)
    published, problems, unchanged = [], [], 0
    for key, text in _texts(raw, name, lang):
        if isinstance(text, Problem):
            problems.append(text)
            continue
        served = live.texts.get(key) or shelf.file_text(runtime.settings, key)
        if served is not None and drafts.typed(served) == text:
            unchanged += 1
        elif broken := drafts.wrong_with(text, key, runtime):
            problems.append(Problem("{}/{}.md".format(*key), broken.line, broken.reason))
        else:
            seen = newest[key].number if key in newest else 0
            await revisions.save(
                session, key, text, author, seen=seen, starts_at=now, now=now, note=f"from {name}"
            )
            published.append(key)
    return Brought(tuple(published), unchanged, tuple(problems))


def _texts(raw: bytes, name: str, lang: str) -> Iterator[tuple[ArticleKey, str | Problem]]:
    if not name.endswith(".zip"):
        key = (lang, name.rpartition("/")[2].removesuffix(".md"))
        yield key, _text(raw, name)
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        entries = [info for info in archive.infolist() if not info.is_dir()][:MOST_FILES]
        for info in entries:
            found = _PATH.fullmatch(info.filename)
            if found is None:
                why = "not the place of an article, such as en/returns-policy.md"
                yield ("", ""), Problem(info.filename, 1, why)
            elif info.file_size > MAX_FILE_BYTES:
                why = f"the file is larger than {MAX_FILE_BYTES} bytes"
                yield ("", ""), Problem(info.filename, 1, why)
            else:
                with archive.open(info) as file:  # no more than it says it has: sizes can lie
                    yield (found[1], found[2]), _text(file.read(MAX_FILE_BYTES), info.filename)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        yield ("", ""), Problem(name, 1, f"not a zip that can be read: {error}")


def _text(raw: bytes, name: str) -> str | Problem:
    try:
        if len(raw) > MAX_FILE_BYTES:
            raise Broken(1, f"the file is larger than {MAX_FILE_BYTES} bytes")
        return drafts.typed(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Problem(name, 1, "the file is not UTF-8 text")
    except Broken as broken:
        return Problem(name, broken.line, broken.reason)
