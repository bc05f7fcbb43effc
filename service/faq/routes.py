"""The FAQ's public pages: every answer at its own address, in each language that has it."""

import re
from datetime import datetime
from typing import Annotated, Final
from xml.sax.saxutils import escape

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from faq import writing
from faq.model import Answer, Article, Decision
from kit import clock
from kit.text import clean, fold
from service.db import SessionDep
from service.faq import service
from service.faq.cutoff_block import blocks
from service.faq.page import CHANNEL, address_of, file, html, render, runtime, shown, structured
from service.faq.texts import CATALOGUE, TOPICS

router = APIRouter(include_in_schema=False)

MOST_RESULTS: Final = 8
MOST_NEIGHBOURS: Final = 5
ORIGINAL: Final = "en"
_COUNTRY: Final = re.compile("[A-Z]{2}")


@router.get("/faq/static/{name}")
async def static(name: str) -> Response:
    """A style sheet or script; its address changes with its content."""
    return FileResponse(
        file(name), headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@router.get("/sitemap.xml")
async def sitemap(request: Request) -> Response:
    """Every page that can be read today, with its translations. Source: https://sitemaps.org."""
    at, base_url = _now(request), runtime(request).settings.base_url
    pages = {"": list(_languages(request))}
    for lang in _languages(request):
        for article in shown(runtime(request).faq, lang, at.date()):
            pages.setdefault(f"/{article.slug}", []).append(lang)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for path, langs in pages.items():
        at_langs = {lang: escape(f"{base_url}/faq/{lang}{path}") for lang in langs}
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{lang}" href="{url}"/>'
            for lang, url in at_langs.items()
        )
        lines += [f"<url><loc>{url}</loc>{others}</url>" for url in at_langs.values()]
    return Response("\n".join([*lines, "</urlset>"]), media_type="application/xml")


@router.get("/faq")
async def home(request: Request, session: SessionDep, q: str = "", to: str = "") -> Response:
    """The page in the reader's language."""
    return await _home(request, session, _preferred(request), q=q, to=to)


@router.get("/faq/{lang}")
async def home_in(
    request: Request, session: SessionDep, lang: str, q: str = "", to: str = ""
) -> Response:
    """The page in one language: the season, a search, all questions by topic."""
    if lang not in _languages(request):
        return _missing(request, _preferred(request), lang)
    return await _home(request, session, lang, q=q, to=to)


@router.post("/faq/{lang}/asked", status_code=204)
async def asked(
    request: Request, session: SessionDep, lang: str, q: Annotated[str, Form()] = ""
) -> None:
    """Keep a question that was typed to its end; what is found while typing is not kept."""
    if lang in _languages(request) and clean(q):
        at = _now(request)
        answer = runtime(request).faq.search(q, lang=lang, at=at.date(), channel=CHANNEL)
        await service.asked(session, q, answer, lang=lang, now=at)


@router.get("/faq/{lang}/{slug}")
async def article(request: Request, lang: str, slug: str, thanks: str = "") -> Response:
    """One answer, at its own address."""
    at = _now(request)
    all_shown = shown(runtime(request).faq, lang, at.date())
    found = next((a for a in all_shown if a.slug == slug), None)
    if found is None:
        return _missing(request, lang, slug)
    faq = runtime(request).faq
    said = faq.say(found, at=at)
    body = html(said.body, lang)
    url = f"{runtime(request).settings.base_url}/faq/{lang}/{slug}"
    here = {a.slug for a in all_shown}
    links = [(link.title, address_of(link.url, lang)) for link in said.links]
    topic = found.topics[0] if found.topics else None
    locale = faq.renderer.shop.locale(lang)
    return render(
        request,
        "article.html",
        lang,
        at=at,
        languages=_with(request, slug, at),
        article=found,
        body=body,
        links=[
            (title, to)
            for title, to in links
            if not to.startswith("/faq/") or to.partition("#")[0].rpartition("/")[2] in here
        ],
        topic=topic,
        neighbours=[a for a in all_shown if a != found and topic in a.topics[:1]][:MOST_NEIGHBOURS],
        data=structured([(found, body)], url, lang),
        path=f"/{slug}",
        description=said.short,
        day=writing.day(at.date(), locale, read_on=at.date().replace(year=1)),
        thanks=thanks if thanks in {"yes", "no"} else None,
    )


@router.post("/faq/{lang}/{slug}/helped")
async def helped(
    request: Request,
    session: SessionDep,
    lang: str,
    slug: str,
    helped: Annotated[str, Form(pattern="^(yes|no)$")],
) -> Response:
    """Keep whether an answer helped, and say thank you."""
    at = _now(request)
    if any(a.slug == slug for a in shown(runtime(request).faq, lang, at.date())):
        await service.rated_on_page(session, slug, lang, helped=helped == "yes", now=at)
    if request.headers.get("hx-request") != "true":
        return RedirectResponse(f"/faq/{lang}/{slug}?thanks={helped}#helped", 303)
    return render(request, "_thanks.html", lang, at=at, languages=[lang], thanks=helped)


async def _home(request: Request, session: SessionDep, lang: str, *, q: str, to: str) -> Response:
    at, faq = _now(request), runtime(request).faq
    market = to if _COUNTRY.fullmatch(to) else None
    all_shown = shown(faq, lang, at.date(), market=market)
    fragment = request.headers.get("hx-request") == "true"
    q = clean(q, limit=500)
    answer = faq.search(q, lang=lang, at=at.date(), market=market, channel=CHANNEL) if q else None
    if answer and not fragment:  # a form without JavaScript, or an address that was shared
        await service.asked(session, q, answer, lang=lang, now=at)
    topics: dict[str, list[Article]] = {topic: [] for topic in TOPICS}
    for one in all_shown:
        topics.setdefault(one.topics[0] if one.topics else "about", []).append(one)
    locale = faq.renderer.shop.locale(lang)
    countries = {c for zone in faq.renderer.table.zones.values() for c in zone.countries}
    return render(
        request,
        "_found.html" if fragment else "home.html",
        lang,
        at=at,
        languages=_languages(request),
        q=q,
        answer=answer,
        found=_found(answer, all_shown, q) if answer else [],
        best=_best(request, answer, q, at),
        blocks=blocks(
            all_shown, faq.renderer, lang, at=at, market=market or _destination(request, lang)
        ),
        market=market,
        countries=sorted(
            ((c, writing.country(c, locale)) for c in countries), key=lambda c: fold(c[1])
        ),
        seasonal=[a for a in all_shown if a.window.first or a.window.last],
        topics={topic: found for topic, found in topics.items() if found},
        path="",
    )


def _found(answer: Answer, all_shown: list[Article], q: str) -> list[Article]:
    """What a search lists: its hits, then what contains the letters typed so far."""
    listed = list(
        (answer.choices and [hit.article for hit in answer.choices])
        or [hit.article for hit in answer.hits]
    )
    typed = fold(q)
    holding = (
        a
        for a in all_shown
        if any(typed in fold(text) for text in (a.title, *a.questions)) and a not in listed
    )
    return [*listed, *holding][:MOST_RESULTS]


def _best(request: Request, answer: Answer | None, q: str, at: datetime) -> str | None:
    """The short answer to a question that has one."""
    if answer is None or answer.decision is not Decision.ANSWER:
        return None
    return runtime(request).faq.say(answer.hits[0].article, at=at, question=q).short


def _missing(request: Request, lang: str, slug: str) -> Response:
    """404, with what can be said: it is for another season, or there in another language."""
    at, faq = _now(request), runtime(request).faq
    known = faq.article(slug, lang)
    lang = lang if lang in _languages(request) else _preferred(request)
    comes = known.window.current(at.date(), faq.renderer.shop.country) if known else None
    locale = faq.renderer.shop.locale(lang)
    return render(
        request,
        "missing.html",
        lang,
        at=at,
        languages=_languages(request),
        status=404,
        known=known,
        again=writing.day(comes[0], locale, read_on=at.date())
        if comes and comes[0] > at.date()
        else None,
        elsewhere=_with(request, slug, at),
        slug=slug,
        path="",
    )


def _with(request: Request, slug: str, at: datetime) -> list[str]:
    """The languages in which an answer can be read now."""
    faq = runtime(request).faq
    return [
        lang
        for lang in _languages(request)
        if any(a.slug == slug for a in shown(faq, lang, at.date()))
    ]


def _languages(request: Request) -> list[str]:
    """Those of the articles: the ones with a catalogue first, in its order."""
    there = runtime(request).faq.languages
    known = [lang for lang in CATALOGUE if lang in there]
    return known + [lang for lang in there if lang not in CATALOGUE]


def _preferred(request: Request) -> str:
    """The first language of the reader's that there is.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-accept-language; the weights are taken to
    stand in order, as browsers send them.
    """
    languages = _languages(request)
    for wanted in request.headers.get("accept-language", "").split(","):
        if (lang := wanted.strip()[:2].lower()) in languages:
            return lang
    return ORIGINAL if ORIGINAL in languages or not languages else languages[0]


def _destination(request: Request, lang: str) -> str:
    """Where a reader's parcels go who has not said it: the browser's region, the language's."""
    renderer = runtime(request).faq.renderer
    known = {c for zone in renderer.table.zones.values() for c in zone.countries}
    tag = request.headers.get("accept-language", "").split(",")[0].partition(";")[0].strip()
    region = tag[3:].upper() if tag[:3].lower() == f"{lang}-" else ""
    return next((c for c in (region, lang.upper()) if c in known), renderer.shop.country)


def _now(request: Request) -> datetime:
    """The moment in the shop's zone."""
    return clock.now().astimezone(runtime(request).settings.zone)
