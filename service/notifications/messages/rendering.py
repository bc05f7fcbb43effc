"""News made into a message of one kind, in one language. ``render`` is pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from integrations.messages import Template
from integrations.sms import segments, to_gsm7
from kit.text import fold
from service import carriers
from service.notifications.messages import letter, revisions, whatsapp
from service.notifications.messages.texts import (
    BRINGS,
    MAX_SEGMENTS,
    WIDEST,
    Catalogue,
    Text,
    fill,
    gaps,
)
from service.notifications.news import Kind, News, Trigger
from service.settings import Settings
from service.tracking_page import brand as brands
from service.tracking_page.brand import Look
from service.tracking_page.words import LANGUAGES, Words

_UTC: Final = ZoneInfo("UTC")
_NOON: Final = time(12, tzinfo=UTC)
# Little room: dates are written short, and values cut.
_SHORT: Final = frozenset({Kind.SMS, Kind.PUSH})


@dataclass(frozen=True, slots=True)
class Shop:
    """Who speaks, and in which words.

    Attributes:
        url: Where pictures of the brand are served.
        catalogues: By language, with what was changed in the inbox.
        approved: WhatsApp's templates as the shop's accounts have them.
    """

    name: str
    url: str
    look: Look
    catalogues: Mapping[str, Catalogue]
    approved: whatsapp.Approved

    def catalogue(self, lang: str) -> Catalogue:
        """A language's words; English where there are none."""
        return self.catalogues.get(lang) or self.catalogues["en"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message that can be sent.

    Attributes:
        text: All of it, but for e-mail's and push's heading.
        subject: Of an e-mail; the title of a push message.
        html: Of an e-mail, with ``letter.STOP_HERE`` where the way out goes.
        template: WhatsApp's, where one is approved; ``text`` says the same.
        segments: How many SMS it takes; 1 for other kinds.
        link: The order's page, as it stands in the text.
    """

    text: str
    subject: str = ""
    html: str | None = None
    template: Template | None = None
    segments: int = 1
    link: str = ""


async def shop_of(session: AsyncSession, settings: Settings) -> Shop:
    """The shop as its file and its saved texts have it now."""
    look = brands.look(settings.shop_file)
    return Shop(
        name=look.brand.name or settings.shop_name,
        url=settings.base_url,
        look=look,
        catalogues=await revisions.catalogues(session),
        approved=whatsapp.approved(settings.whatsapp_templates),
    )


def render(
    news: Sequence[News],
    kind: Kind,
    lang: str,
    *,
    shop: Shop,
    link: str,
    channel: str | None = None,
    now: datetime,
) -> Rendered:
    """A message about what happened to one order.

    Args:
        news: The gravest first: it is told in full, the others in a line each.
        channel: The slug it goes through, whose approved WhatsApp templates count.
    """
    lead, others = news[0], news[1:]
    catalogue = shop.catalogue(lang)
    text = catalogue.texts[lead.trigger]
    values = variables(lead, kind, catalogue, shop=shop, link=link, now=now)
    also = [
        fill(
            catalogue.texts[each.trigger].line,
            variables(each, kind, catalogue, shop=shop, link=link, now=now),
        )
        for each in others
    ]
    more = fill(catalogue.common["also"], {"lines": "; ".join(also)}) if also else ""
    match kind:
        case Kind.SMS:
            return _sms(text, values, more, catalogue.common["stop_sms"])
        case Kind.PUSH:
            heading = fill(catalogue.common["headline"], values | {"line": fill(text.line, values)})
            return Rendered(_joined(fill(text.push, values), more), subject=heading, link=link)
        case Kind.EMAIL:
            return _email(lead, text, values, also, catalogue, shop)
        case _:
            said = _joined(fill(text.whatsapp, values), more)
            template = None
            if kind is Kind.WHATSAPP and not also:
                template = shop.approved.template(channel, lead.trigger, lang, text, values)
            return Rendered(said, template=template, link=link)


def sendable(news: Sequence[News], lang: str, *, shop: Shop, channel: str) -> bool:
    """Whether WhatsApp takes this when the shopper has not written for a day."""
    return len(news) == 1 and shop.approved.has(channel, news[0].trigger, lang)


def variables(
    news: News, kind: Kind, catalogue: Catalogue, *, shop: Shop, link: str, now: datetime
) -> dict[str, str]:
    """What a template may say of a piece of news; empty where it is not known."""
    words = LANGUAGES.get(catalogue.lang) or LANGUAGES["en"]
    short = kind in _SHORT
    first = None if news.trigger is Trigger.ARRIVING_TOMORROW else news.first
    day = _window(first, news.last, words, catalogue, short=short, now=now)
    due = day or catalogue.common["the_next_days"]
    brings = BRINGS.get(news.trigger, frozenset())
    values = {
        "shop": shop.name,
        "order": news.order_number,
        "link": link,
        "carrier": _carrier(news.carrier) or catalogue.common["the_carrier"],
        "since": _day((news.since or news.at).date(), words, short=short, now=now),
        "due": due,
        "count": str(news.parcels),
        "day": day or (due if "day" in brings else ""),
        "old_day": _window(news.old_first, news.old_last, words, catalogue, short=short, now=now)
        or (catalogue.common["the_next_days"] if "old_day" in brings else ""),
        "place": news.place or "",
        "reason": catalogue.reasons.get(news.because or "", ""),
        "pickup": _pickup(news.place, shop, short=short),
        "where": words.by_key.get(f"detail.{news.because}", "") or news.place or "",
    }
    return (
        {name: _cut(name, to_gsm7(v)) for name, v in values.items()} if kind is Kind.SMS else values
    )


def _sms(text: Text, values: Mapping[str, str], more: str, stop: str) -> Rendered:
    """With every known detail where that fits, else without; never over two SMS."""
    whole = to_gsm7(fill(text.sms, values))
    if segments(whole) > MAX_SEGMENTS:
        whole = to_gsm7(fill(text.sms, values, short=True))
    link = values["link"]
    longer = whole.replace(link, f"{to_gsm7(more)} {link}") if more else whole
    if segments(longer) <= MAX_SEGMENTS:
        whole = longer
    told = f"{whole} {to_gsm7(stop)}"
    if segments(told) == segments(whole):  # where it costs nothing
        whole = told
    return Rendered(whole, segments=segments(whole), link=link)


def _email(
    lead: News,
    text: Text,
    values: Mapping[str, str],
    also: Sequence[str],
    catalogue: Catalogue,
    shop: Shop,
) -> Rendered:
    common = catalogue.common
    paragraphs = [
        filled
        for part in text.email.split("\n\n")
        if (filled := " ".join(fill(part, values).split()))
    ]
    rows = [(common["order"], lead.order_number)]
    if lead.number is not None:
        rows += [(common["carrier"], values["carrier"]), (common["number"], lead.number)]
    if values["day"] and lead.trigger not in _OVER:
        was = f" ({fill(common['was'], values)})" if values["old_day"] else ""
        rows.append((common["expected"], values["day"] + was))
    if lead.items:
        shown = list(lead.items[:3])
        if len(lead.items) > len(shown):
            shown.append(fill(common["more"], {"count": str(len(lead.items) - len(shown))}))
        rows.append((common["items"], ", ".join(shown)))
    said = letter.Letter(
        lang=catalogue.lang,
        heading=_capital(fill(text.line, values)),
        paragraphs=tuple(paragraphs),
        also=tuple(map(_capital, also)),
        rows=tuple(rows),
        button=common["button"],
        link=values["link"],
        question=common["question"],
        why=fill(common["why"], values),
        stop=common["stop"],
        markup=letter.parcel_delivery(lead, values, shop.name) if lead.number else None,
    )
    subject = f"{shop.name}: {fill(text.subject, values)}"
    html = letter.as_html(said, shop.name, shop.look, shop.url)
    return Rendered(
        letter.as_text(said, shop.name), subject=subject, html=html, link=values["link"]
    )


# When it comes is no question any more.
_OVER: Final = frozenset(
    {
        Trigger.OUT_FOR_DELIVERY,
        Trigger.DELIVERED,
        Trigger.DELIVERED_ELSEWHERE,
        Trigger.ALL_DELIVERED,
        Trigger.COMING_BACK,
        Trigger.LOST_SUSPECTED,
        Trigger.READY_FOR_PICKUP,
        Trigger.PICKUP_REMINDER,
    }
)


def path_of(link: str) -> str:
    """A link's path alone: what a browser's service worker may open."""
    return urlsplit(link).path


def parameters(text: Text) -> tuple[str, ...]:
    """The gaps of WhatsApp's template, in order, as names of variables."""
    return gaps(text.whatsapp)


def _window(
    first: date | None,
    last: date | None,
    words: Words,
    catalogue: Catalogue,
    *,
    short: bool,
    now: datetime,
) -> str:
    if last is None:
        return ""

    until = _day(last, words, short=short, now=now)
    if first is None or first == last:
        return until
    since = _day(first, words, short=short, now=now)
    if short:
        return f"{since} - {until}"
    return fill(catalogue.common["window"], {"first": since, "last": until})


def _day(day: date, words: Words, *, short: bool, now: datetime) -> str:
    """``Tuesday 24 November``, or ``Tue 24 Nov`` without any language's full stops and commas."""
    noon = datetime.combine(day, _NOON)
    if short:
        return words.short_day(noon).translate({ord("."): None, ord(","): None})
    return words.day(noon, _UTC, now=now)


@cache
def _carrier(slug: str | None) -> str:
    if slug is None or slug not in carriers.slugs():
        return ""
    return carriers.manifest_of(slug).name


def _pickup(place: str | None, shop: Shop, *, short: bool) -> str:
    """Where it waits: as the shop knows the place, else as the carrier's scan names it."""
    for point in shop.look.brand.pickup_points:
        if place and fold(point.place) == fold(place):
            known = (point.name, None if short else point.address)
            return ", ".join(part for part in known if part)
    return place or ""


def _cut(name: str, value: str) -> str:
    """A value as an SMS takes it: no longer than what the texts were checked with."""
    longest = len(WIDEST[name])
    if name == "link" or len(value) <= longest:
        return value
    return value[: longest - 3].rstrip() + "..."


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _capital(line: str) -> str:
    return line[:1].upper() + line[1:]
