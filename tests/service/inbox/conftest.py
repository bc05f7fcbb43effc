"""An inbox over a real database: in the process, and on a loopback port where streams matter."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from bot.actions.contract import Reason
from faq.search import Faq
from integrations.messages import InboundMessage
from service import web
from service.conversations import door
from service.conversations import service as conversations
from service.conversations.models import Conversation
from service.inbox import accounts
from service.inbox import routes as inbox
from service.inbox import service as desk
from service.news import News
from service.pages.assets import PREFIX, Assets
from service.runtime import Runtime
from service.settings import Settings
from service.storefront.models import Order
from tests.support.serving import serve
from tracking_lookup.service import TrackingLookup


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
            lookup=TrackingLookup({}, None),
            faq=Faq([]),
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
            accepted = await door.accept(
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
            ticket = await desk.hand_over(
                session, conversation, reason, now=now or datetime.now(UTC), **more
            )
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
