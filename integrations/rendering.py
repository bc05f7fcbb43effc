"""A message written once, made into what a channel can show. Pure; knows manifests, no channel."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from integrations.contract import ChannelManifest, Options, Unit
from integrations.messages import SHARE_PHONE, Button, OutboundMessage, Row
from integrations.sms import segments

# Where a long text is best cut, best first: after a paragraph, a line, a sentence, a word.
_CUTS: Final = tuple(
    re.compile(pattern)
    for pattern in (r"\n\s*\n", r"\n", r"(?<=[.!?…。！？])\s+", r"\s+")  # noqa: RUF001
)
# A cut that leaves less than this of the room is worse than the next best kind of cut.
_LEAST: Final = 0.4


def render(message: OutboundMessage, manifest: ChannelManifest) -> tuple[OutboundMessage, ...]:
    """The messages that say it on this channel, in order; at least one, each within its limits.

    Options become buttons, else a list, else numbered lines: whichever the channel has that all
    of them fit. They stand under the last part. A link that the channel cannot show is written
    out; an image it cannot show is named in words with its address. A template is left whole.
    """
    if message.template is not None:
        return (replace(message, buttons=(), rows=(), image=None, link=None),)
    options = _options(message)
    buttons, rows = _shown(options, message.rows, manifest)
    text = message.text
    if message.image is not None and not manifest.images:
        text = _lines(f"{message.image.alt}: {message.image.url}", text)
    if message.link is not None and not manifest.links:
        text = _lines(text, f"{message.link.title}: {message.link.url}")
    if options and not (buttons or rows):
        text = _lines(text, "\n".join(f"{n}. {o.title}" for n, o in enumerate(options, 1)))
    return tuple(_parts(message, text, buttons, rows, manifest))


def numbered(message: OutboundMessage, manifest: ChannelManifest) -> tuple[Row, ...]:
    """The options that this channel shows as numbers, in order: what "2" means is the second."""
    options = _options(message)
    return () if any(_shown(options, message.rows, manifest)) else options


def size(text: str, unit: Unit) -> int:
    """How long a text is in a channel's own count."""
    match unit:
        case Unit.CODE_POINTS:
            return len(text)
        case Unit.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case Unit.SEGMENTS:
            return segments(text)


def cut(text: str, limit: int, unit: Unit) -> list[str]:
    """A text in pieces of at most ``limit`` each, cut where a reader would pause.

    Nothing is lost but the white space at the cuts; a word longer than the limit is cut inside,
    and never between a character and what combines with it.
    """
    pieces = []
    rest = text.strip()
    while size(rest, unit) > limit:
        room = _longest(rest, limit, unit)
        at = _best_cut(rest, room)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*pieces, rest] if rest or not pieces else pieces


def _parts(
    message: OutboundMessage,
    text: str,
    buttons: tuple[Button, ...],
    rows: tuple[Row, ...],
    manifest: ChannelManifest,
) -> Iterator[OutboundMessage]:
    bare = replace(message, buttons=(), rows=(), image=None, link=None)
    image = message.image if manifest.images else None
    link = message.link if manifest.links else None
    if image is not None:
        # A caption is all of the text or none of it, and options need a text of their own.
        whole = size(text, manifest.unit) <= manifest.max_caption and not (buttons or rows or link)
        yield replace(bare, text=text if whole else "", image=image)
        if whole or not text:
            return
    pieces = _pieces(text, manifest, with_options=bool(buttons or rows))
    for piece in pieces[:-1]:
        yield replace(bare, text=piece)
    alone = manifest.shares_phone and not (buttons or rows or link)
    asks_phone = _asks_phone(message) if alone else ""
    yield replace(
        bare, text=pieces[-1], buttons=buttons, rows=rows, link=link, asks_phone=asks_phone
    )


def _pieces(text: str, manifest: ChannelManifest, *, with_options: bool) -> list[str]:
    """A text within the manifest's limits; options stand under as much of it as they may."""
    limit, room = manifest.max_text, manifest.max_text_with_options
    pieces = [text] if limit is None else cut(text, limit, manifest.unit)
    if not with_options or room is None or size(pieces[-1], manifest.unit) <= room:
        return pieces
    [*others, last] = pieces
    tail = cut(last, room, manifest.unit)[-1]
    return [*others, last.rstrip().removesuffix(tail).rstrip(), tail]


def _asks_phone(message: OutboundMessage) -> str:
    return next((b.title for b in message.buttons if b.payload == SHARE_PHONE), "")


def _options(message: OutboundMessage) -> tuple[Row, ...]:
    buttons = (Row(b.title, b.payload) for b in message.buttons if b.payload != SHARE_PHONE)
    return (*buttons, *message.rows)


def _shown(
    options: Sequence[Row], written_as_rows: Sequence[Row], manifest: ChannelManifest
) -> tuple[tuple[Button, ...], tuple[Row, ...]]:
    """As buttons, or as rows, or (both empty) not at all."""
    if not options:
        return (), ()
    if not written_as_rows and _fit(options, manifest.buttons):
        return tuple(Button(o.title, o.payload) for o in options), ()
    if _fit(options, manifest.rows):
        return (), tuple(options)
    plain = [replace(o, description="") for o in options]
    if _fit(plain, manifest.buttons):
        return tuple(Button(o.title, o.payload) for o in plain), ()
    return (), ()


def _fit(options: Sequence[Row], room: Options | None) -> bool:
    return (
        room is not None
        and len(options) <= room.count
        and all(
            len(o.title) <= room.title
            and len(o.description) <= room.description
            and len(o.payload.encode()) <= room.payload
            for o in options
        )
    )


def _longest(text: str, limit: int, unit: Unit) -> int:
    """How many characters from the start fit; at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle], unit) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _best_cut(text: str, room: int) -> int:
    for pattern in _CUTS:
        ends = [found.start() for found in pattern.finditer(text, 0, room + 1)]
        if ends and ends[-1] >= room * _LEAST:
            return ends[-1]
    at = room
    while at > 1 and _joins(text, at):
        at -= 1
    return at if at > 1 else room


def _joins(text: str, at: int) -> bool:
    """Whether a cut here would tear one visible character apart."""
    here, before = text[at : at + 1], text[at - 1]
    return bool(here) and (_combines(here) or before == "\u200d")


def _combines(character: str) -> bool:
    return (
        unicodedata.combining(character) != 0
        or character in "\u200d\ufe0e\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
