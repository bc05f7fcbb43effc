"""How the FAQ's public pages are made: what is shown, Markdown, links, caching."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import jinja2
from babel import Locale
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from faq.model import Article
from faq.search import Faq
from kit.errors import NotFound
from service.faq.texts import texts, topic_name
from service.inbox.pages import FILES as INBOX_FILES
from service.pages.assets import asset as shared_asset
from service.runtime import Runtime

CHANNEL: Final = "web"
"""Of the articles that are for certain channels, those for this one stand on the page."""

_HERE: Final = Path(__file__).parent
FILES: Final = {
    **{
        name: _HERE / "static" / name
        for name in ("faq.css", "season.css", "article.css", "faq.js", "editor.css")
    },
    "htmx.js": INBOX_FILES["htmx.js"],
}
_VERSIONS: Final = {
    name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in FILES.items()
}
_ARTICLE: Final = re.compile(r"(?P<slug>[a-z0-9-]+)\.md(?P<rest>#\S+)?")

# What editors write is not HTML: tags stay visible text, and addresses are checked.
_markdown: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def asset(name: str) -> str:
    """The address of one of ``FILES``, which changes with its content."""
    return f"/faq/static/{name}?v={_VERSIONS[name]}"


def shown(faq: Faq, lang: str, day: date, *, market: str | None = None) -> list[Article]:
    """The articles of a language that stand on the page, more important ones first.

    Args:
        market: Where the reader is (ISO 3166); ``None``: not said, all is shown.
    """
    home = faq.renderer.shop.country
    found = (
        article
        for article in faq.articles
        if article.lang == lang and article.shown(day, market=market, channel=CHANNEL, home=home)
    )
    return sorted(found, key=lambda a: (-a.priority, a.title.casefold()))


def html(text: str, lang: str) -> Markup:
    """Markdown as HTML; ``returns-policy.md`` leads to that article."""
    tokens = _markdown.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", address_of(str(child.attrGet("href")), lang))
    return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S704


def address_of(url: str, lang: str) -> str:
    """Where a link of an article leads."""
    found = _ARTICLE.fullmatch(url)
    return f"/faq/{lang}/{found['slug']}{found['rest'] or ''}" if found else url


def structured(articles: Iterable[tuple[Article, str]], url: str, lang: str) -> Markup:
    """``FAQPage`` data for questions whose answers stand on the page, word for word.

    Args:
        articles: Each with its answer as HTML.

    Source: https://schema.org/FAQPage
    """
    data = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "url": url,
        "inLanguage": lang,
        "mainEntity": [
            {
                "@type": "Question",
                "name": article.title,
                "acceptedAnswer": {"@type": "Answer", "text": answer},
            }
            for article, answer in articles
        ],
    }
    # "<" alone could end the element that holds it.
    return Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


def language_name(lang: str) -> str:
    """What a language calls itself."""
    name = Locale.parse(lang).get_display_name(lang) or lang
    return name[:1].upper() + name[1:]


def iso(value: datetime) -> str:
    """For ``<time datetime>``."""
    return value.isoformat()


_templates: Final = jinja2.Environment(
    loader=jinja2.ChoiceLoader(
        [
            jinja2.FileSystemLoader(_HERE / "templates" / "site"),
            jinja2.FileSystemLoader(_HERE.parent / "pages" / "templates"),
        ]
    ),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "asset": shared_asset,
    "faq_asset": asset,
    "language_name": language_name,
    "topic_name": topic_name,
}
_templates.filters |= {"iso": iso}


def render(
    request: Request,
    template: str,
    lang: str,
    *,
    at: datetime,
    languages: Sequence[str],
    status: int = 200,
    **context: Any,
) -> Response:
    """A page, or the part of one that htmx asked for; 304 where the browser has it already.

    It is asked for anew each time: an answer may change at any moment.

    Args:
        languages: In which the page can be had.
    """
    settings = runtime(request).settings
    body = (
        _templates.get_template(template)
        .render(
            request=request,
            shop=settings.shop_name,
            base_url=settings.base_url,
            zone=settings.shop_timezone.rpartition("/")[2].replace("_", " "),
            lang=lang,
            languages=languages,
            say=texts(lang),
            at=at,
            **context,
        )
        .encode()
    )
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {
        "Cache-Control": "public, no-cache",
        "Vary": "HX-Request, Accept-Language",
        "Content-Language": lang,
    }
    if status != 200:
        return HTMLResponse(body, status, headers={**headers, "Cache-Control": "no-store"})
    headers["ETag"] = tag
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(body, headers=headers)


def file(name: str) -> Path:
    """One of ``FILES``.

    Raises:
        NotFound: There is none of that name.
    """
    if name not in FILES:
        raise NotFound("no such file")
    return FILES[name]


def runtime(request: Request) -> Runtime:
    """What this process has at hand."""
    found: Runtime = request.app.state.runtime
    return found
