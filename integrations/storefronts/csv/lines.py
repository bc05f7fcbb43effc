"""The lines of a text file of unknown encoding, one at a time, and the records made of them."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE_CHARS = 256 * 1024
MAX_RECORD_LINES = 100

_HEAD_BYTES = 4096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Lines:
    """A file's lines, each ended by one line feed whatever ended it in the file.

    UTF-8 and UTF-16, with a byte order mark or without. A line that is not UTF-8 is read as
    Windows-1252, which spreadsheets still write; that reads every line.

    Args:
        file: Seekable, at its start; left open by ``close``.

    Attributes:
        number: Of the line that ``next_line`` gave last; the first is 1.
    """

    def __init__(self, file: BinaryIO) -> None:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        self._text = io.TextIOWrapper(
            file,
            encoding=_encoding(head),
            # An odd byte in UTF-16 cannot be mended; in UTF-8 it is the mark of another encoding.
            errors="replace" if _encoding(head).startswith("utf-16") else "surrogateescape",
            newline=None,
        )
        self._back: list[str] = []  # lines given back, the next one last
        self.number = 0

    def next_line(self) -> str | None:
        """The next line; ``None`` at the end.

        Raises:
            ValueError: It is longer than any row can be. It is passed over: the next call goes on
                after it.
        """
        self.number += 1
        if self._back:
            return self._back.pop()
        line = self._text.readline(MAX_LINE_CHARS)
        if len(line) == MAX_LINE_CHARS and not line.endswith("\n"):
            while line and not line.endswith("\n"):
                line = self._text.readline(MAX_LINE_CHARS)
            raise ValueError(f"the line is longer than {MAX_LINE_CHARS} characters")
        return _mended(line) or None

    def give_back(self, lines: list[str]) -> None:
        """Have ``next_line`` give ``lines``, which it gave last, once more."""
        self._back.extend(reversed(lines))
        self.number -= len(lines)

    def close(self) -> None:
        """Let go of the file without closing it."""
        self._text.detach()


def records(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """The rows of a CSV file, each with the number of its first line.

    Yields:
        The row's fields; or, where it cannot be read, the reason. A quote that is never closed
        spoils its own line alone: reading goes on with the line after it.
    """
    while True:
        first = lines.number + 1
        taken: list[str] = []
        try:
            row = next(csv.reader(_record(lines, taken), delimiter=delimiter, strict=True), None)
        except csv.Error:
            lines.give_back(taken[1:])
            yield first, "its quotes are not closed, or a quote inside a value is not doubled"
        except ValueError as error:
            yield first, str(error)
        else:
            if row is None:
                return
            yield first, row


def _record(lines: Lines, taken: list[str]) -> Iterator[str]:
    """Lines for one record; the CSV reader asks for another only inside open quotes."""
    while len(taken) < MAX_RECORD_LINES and (line := lines.next_line()) is not None:
        taken.append(line)
        yield line


def _encoding(head: bytes) -> str:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    # Text of Latin letters in UTF-16 without a mark: every second byte is NUL.
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head) and min(even, odd) * 8 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def _mended(line: str) -> str:
    if line.isascii():
        return line
    try:
        line.encode()
    except UnicodeEncodeError:
        return line.encode(errors="surrogateescape").decode("cp1252", errors="replace")
    return line
