"""Read articles from files: front matter between ``---`` lines, then Markdown.

A file that cannot be read is a problem with its place and reason; the others are still served.
"""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from faq import season
from faq.model import Article, ArticleKey, Link
from faq.reading import Broken, Node, Problem, compose, text_of
from kit.errors import BadInput

__all__ = ["CONTENT", "MAX_SHORT_CHARS", "Problem", "load", "parse"]

CONTENT: Final = Path(__file__).resolve().parent / "content"

MAX_SHORT_CHARS: Final = 320  # two SMS segments
MAX_FILE_BYTES: Final = 100_000
MAX_PRIORITY: Final = 10

FIELDS: Final = (
    *("title", "questions", "topics", "markets", "channels", "valid_from", "valid_until"),
    *("priority", "short", "links", "needs_order", "feedback", "cutoffs"),
)
_FENCE: Final = re.compile(r"\A---[ \t]*\n(?P<head>.*?)^---[ \t]*$\n?(?P<body>.*)\Z", re.S | re.M)
_FIRST_HEAD_LINE: Final = 2
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD: Final = re.compile(r"[a-z][a-z0-9_-]*")
_URL: Final = re.compile(r"(https?://|mailto:|tel:|/(?!/)|\{\{)\S.*|/|[a-z0-9-]+\.md(#\S+)?")


def load(
    path: Path = CONTENT, *, own: season.Names | None = None, titles_only: bool = False
) -> tuple[list[Article], list[Problem]]:
    """Read every ``<lang>/<slug>.md`` under a folder.

    Args:
        own: The shop's named days.
        titles_only: Take articles that answer nothing, too: a search can be tried on them.

    Returns:
        Articles and problems, each in the order of their paths. A file has at most one problem,
        its first, and is then not among the articles.
    """
    if not path.is_dir():
        return [], [missing(path)]
    articles: list[Article] = []
    problems: list[Problem] = []
    for (lang, slug), text in texts(path).items():
        try:
            if isinstance(text, Broken):
                raise text
            article = parse(text, lang=lang, slug=slug, own=own)
            if not titles_only:
                answers(article, text)
            articles.append(article)
        except Broken as broken:
            problems.append(Problem(f"{lang}/{slug}.md", broken.line, broken.reason))
    return articles, problems


def missing(path: Path) -> Problem:
    """That there is no folder."""
    return Problem(str(path), 1, "there is no such folder")


def texts(path: Path) -> dict[ArticleKey, str | Broken]:
    """The text of each file by language and slug, in the order of their paths, or what is wrong."""
    found: dict[ArticleKey, str | Broken] = {}
    for file in sorted(path.glob("*/*.md")):
        key = (file.parent.name, file.stem)
        try:
            found[key] = text_of(file, at_most=MAX_FILE_BYTES)
        except Broken as broken:
            found[key] = broken
    return found


def answers(article: Article, text: str) -> None:
    """See that an article says something.

    Raises:
        Broken: It has no text, at its last line.
    """
    if not (article.short or article.body):
        raise Broken(text.count("\n") or 1, "the article has no text")


def parse(text: str, *, lang: str, slug: str, own: season.Names | None = None) -> Article:
    """One article from the text of its file. Whether its values exist is not looked at here.

    Raises:
        Broken: With the line and what is wrong there.
    """
    if not re.fullmatch(r"[a-z]{2}", lang):
        raise Broken(1, f"the folder {lang!r} is not a language of two letters, such as en")
    if not _NAME.fullmatch(slug):
        raise Broken(1, "the file's name may hold only a-z, 0-9 and single hyphens")
    found = _FENCE.match(text)
    if found is None:
        raise Broken(1, "the file must begin with front matter between two lines of ---")
    head = compose(found["head"], "the front matter", first_line=_FIRST_HEAD_LINE)
    fields = head.fields(FIELDS)
    if "title" not in fields:
        raise Broken(1, "title is missing")
    body_line = found["head"].count("\n") + _FIRST_HEAD_LINE + 1
    body = found["body"]
    body_line += len(body[: len(body) - len(body.lstrip())].splitlines())
    return Article(
        slug=slug,
        lang=lang,
        title=fields["title"].text(),
        questions=fields["questions"].texts() if "questions" in fields else (),
        topics=_words(fields, "topics", _WORD, "a word such as returns"),
        short=_short(fields["short"]) if "short" in fields else "",
        body=body.strip(),
        window=_window(fields, own),
        priority=_priority(fields["priority"]) if "priority" in fields else 0,
        markets=frozenset(
            _words(fields, "markets", re.compile("[A-Z]{2}"), "a country such as GB")
        ),
        channels=frozenset(_words(fields, "channels", _WORD, "a channel such as web")),
        links=tuple(map(_link, fields["links"].entries())) if "links" in fields else (),
        needs_order=_flag(fields, "needs_order"),
        feedback=_flag(fields, "feedback"),
        cutoffs=fields["cutoffs"].text() if "cutoffs" in fields else None,
        lines=(fields["short"].line if "short" in fields else 1, body_line),
    )


def _short(node: Node) -> str:
    """Line breaks stay while they can tell a template's line; ``faq.render`` takes them out.

    How long it is can be said only with its values; a template's braces are left out here.
    """
    text = node.text()
    plain = " ".join(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S).split())
    if len(plain) > MAX_SHORT_CHARS:
        raise node.broken(f"short has {len(plain)} characters; {MAX_SHORT_CHARS} are allowed")
    return " ".join(text.split())


def _words(
    fields: Mapping[str, Node], name: str, form: re.Pattern[str], like: str
) -> tuple[str, ...]:
    if name not in fields:
        return ()
    entries = fields[name].entries()
    for entry in entries:
        if not form.fullmatch(entry.text()):
            raise entry.broken(f"{entry.text()!r} is not {like}")
    return tuple(entry.text() for entry in entries)


def _window(fields: Mapping[str, Node], own: season.Names | None) -> season.Window:
    read = partial(season.read, own=own)
    first, last = (
        fields[name].as_(read) if name in fields else None for name in ("valid_from", "valid_until")
    )
    try:
        return season.Window(first, last)
    except BadInput as error:
        node = fields.get("valid_until") or fields["valid_from"]
        raise node.broken(error.message) from error


def _priority(node: Node) -> int:
    try:
        priority = int(node.text())
    except ValueError as error:
        raise node.broken("priority is not a whole number") from error
    if abs(priority) > MAX_PRIORITY:
        raise node.broken(f"priority is not between -{MAX_PRIORITY} and {MAX_PRIORITY}")
    return priority


def _flag(fields: Mapping[str, Node], name: str) -> bool:
    if name not in fields:
        return False
    text = fields[name].text().lower()
    if text not in {"true", "false"}:
        raise fields[name].broken(f"{name} must be true or false")
    return text == "true"


def _link(node: Node) -> Link:
    fields = node.fields(("title", "url"))
    for name in ("title", "url"):
        if name not in fields:
            raise node.broken(f"a link needs a {name}")
    url = fields["url"].text()
    if not _URL.fullmatch(url):
        known = "https://…, /a-page or another-article.md"
        raise fields["url"].broken(f"{url!r} is not an address such as {known}")
    return Link(fields["title"].text(), url)
