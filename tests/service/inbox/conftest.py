"""An inbox over a real database: in the process, and on a loopback port where streams matter."""

import asyncio
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import procrastinate
import pytest
from fastapi import FastAPI
from playwright.async_api import expect
from sqlalchemy import text

from bot.actions.contract import Reason
from faq.search import Faq
from integrations.channels.web import MANIFEST, Web
from integrations.messages import InboundMessage
from service import jobs, web
from service.accounts import service as accounts
from service.accounts.models import Agent
from service.conversations import door as way_in
from service.conversations import service as conversations
from service.conversations.models import Conversation
from service.edd.dates import Dates
from service.edd.parcels import Home
from service.hours.model import Hours
from service.hours.terms import Terms
from service.inbox import handover
from service.inbox import routes as inbox
from service.news import News
from service.pages.assets import PREFIX, Assets
from service.runtime import Runtime
from service.settings import Settings
from service.storefront.models import Order
from tests.support.serving import serve
from tracking_lookup.service import TrackingLookup

TERMS = Terms(Hours(ZoneInfo("Europe/London")))


class SilentBot:
    """Never asked: these tests run no turns."""

    async def reply(self, sender, text, *, metadata):
        raise AssertionError("the bot was asked")


@pytest.fixture
async def runtime(sessions, database_url, tmp_path):
    news = News(database_url)
    listening = asyncio.create_task(news.listen())
    async with httpx.AsyncClient() as http:
        yield Runtime(
            settings=Settings(_env_file=None, secret_key="k" * 32, var=tmp_path),
            sessions=sessions,
            news=news,
            http=http,
            dialogue=SilentBot(),
            channels={},
            terms=TERMS,
            mailer=None,
            lookup=TrackingLookup({}, None),
            faq=Faq([]),
            dates=Dates(sessions, tmp_path, Home("GB", ZoneInfo("Europe/London"))),
            database_url=database_url,
        )
    news.close()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@pytest.fixture
def app(runtime):
    app = FastAPI()
    app.state.runtime = runtime
    web.install(app)
    app.mount(PREFIX, Assets())
    inbox.mount(app)
    return app


@pytest.fixture
async def url(app, runtime):
    """The app on a loopback port, for what only a real connection shows."""
    async with serve(app) as url:
        yield url
        runtime.news.close()


@dataclass
class Desk:
    """An agent at a browser without JavaScript."""

    http: httpx.AsyncClient
    password: str
    email: str

    @property
    def cookies(self):
        """The session's cookie, for a client of another address."""
        return {"wismo_agent": self.http.cookies["wismo_agent"]}

    @staticmethod
    def token_of(page):
        return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]

    async def sign_in(self, password=None, **fields):
        form = {"email": self.email, "password": password or self.password, **fields}
        page = await self.http.get("/inbox/sign-in")
        return await self.http.post("/inbox/sign-in", data={"csrf": self.token_of(page), **form})

    async def act(self, ticket_id, act, **fields):
        page = await self.http.get(f"/inbox/tickets/{ticket_id}")
        return await self.http.post(
            f"/inbox/tickets/{ticket_id}/{act}", data={"csrf": self.token_of(page), **fields}
        )


@pytest.fixture
async def make_desk(app, sessions):
    """Makes an agent, signed in unless asked otherwise."""
    opened = []

    async def make(name="Ana", *, signed_in=True):
        email = f"{name.lower()}@example.com"
        async with sessions.begin() as session:
            password = await accounts.create_agent(session, email, name)
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://inbox.test",
        )
        opened.append(http)
        made = Desk(http, password, email)
        if signed_in:
            assert (await made.sign_in()).status_code == 303
        return made

    yield make
    for http in opened:
        await http.aclose()


@dataclass
class Shopper:
    """Somebody who writes on the web page, and whose case is handed over."""

    sessions: object
    address: str = "shopper-1"
    sent: int = field(default=0)

    async def say(self, text):
        self.sent += 1
        async with self.sessions.begin() as session:
            accepted = await way_in.accept(
                session,
                InboundMessage(
                    channel="web",
                    external_id=f"{self.address}-{self.sent}",
                    address=self.address,
                    text=text,
                    received_at=datetime.now(UTC),
                ),
                Settings(_env_file=None),
            )
            return accepted.conversation_id

    async def hand_over(self, reason=Reason.ASKED, *, now=None, **more):
        async with self.sessions.begin() as session:
            conversation = await conversations.open_conversation(session, "web", self.address)
            more = {"terms": TERMS, "now": now or datetime.now(UTC)} | more
            ticket = await handover.hand_over(session, conversation, reason, **more)
            return ticket.id

    async def conversation(self):
        async with self.sessions() as session:
            found = await conversations.find(session, "web", self.address)
            assert isinstance(found, Conversation)
            return found, await conversations.transcript(session, found.id)


@pytest.fixture
def shopper(sessions):
    return Shopper(sessions)


@pytest.fixture
def add_order(sessions):
    async def add(**values):
        async with sessions.begin() as session:
            order = Order(
                **{
                    "key": "1001",
                    "number": "#1001",
                    "placed_at": datetime.now(UTC),
                    "source": "demo",
                    "external_id": "1001",
                    **values,
                }
            )
            session.add(order)
            await session.flush()
            return order.id

    return add


@pytest.fixture
def add_agent(sessions):
    """Makes an agent who need not sign in: ``ana = await add_agent("Ana", role="lead")``."""

    async def add(name, **fields):
        async with sessions.begin() as session:
            agent = Agent(
                email=f"{name.lower()}@example.com", name=name, password_hash="!", **fields
            )
            session.add(agent)
            await session.flush()
            return agent

    return add


@pytest.fixture
def work(runtime):
    """Runs the jobs that are due, until there is none left."""

    async def work():
        connector = procrastinate.PsycopgConnector(conninfo=runtime.database_url)
        with jobs.app.replace_connector(connector) as app:
            async with app.open_async():
                while await _are_due(runtime.sessions):  # one that waits for a lock is left behind
                    await app.run_worker_async(
                        wait=False,
                        concurrency=4,
                        install_signal_handlers=False,
                        listen_notify=False,
                        additional_context={"runtime": runtime},
                    )

    return work


@pytest.fixture
def now_due(sessions, work):
    """Lets the time pass that jobs wait for: the five seconds in which an answer can be undone."""

    async def pass_by():
        async with sessions.begin() as session:
            await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
        await work()

    return pass_by


@pytest.fixture
async def door(url, make_desk, open_page):
    """Opens the inbox as a new agent: ``page = await door("Ana")``."""

    async def enter(name="Ana", **options):
        desk = await make_desk(name, signed_in=False)
        page = await open_page(f"{url}/inbox/", **options)
        await page.get_by_label("E-mail").fill(desk.email)
        await page.get_by_label("Password").fill(desk.password)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("navigation", name="Lists")).to_be_visible()
        return page

    return enter


async def _are_due(sessions):
    async with sessions() as session:
        return await session.scalar(
            text(
                "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' "
                "AND (scheduled_at IS NULL OR scheduled_at <= now()))"
            )
        )


@pytest.fixture
def mails(runtime):
    """The shop has an SMTP server, and the web chat is a page that shoppers may leave."""
    object.__setattr__(runtime, "channels", {"web": Web(MANIFEST)})
    object.__setattr__(runtime, "terms", replace(TERMS, mails=True))
