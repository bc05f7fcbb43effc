"""Read articles from files: front matter between ``---`` lines, then Markdown.

A file that cannot be read is a problem with its place and reason; the others are still served.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from faq.model import Article

CONTENT: Final = Path(__file__).resolve().parent / "content"

MAX_SHORT_CHARS: Final = 320  # two SMS segments
MAX_FILE_BYTES: Final = 100_000

_REQUIRED: Final = ("title", "questions", "topics", "short")
_DATES: Final = ("valid_from", "valid_until")
_FENCE: Final = re.compile(r"\A---[ \t]*\n(?P<head>.*?)^---[ \t]*$\n?(?P<body>.*)\Z", re.S | re.M)
_FIRST_HEAD_LINE: Final = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an article is not served.

    Attributes:
        file: Its path, from the folder that was read.
        line: Where in it, counted from 1.
        reason: What is wrong there, for the person who wrote the file.
    """

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class _Broken(Exception):
    """Leaves the reading of one file with its problem."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def load(path: Path = CONTENT) -> tuple[list[Article], list[Problem]]:
    """Read every ``<lang>/<slug>.md`` under a folder.

    Returns:
        Articles and problems, each in the order of their paths. A file has at most one problem,
        its first, and is then not among the articles.
    """
    if not path.is_dir():
        return [], [Problem(str(path), 1, "there is no such folder")]
    articles: list[Article] = []
    problems: list[Problem] = []
    for file in sorted(path.glob("*/*.md")):
        try:
            articles.append(_read(file))
        except _Broken as broken:
            name = file.relative_to(path).as_posix()
            problems.append(Problem(name, broken.line, broken.reason))
    return articles, problems


def _read(file: Path) -> Article:
    lang, slug = file.parent.name, file.stem
    if not re.fullmatch(r"[a-z]{2}", lang):
        raise _Broken(1, f"the folder {lang!r} is not a language of two letters, such as en")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise _Broken(1, "the file's name may hold only a-z, 0-9 and single hyphens")
    found = _FENCE.match(_text(file))
    if found is None:
        raise _Broken(1, "the file must begin with front matter between two lines of ---")
    fields = _fields(found["head"])
    for name in _REQUIRED:
        if name not in fields:
            raise _Broken(1, f"{name} is missing")
    valid_from, valid_until = (_day(fields, name) for name in _DATES)
    if valid_from and valid_until and valid_until < valid_from:
        raise _Broken(_line(fields["valid_until"]), "valid_until lies before valid_from")
    short = " ".join(_string(fields, "short").split())
    if len(short) > MAX_SHORT_CHARS:
        reason = f"short has {len(short)} characters; {MAX_SHORT_CHARS} are allowed"
        raise _Broken(_line(fields["short"]), reason)
    body = found["body"].strip()
    if not body:
        raise _Broken(found["head"].count("\n") + _FIRST_HEAD_LINE, "the article has no text")
    return Article(
        slug=slug,
        lang=lang,
        title=_string(fields, "title"),
        questions=_strings(fields, "questions"),
        topics=_strings(fields, "topics"),
        short=short,
        body=body,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise _Broken(1, f"the file cannot be read: {error.strerror}") from error
    if len(raw) > MAX_FILE_BYTES:
        raise _Broken(1, f"the file is larger than {MAX_FILE_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _Broken(line, "the file is not UTF-8 text") from error


def _fields(head: str) -> dict[str, yaml.Node]:
    """The front matter's keys with their YAML nodes, which know their lines."""
    try:
        root = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + _FIRST_HEAD_LINE
        raise _Broken(line, f"not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = head[: error.position].count("\n") + _FIRST_HEAD_LINE
        raise _Broken(line, f"a character that YAML does not allow: {error.reason}") from error
    except RecursionError as error:
        raise _Broken(_FIRST_HEAD_LINE, "not YAML: nested too deeply") from error
    if not isinstance(root, yaml.MappingNode):
        raise _Broken(_FIRST_HEAD_LINE, "the front matter must be lines of `name: value`")
    fields: dict[str, yaml.Node] = {}
    for key, value in root.value:
        name = str(key.value)
        if name not in (*_REQUIRED, *_DATES):
            raise _Broken(_line(key), f"{name} is not a field of an article")
        if name in fields:
            raise _Broken(_line(key), f"{name} stands twice")
        fields[name] = value
    return fields


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + _FIRST_HEAD_LINE


def _scalar(node: yaml.Node, name: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _Broken(_line(node), f"{name} must be text")
    text = str(node.value).strip()
    if not text:
        raise _Broken(_line(node), f"{name} is empty")
    return text


def _string(fields: dict[str, yaml.Node], name: str) -> str:
    return _scalar(fields[name], name)


def _strings(fields: dict[str, yaml.Node], name: str) -> tuple[str, ...]:
    node = fields[name]
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise _Broken(_line(node), f"{name} must be a list with at least one entry")
    return tuple(_scalar(entry, f"an entry of {name}") for entry in node.value)


def _day(fields: dict[str, yaml.Node], name: str) -> date | None:
    if name not in fields:
        return None
    text = _scalar(fields[name], name)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _Broken(_line(fields[name]), f"{name} is not a day such as 2026-12-24") from error
