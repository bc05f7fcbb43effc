"""Channels that are all switched on, over a database and replayed providers."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select

from integrations.messages import InboundMessage
from service.channels import make_channel, slugs
from service.conversations import door
from service.conversations.models import Conversation, Message
from service.settings import Settings
from tests.support.providers.shoppers import settings as providers_settings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NUMBER = "+12125550142"
SETTINGS = Settings(_env_file=None, shop_name="Northwind", sender_per_minute=5)


@pytest.fixture
def channels():
    """Every channel, none of which can reach its provider."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    given = providers_settings("https://api.example") | {"CONSOLE_TOKEN": "t"}
    return {slug: make_channel(slug, http, given) for slug in slugs()}


class Line:
    """One shopper's line to the shop, on any channel, without a provider in between."""

    def __init__(self, sessions, channel, address):
        self.sessions, self.channel, self.address = sessions, channel, address
        self.serial = 0

    async def says(self, text, *, at=NOW, id=None, **fields):
        self.serial += 1
        inbound = InboundMessage(
            channel=self.channel,
            external_id=id or f"m{self.serial}",
            address=self.address,
            text=text,
            received_at=at,
            **fields,
        )
        async with self.sessions.begin() as session:
            return await door.accept(session, inbound, SETTINGS)

    async def signal(self, event):
        async with self.sessions.begin() as session:
            await door.take(session, event, SETTINGS)

    async def conversation(self):
        async with self.sessions() as session:
            found = select(Conversation).filter_by(channel=self.channel, address=self.address)
            return (await session.scalars(found)).one()

    async def said(self, author=None):
        """The messages, oldest first; of one author where it is named."""
        conversation = await self.conversation()
        async with self.sessions() as session:
            everything = select(Message).filter_by(conversation_id=conversation.id)
            rows = await session.scalars(everything.order_by(Message.id))
            return [m for m in rows if author in (None, m.author)]


@pytest.fixture
def line(sessions):
    """Makes lines: ``line("twilio_sms")``."""
    return lambda channel, address=NUMBER: Line(sessions, channel, address)


def later(**amount):
    """So much after ``NOW``."""
    return NOW + timedelta(**amount)


@pytest.fixture
async def chat_post():
    """Posts to the web chat as somebody new: ``await chat_post(url, "hello")``."""
    async with httpx.AsyncClient() as http:

        async def post(url, text, language="en"):
            http.cookies.clear()
            headers = {"Accept-Language": f"{language}-XX,en;q=0.5"}
            return await http.post(f"{url}/chat/messages", json={"text": text}, headers=headers)

        yield post
