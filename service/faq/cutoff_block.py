"""The season that is on: its last moments to order, the reader's own destination first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel import Locale
from babel.units import format_unit

from faq import writing
from faq.cutoffs import Calendar, Cutoff
from faq.model import Article
from faq.phrases import named
from faq.render import Renderer
from service.faq.texts import texts


@dataclass(frozen=True, slots=True)
class Line:
    """One last moment.

    Attributes:
        left: ``"3 days left"``; ``None``: it has passed.
        own: It is the reader's destination.
    """

    zone: str
    service: str
    at: datetime
    moment: str
    left: str | None
    own: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A season with its lines.

    Attributes:
        slug: The article that tells more.
        instead: What is possible without delivery, in words.
    """

    season: str
    slug: str
    lines: tuple[Line, ...]
    instead: tuple[str, ...]


def blocks(
    articles: Iterable[Article], renderer: Renderer, lang: str, *, at: datetime, market: str
) -> list[Block]:
    """The seasons of which an article tells the cut-offs, while there is time; the next one first.

    Args:
        articles: Those shown at this moment.
        at: Aware, in the shop's zone.
        market: Where the reader's parcels go (ISO 3166).
    """
    calendar = Calendar(renderer.table, at, market)
    told = {a.cutoffs: a.slug for a in articles if a.cutoffs in renderer.table.seasons}
    ends = {key: calendar.by(key) for key in told if key}
    return [
        _block(calendar, key, told[key], lang, renderer.shop.locale(lang), market)
        for key in sorted(ends, key=lambda key: ends[key])
        if any(map(calendar.open, calendar.rows(key)))
    ]


def _block(
    calendar: Calendar, key: str, slug: str, lang: str, locale: Locale, market: str
) -> Block:
    own = calendar.table.zone_of(market)
    rows = sorted(calendar.rows(key), key=lambda row: row.zone != own)
    say = texts(lang)
    instead = []
    for one, until in calendar.instead(key, own):
        what = named(one.names, lang)
        if until is not None:
            moment = writing.moment(until, locale, read_on=calendar.now.date())
            what = f"{what}, {say['until'].format(moment=moment)}"
        instead.append(what)
    return Block(
        season=named(calendar.season(key).names, lang),
        slug=slug,
        lines=tuple(_line(calendar, row, lang, locale, row.zone == own) for row in rows),
        instead=tuple(instead),
    )


def _line(calendar: Calendar, row: Cutoff, lang: str, locale: Locale, own: bool) -> Line:
    return Line(
        zone=_capital(named(row.zone.names, lang)),
        service=_capital(named(row.service.names, lang)),
        at=row.moment,
        moment=writing.moment(row.moment, locale, read_on=calendar.now.date()),
        left=left(row.moment - calendar.now, lang, locale) if calendar.open(row) else None,
        own=own,
    )


def left(gap: timedelta, lang: str, locale: Locale) -> str:
    """What is left, never more than is true: whole days, from two days down hours, then minutes."""
    minutes = int(gap / timedelta(minutes=1))
    if minutes >= 2 * 24 * 60:
        number, unit = minutes // (24 * 60), "duration-day"
    elif minutes >= 2 * 60:
        number, unit = minutes // 60, "duration-hour"
    else:
        number, unit = minutes, "duration-minute"
    return texts(lang)["left"].format(time=format_unit(number, unit, locale=locale))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
