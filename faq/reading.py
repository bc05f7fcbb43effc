"""Read YAML so that whatever is wrong is said with its file and line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from kit.errors import BadInput

T = TypeVar("T")

# The same reader in C where PyYAML was built with it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a part of it, is not used.

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


class Broken(BadInput):
    """Leaves the reading of one file with its problem.

    Attributes:
        line: Counted from 1.
        reason: What is wrong there.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def text_of(file: Path, *, at_most: int) -> str:
    """A file's text; its lines end in a line feed alone.

    Args:
        at_most: Bytes.

    Raises:
        Broken: It cannot be read, is too large, or is not UTF-8.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Broken(1, f"the file cannot be read: {error.strerror}") from error
    if len(raw) > at_most:
        raise Broken(1, f"the file is larger than {at_most} bytes")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Broken(line, "the file is not UTF-8 text") from error


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of YAML that knows its name and its line."""

    name: str
    line: int
    raw: yaml.Node

    def broken(self, reason: str) -> Broken:
        """An error at this place."""
        return Broken(self.line, reason)

    def text(self) -> str:
        """The text of a scalar, which is not empty."""
        if not isinstance(self.raw, yaml.ScalarNode):
            raise self.broken(f"{self.name} must be text")
        text = str(self.raw.value).strip()
        if not text:
            raise self.broken(f"{self.name} is empty")
        return text

    def fields(self, known: Iterable[str] | None = None) -> dict[str, "Node"]:
        """A mapping's parts by name; ``known`` are the names that it may have."""
        if not isinstance(self.raw, yaml.MappingNode):
            raise self.broken(f"{self.name} must be lines of `name: value`")
        allowed = None if known is None else set(known)
        fields: dict[str, Node] = {}
        first = self.line - self.raw.start_mark.line
        for key, value in self.raw.value:
            name = str(key.value)
            line = first + key.start_mark.line
            if allowed is not None and name not in allowed:
                raise Broken(line, f"{name} is not a field of {self.name}")
            if name in fields:
                raise Broken(line, f"{name} stands twice")
            fields[name] = Node(name, first + value.start_mark.line, value)
        return fields

    def entries(self, *, empty: bool = False) -> list["Node"]:
        """A list's parts, each named after the list."""
        if not isinstance(self.raw, yaml.SequenceNode) or (not self.raw.value and not empty):
            raise self.broken(f"{self.name} must be a list with at least one entry")
        first = self.line - self.raw.start_mark.line
        name = f"an entry of {self.name}"
        return [Node(name, first + value.start_mark.line, value) for value in self.raw.value]

    def texts(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(entry.text() for entry in self.entries())

    def as_(self, read: Callable[[str], T]) -> T:
        """The text as something else; what ``read`` raises is said at this place."""
        try:
            return read(self.text())
        except Broken:
            raise
        except BadInput as error:
            raise self.broken(f"{self.name}: {error.message}") from error

    def value(self) -> Any:
        """As plain Python: numbers, texts, lists, mappings."""
        try:
            return yaml.constructor.SafeConstructor().construct_document(self.raw)
        except yaml.MarkedYAMLError as error:
            raise self.broken(f"{self.name}: {error.problem}") from error


def compose(text: str, name: str, *, first_line: int = 1) -> Node:
    """The root of a YAML text.

    Args:
        name: What to call it in errors: ``"an article"``.
        first_line: The line of the file at which the text begins.

    Raises:
        Broken: It is not YAML.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + first_line
        raise Broken(line, f"not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + first_line
        raise Broken(line, f"a character that YAML does not allow: {error.reason}") from error
    except RecursionError as error:
        raise Broken(first_line, "not YAML: nested too deeply") from error
    if root is None:
        raise Broken(first_line, f"{name} must be lines of `name: value`")
    return Node(name, root.start_mark.line + first_line, root)


def names(node: Node) -> Mapping[str, str]:
    """Texts by language."""
    return {lang: text.text() for lang, text in node.fields().items()}
