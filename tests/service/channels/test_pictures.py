"""Pictures that shoppers send on a provider's channel are fetched from there and kept."""

import asyncio

import httpx
import psycopg
import pytest

from service.news import CHANNEL
from tests.support.providers.api import providers
from tests.support.providers.shoppers import SLUGS, settings, shopper
from tests.support.serving import serve

SECONDS = 15
STATES = (
    "SELECT channel, state, content_type FROM attachments a "
    "JOIN conversations c ON c.id = a.conversation_id"
)


@pytest.fixture
def replayed(monkeypatch):
    with providers() as running:
        for name, value in settings(running.url).items():
            monkeypatch.setenv(name, value)
        yield running


async def settled(database_url):
    """The files' states, once none is waiting: looked at whenever the service announces news."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        while True:
            rows = await (await connection.execute(STATES)).fetchall()
            if len(rows) == len(SLUGS) and all(state != "waiting" for _, state, _ in rows):
                return {channel: (state, kind) for channel, state, kind in rows}
            async for _ in connection.notifies(stop_after=1):
                break


async def test_a_picture_on_every_channel_is_kept(replayed, run_service, rasa, database_url):
    async with serve(rasa.app()) as rasa_url, run_service(rasa_url) as app:
        people = [shopper(slug, app.state.url, "+12125550147") for slug in SLUGS]
        async with httpx.AsyncClient(timeout=20) as http:
            for person in people:
                sent = person.sends_picture(replayed.url, "it came like this")
                answer = await http.post(sent.url, content=sent.body, headers=sent.headers)
                assert answer.is_success
        kept = await asyncio.wait_for(settled(database_url), SECONDS)
        for person in people:
            await asyncio.to_thread(replayed.wait, person.address, bool)
    assert kept.keys() == set(SLUGS)
    for slug, (state, kind) in kept.items():
        assert (state, kind.partition("/")[0]) == ("kept", "image"), slug
    assert [message["message"] for message in rasa.seen] == ["it came like this"] * len(SLUGS)
    assert replayed.problems == []
