"""What a shopper wrote in answer to an e-mail of ours. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Final, cast

from kit.errors import BadInput
from kit.text import clean

# Stands above what we wrote: whatever mail program and language, what is below it was quoted.
MARK: Final = "=== Write your answer above this line ==="
LONGEST: Final = 10_000
_NAME: Final = re.compile(r"\b([0-9a-f]{32})@", re.IGNORECASE)
# Where a program copies an address to, if it does not leave it in To.
_TO: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_BREAKS: Final = {"br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3"}
_SILENT: Final = {"script", "style", "head", "title"}
# How some programs begin what they quote, with a head of several lines.
_HEAD: Final = re.compile(r"\s*\*?(?:from|von|de|da|van|fra|från|od)\s?:", re.IGNORECASE)
_RULE: Final = re.compile(r"\s*[-_=*]{3,}.*[-_=*]{3,}\s*|\s*[-_=*]{3,}\s*")


@dataclass(frozen=True, slots=True)
class Reply:
    """An e-mail that came in.

    Attributes:
        id: Its ``Message-ID``, or what stands for one; the same e-mail twice has the same.
        names: Names of our e-mails that it may answer (``Mail.name``), the likeliest first.
        text: Without what it quotes. Empty where there is nothing but files.
        pictures: Its files that say they are pictures; their content is not looked at yet.
        automatic: Nobody wrote it: an absence notice, a bounce, a list.
    """

    id: str
    names: Sequence[str]
    text: str
    pictures: Sequence[bytes] = ()
    automatic: bool = False


def read(raw: bytes) -> Reply:
    """Read an e-mail as it came over the wire.

    Raises:
        BadInput: It is none.
    """
    message = message_from_bytes(raw, policy=default)
    try:
        if message["from"] is None:
            raise BadInput("not an e-mail: it has no From")
        names = [
            *_names(address for _, address in getaddresses(_all(message, *_TO))),
            *_names(reversed(_all(message, "in-reply-to", "references"))),
        ]
        return Reply(
            id=str(message["message-id"] or "").strip()[:200],
            names=list(dict.fromkeys(names)),
            text=clean(unquoted(_body(message)), limit=LONGEST),
            pictures=[
                content
                for part in message.walk()
                if part.get_content_maintype() == "image"
                and isinstance(content := part.get_payload(decode=True), bytes)
            ],
            automatic=_is_automatic(message),
        )
    # The standard library's reader has no error of its own for what it cannot make sense of.
    except (LookupError, ValueError, AttributeError, TypeError) as error:
        raise BadInput("an e-mail that cannot be read") from error


def unquoted(text: str) -> str:
    """What is new in an answer: without our e-mail below it, and the line that introduces that."""
    lines = text.replace("\r\n", "\n").split("\n")
    mark = next((n for n, line in enumerate(lines) if MARK in line), len(lines))
    quoted = mark < len(lines)
    del lines[mark:]
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(">")):
        quoted |= lines.pop().lstrip().startswith(">")
    if quoted:
        _drop_introduction(lines)
    return "\n".join(lines).strip()


def _drop_introduction(lines: list[str]) -> None:
    """Take "On Monday, Shop wrote:", or a head of several lines, off the end.

    Only what is plainly one: a line too many is better than a word of the shopper's too few.
    """
    first = next((n + 1 for n in reversed(range(len(lines))) if not lines[n].strip()), 0)
    head = next((n for n in range(first, len(lines)) if _HEAD.match(lines[n])), None)
    if head is not None:
        del lines[head:]
    elif lines and lines[-1].rstrip().endswith(":"):
        # On two lines where it is long: the first has the address.
        del lines[-2 if len(lines) - first > 1 and "@" in "".join(lines[-2:]) else -1 :]
    while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
        lines.pop()


def _all(message: EmailMessage, *names: str) -> list[str]:
    return [str(value) for name in names for value in message.get_all(name, [])]


def _names(texts: Sequence[str] | object) -> list[str]:
    return [name.lower() for text in cast("Sequence[str]", texts) for name in _NAME.findall(text)]


def _is_automatic(message: EmailMessage) -> bool:
    submitted = str(message.get("auto-submitted", "no")).split(";")[0].strip().lower()
    return (
        submitted != "no"
        or message.get_content_type() == "multipart/report"
        or message.get("x-autoreply") is not None
        or str(message.get("precedence", "")).strip().lower() in {"bulk", "junk", "auto_reply"}
    )


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_payload(decode=True)
    words = content.decode(part.get_content_charset("utf-8"), "replace") if isinstance(
        content, bytes
    ) else ""  # fmt: skip
    if part.get_content_subtype() != "html":
        return words
    reader = _Words()
    reader.feed(words)
    return "".join(reader.words)


class _Words(HTMLParser):
    """The words of an HTML text, a line for each of its blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line."""
        if tag in _BREAKS:
            self.words.append("\n")
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        """What is no text ends."""
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        """Words, unless they are a script's."""
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))
