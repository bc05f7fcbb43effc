"""The page as a PDF to keep or hand in. Pure: the view in, bytes out."""

import unicodedata
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from service.tracking_page import colour as colours
from service.tracking_page.view import PageView, ParcelView
from service.tracking_page.words import Words

_MUTED: Final = (86, 96, 91)
_TEXT: Final = (28, 35, 32)
# The fonts that every reader has know Latin-1; what people type beyond it has a plain form.
_PLAIN: Final = str.maketrans(
    {
        "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "€": "EUR",  # noqa: RUF001
        "\u202f": " ", "\u2009": " ", "ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE",
    }
)  # fmt: skip


def as_pdf(
    page: PageView, words: Words, *, shop: str, colour: str, zone: ZoneInfo, now: datetime
) -> bytes:
    """An A4 document. Letters beyond Latin-1 lose their accents, or become a question mark."""
    title = words("order", number=page.order) if page.order else words("parcel")
    paper = FPDF(format="A4")
    paper.set_title(_plain(title))
    paper.set_lang(words.lang)
    paper.set_creation_date(now)
    paper.set_auto_page_break(True, margin=18)
    paper.set_margins(20, 18)
    paper.add_page()
    accent = colours.readable(colours.parse(colour), (255, 255, 255))
    _line(paper, shop, size=11, style="B", ink=accent)
    paper.ln(3)
    _line(paper, title, size=20, style="B")
    if page.placed:
        _line(paper, page.placed, size=10, ink=_MUTED)
    _line(
        paper,
        f"{words.day(now, zone, now=now)}, {words.clock(now.astimezone(zone))}",
        size=10,
        ink=_MUTED,
    )
    if page.head and page.next:
        paper.ln(4)
        _line(paper, page.head, size=14, style="B")
        _line(paper, page.next, size=10)
    for number, parcel in enumerate(page.parcels, start=1):
        _parcel(paper, parcel, words, number, len(page.parcels), accent)
    if page.waiting:
        paper.ln(4)
        _line(paper, words("not_sent"), size=12, style="B")
        for item in page.waiting:
            _line(paper, item, size=10)
    return bytes(paper.output())


def _parcel(
    paper: FPDF, parcel: ParcelView, words: Words, number: int, count: int, accent: colours.Rgb
) -> None:
    paper.ln(5)
    paper.set_draw_color(*accent)
    paper.line(20, paper.get_y(), 190, paper.get_y())
    paper.ln(3)
    if count > 1:
        _line(paper, words("parcel_of", n=number, all=count), size=10, ink=_MUTED)
    _line(paper, parcel.head, size=14, style="B", ink=accent)
    if parcel.expected:
        _line(paper, f"{words('expected')}: {parcel.expected}", size=11)
        for window in parcel.was:
            _line(paper, words("was", window=window), size=10, ink=_MUTED)
    _line(paper, parcel.next, size=10)
    _line(paper, parcel.heard, size=9, ink=_MUTED)
    _line(paper, f"{words('number')}: {parcel.number} ({parcel.carrier})", size=10)
    for item in parcel.items:
        _line(paper, item, size=10)
    if parcel.events:
        paper.ln(2)
        _line(paper, words("history"), size=11, style="B")
    for event in parcel.events:
        parts = (f"{event.day}, {event.time}", event.label, event.place, event.note)
        _line(paper, "   ".join(part for part in parts if part), size=9)


def _line(paper: FPDF, text: str, *, size: int, style: str = "", ink: colours.Rgb = _TEXT) -> None:
    paper.set_font("Helvetica", style=style, size=size)
    paper.set_text_color(*ink)
    paper.multi_cell(0, size * 0.5, _plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _plain(text: str) -> str:
    letters = []
    for letter in text.translate(_PLAIN):
        if ord(letter) > 255:
            letter = unicodedata.normalize("NFKD", letter)[:1]
        letters.append(letter if ord(letter) < 256 else "?")
    return "".join(letters)
