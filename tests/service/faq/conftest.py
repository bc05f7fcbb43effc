"""The FAQ's pages and editor over a real database, with a small shop's files."""

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from integrations.channels import web as web_channel
from kit import clock
from service import web
from service.accounts import service as accounts
from service.accounts.permissions import Role
from service.faq import desk, gaps_desk, routes, shelf
from service.inbox import routes as inbox
from service.news import News
from service.pages import routes as pages
from service.runtime import Runtime
from service.settings import Settings
from tests.support.serving import serve
from tracking_lookup.service import TrackingLookup

RETURNS = """\
---
title: How do I return something?
questions: [send it back, what is your return policy]
topics: [returns]
short: You have {{ returns.days }} days.
links:
  - {title: Cut-off dates, url: christmas.md}
  - {title: Easter, url: easter.md}
---
You have **{{ returns.days }} days**. See [the dates](christmas.md#top) <b>now</b>.
"""
CHRISTMAS = """\
---
title: What is the last day to order for Christmas?
questions: [christmas cut-off, will it arrive before Christmas]
topics: [delivery]
cutoffs: christmas
short: '{{ cutoffs.summary("christmas") }}'
---
{{ cutoffs.table("christmas") }}
"""
EASTER = (
    "---\ntitle: Easter of 2021?\nvalid_from: 2021-04-01\nvalid_until: 2021-04-05\n---\nIt was.\n"
)
GERMAN = (
    "---\ntitle: Wie gebe ich etwas zurück?\ntopics: [returns]\n---\n{{ returns.days }} Tage.\n"
)


def cutoffs(today):
    """A season that ends in 20 days: one service is over, one ends in 10 days, one in 15."""
    row = "- {{service: {}, zone: {}, order_by: '{} 12:00'}}"
    rows = [
        row.format("slow", "home", today - timedelta(days=1)),
        row.format("fast", "home", today + timedelta(days=10)),
        row.format("fast", "away", today + timedelta(days=15)),
    ]
    return (
        "zones:\n"
        "  home: {countries: [GB], names: {en: the UK}}\n"
        "  away: {countries: [ES, DE], names: {en: Europe, de: Europa}}\n"
        "services:\n"
        "  slow: {names: {en: slow post}}\n"
        "  fast: {names: {en: fast post}}\n"
        "seasons:\n"
        f"  christmas:\n    by: {today + timedelta(days=20)}\n    names: {{en: Christmas}}\n"
        "    rows:\n      " + "\n      ".join(rows) + "\n"
        "    instead:\n      - {names: {en: a gift card}, until: '"
        f"{today + timedelta(days=19)} 23:00'}}\n"
    )


@pytest.fixture
def today():
    return clock.now().date()


@pytest.fixture
def files(tmp_path, today):
    """The folder of the shop's articles."""
    folder = tmp_path / "faq/content"
    for name, text in (
        ("en/returns", RETURNS),
        ("en/christmas", CHRISTMAS),
        ("en/easter", EASTER),
        ("de/returns", GERMAN),
    ):
        file = folder / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "faq/shop.yml").write_text("country: GB\ncurrency: GBP\nreturns: {days: 30}\n")
    (tmp_path / "faq/cutoffs.yml").write_text(cutoffs(today))
    return folder


@pytest.fixture
def open_process(sessions, database_url, files, tmp_path):
    """Opens what one process of the service has, its ear on the database included.

    ``meanwhile`` happens after the articles are read and before it is watched for changes.
    """

    @asynccontextmanager
    async def open_process(meanwhile=lambda: None):
        settings = Settings(
            _env_file=None,
            secret_key="k" * 32,
            var=tmp_path,
            shop_timezone="UTC",
            public_url="http://help.example",
            faq_content=files,
            shop_file=files.parent / "shop.yml",
            faq_cutoffs=files.parent / "cutoffs.yml",
            faq_model=tmp_path / "none",  # by words and letters: quick, and enough here
        )
        news, faq = News(database_url), await shelf.make_faq(settings, sessions)
        meanwhile()
        tasks = [
            asyncio.create_task(news.listen()),
            asyncio.create_task(shelf.watch(faq, settings, sessions, news)),
        ]
        async with httpx.AsyncClient() as http:
            yield Runtime(
                settings=settings,
                sessions=sessions,
                news=news,
                http=http,
                dialogue=None,
                channels={"web": web_channel.Web(http)},
                lookup=TrackingLookup({}, None),
                faq=faq,
                terms=None,
                mailer=None,
                dates=None,
                database_url=database_url,
            )
        news.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return open_process


@pytest.fixture
async def runtime(open_process):
    async with open_process() as runtime:
        yield runtime


@pytest.fixture
def app(runtime):
    app = FastAPI()
    app.state.runtime = runtime
    web.install(app)
    pages.mount(app, runtime.settings)
    app.include_router(routes.router)
    inbox.mount(app, desk.router, gaps_desk.router)
    return app


@pytest.fixture
async def url(app, runtime):
    """The app on a loopback port, for browsers."""
    async with serve(app) as url:
        yield url
        runtime.news.close()


@pytest.fixture
async def http(app):
    """A reader without JavaScript."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://faq.test") as client:
        yield client


@dataclass
class Editor:
    """An agent who writes, at a browser without JavaScript."""

    http: httpx.AsyncClient
    email: str
    password: str

    async def sign_in(self):
        page = await self.http.get("/inbox/sign-in")
        form = {"csrf": token_of(page), "email": self.email, "password": self.password}
        assert (await self.http.post("/inbox/sign-in", data=form)).status_code == 303

    async def open(self, path):
        return await self.http.get(f"/inbox/faq{path}")

    async def post(self, path, *, page, files=None, **fields):
        """Send a form of a page that was opened before."""
        return await self.http.post(
            f"/inbox/faq{path}", data={"csrf": token_of(page), **fields}, files=files
        )

    async def save(self, page, text, act="publish", *, name="en/returns", **fields):
        """Save an article's text from its page as it was opened."""
        lang, _, slug = name.partition("/")
        seen = re.search(r'name="seen" value="(\d+)"', page.text)[1]
        form = {"lang": lang, "slug": slug, "seen": seen, "text": text, "act": act, **fields}
        return await self.post("/save", page=page, **form)


def token_of(page):
    return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]


@pytest.fixture
async def make_editor(app, sessions):
    """Makes an agent, signed in unless asked otherwise."""
    opened = []

    async def make(name="Ana", *, signed_in=True):
        async with sessions.begin() as session:
            password = await accounts.create_agent(
                session, f"{name.lower()}@example.com", name, role=Role.EDITOR
            )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        http = httpx.AsyncClient(transport=transport, base_url="http://faq.test")
        opened.append(http)
        made = Editor(http, f"{name.lower()}@example.com", password)
        if signed_in:
            await made.sign_in()
        return made

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
async def editor(make_editor):
    return await make_editor()
