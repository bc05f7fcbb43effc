"""A laptop without a public address: the service asks Telegram for news, and answers."""

import asyncio
import json

import psycopg
import pytest

from tests.support.providers.api import providers
from tests.support.providers.shoppers import TelegramShopper, settings
from tests.support.serving import serve


@pytest.fixture
def replayed(monkeypatch):
    with providers() as running:
        for name, value in settings(running.url).items():
            if name.startswith("TELEGRAM"):
                monkeypatch.setenv(name, value)
        monkeypatch.setenv("TELEGRAM_POLLING", "1")
        yield running


def updates(person, *texts):
    return [json.loads(person.says(text).body) for text in texts]


async def test_news_is_asked_for_answered_once_and_asked_for_again_after_a_crash(
    replayed, run_service, rasa, database_url
):
    person = TelegramShopper("http://127.0.0.1", "+12125550147")
    replayed.updates += updates(person, "hello", "again")
    address = person.address

    async with serve(rasa.app()) as rasa_url:
        async with run_service(rasa_url):
            await asyncio.to_thread(replayed.wait, address, lambda said: bool(said))
        # Started anew it has forgotten what it had confirmed: Telegram gives all of it once more.
        replayed.updates += updates(person, "after the crash")
        async with run_service(rasa_url):
            said = await asyncio.to_thread(
                replayed.wait, address, lambda said: any("crash" in m.text for m in said)
            )
    texts = "\n".join(message.text for message in said)
    assert texts.count("hello") == 1
    assert texts.count("crash") == 1
    with psycopg.connect(database_url) as connection:
        stored = "SELECT count(*) FROM messages WHERE author = 'shopper'"
        assert connection.execute(stored).fetchone() == (3,)
    assert [asked.what for asked in replayed.asked].count("setWebhook") == 0
    assert replayed.problems == []
