"""A help desk beside a real database, and people on both sides of it."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from bot.actions.contract import Reason
from faq.search import Faq
from integrations.messages import InboundMessage
from service import web
from service.conversations import door
from service.conversations import service as conversations
from service.helpdesks import queue, routes, sync
from service.helpdesks.adapters import make_adapter
from service.helpdesks.models import HelpdeskLink, HelpdeskRest
from service.hours.terms import load as load_terms
from service.inbox import handover
from service.inbox.models import Ticket
from service.news import News
from service.runtime import Runtime
from service.settings import Settings
from tests.support.helpdesks import REPLAYS
from tracking_lookup.service import TrackingLookup


@dataclass
class World:
    """A shop with a help desk."""

    desk: object
    runtime: Runtime
    http: httpx.AsyncClient

    def now(self):
        return datetime.now(UTC)

    async def say(self, text, *, who="shopper-1"):
        """What a shopper writes; gives the conversation's id."""
        async with self.runtime.sessions.begin() as session:
            accepted = await door.accept(
                session,
                InboundMessage("web", f"{who}:{text}", who, text, received_at=self.now()),
                self.runtime.settings,
            )
            return accepted.conversation_id

    async def hand_over(self, *, who="shopper-1", reason=Reason.ASKED):
        async with self.runtime.sessions.begin() as session:
            conversation = await conversations.open_conversation(session, "web", who)
            ticket = await handover.hand_over(
                session, conversation, reason, terms=self.runtime.terms, now=self.now()
            )
            return ticket.id

    async def settle(self):
        """Notice what is due and bring it into step, as the jobs do."""
        async with self.runtime.sessions.begin() as session:
            await queue.notice(session, self.desk.slug, now=self.now())
        return await sync.run(self.runtime, self.runtime.helpdesk)

    async def later(self, seconds=3600):
        """Let time pass: rests end, claims of the dead end, retries and reconciling come due."""
        back = timedelta(seconds=seconds)
        async with self.runtime.sessions.begin() as session:
            for column in (HelpdeskLink.due_at, HelpdeskLink.claimed_until):
                await session.execute(update(HelpdeskLink).values({column: column - back}))
            await session.execute(update(HelpdeskRest).values(until=HelpdeskRest.until - back))

    async def hook(self, webhook):
        """Post a webhook; gives the answer's status."""
        headers, body = webhook
        path = f"/helpdesks/webhooks/{self.desk.slug}"
        return (await self.http.post(path, headers=headers, content=body)).status_code

    async def there(self, ticket_id=None):
        """The help desk's id of the only, or the given, ticket."""
        async with self.runtime.sessions() as session:
            links = select(HelpdeskLink.external_id).order_by(HelpdeskLink.id.desc())
            if ticket_id is not None:
                links = links.filter_by(ticket_id=ticket_id)
            return await session.scalar(links.limit(1))

    async def ticket(self, ticket_id):
        async with self.runtime.sessions() as session:
            return await session.get_one(Ticket, ticket_id)

    async def said(self, *, who="shopper-1"):
        """The conversation: its handler, and who said what."""
        async with self.runtime.sessions() as session:
            conversation = await conversations.find(session, "web", who)
            messages = await conversations.transcript(session, conversation.id)
            return conversation.handler, [(m.author, m.text) for m in messages]


@pytest.fixture
async def make_world(sessions, database_url, tmp_path):
    """Makes a shop with a help desk: ``async with make_world("zendesk") as world``."""

    @asynccontextmanager
    async def make(slug, **settings):
        desk = REPLAYS[slug]()
        own = Settings(_env_file=None, secret_key="k" * 32, var=tmp_path, **settings)
        async with desk.client() as outside:
            runtime = Runtime(
                settings=own,
                sessions=sessions,
                news=News(database_url),
                http=outside,
                dialogue=None,
                channels={},
                terms=load_terms(None, own.zone),
                mailer=None,
                lookup=TrackingLookup({}, None),
                faq=Faq([]),
                dates=None,
                database_url=database_url,
                helpdesk=make_adapter(slug, outside, desk.settings),
            )
            app = FastAPI()
            app.state.runtime = runtime
            web.install(app)
            app.include_router(routes.router)
            door = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=door, base_url="http://wismo.test") as http:
                yield World(desk, runtime, http)

    return make


@pytest.fixture
async def world(make_world):
    """A shop with Zendesk."""
    async with make_world("zendesk") as made:
        yield made
