"""The providers' door, over HTTP: what is let in, what is not, and what is kept of it."""

import re

import httpx
import psycopg
import pytest

from tests.support.providers.api import providers
from tests.support.providers.shoppers import SETTINGS, SLUGS, Post, settings, shopper
from tests.support.serving import serve

NUMBER = "+12125550147"


@pytest.fixture
def replayed(monkeypatch):
    with providers() as running:
        for name, value in settings(running.url).items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
async def app(replayed, run_service, rasa):
    """A service with all channels on, and no worker: what comes in is kept and not answered."""
    async with (
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url, workers_in_web=False) as running,
    ):
        yield running


@pytest.fixture
async def http(app):
    async with httpx.AsyncClient(base_url=app.state.url, timeout=20) as http:
        yield http


def forged(post, person):
    """The same webhook as others than the provider would send it."""
    (name,) = (name for name in post.headers if name != "content-type")
    given = post.headers[name]
    yield "no header", Post(post.url, {"content-type": post.headers["content-type"]}, post.body)
    yield "an empty header", Post(post.url, post.headers | {name: ""}, post.body)
    changed = given[:-4] + ("aaaa" if given[-4:] != "aaaa" else "bbbb")
    yield "a changed signature", Post(post.url, post.headers | {name: changed}, post.body)
    if person.slug != "telegram":  # its secret is over no body
        yield "a changed byte", Post(post.url, post.headers, post.body.replace(b"1", b"2", 1))
    if person.slug.startswith("twilio"):
        yield "another address", Post(f"{post.url}?x=1", post.headers, post.body)
        elsewhere = shopper(person.slug, "https://evil.example", NUMBER).says("hello")
        yield "signed for another address", Post(post.url, elsewhere.headers, elsewhere.body)
    for key in ("token", "secret"):
        if hasattr(person, key):
            other = shopper(person.slug, person.public_url, NUMBER)
            setattr(other, key, "987:another")
            yield "another account's signature", other.says("hello")
    if person.slug == "whatsapp_cloud":
        old = {"type": "text", "text": {"body": "hello"}, "timestamp": "1700000000"}
        yield "an old timestamp", person.message(old)
    if person.slug == "telegram":
        yield "an old timestamp", person.says("hello", date=1_700_000_000)


def refusals(page, slug):
    counter = rf'^wismo_channel_webhooks_refused_total{{channel="{slug}"}} (\S+)'
    found = re.search(counter, page.text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def post(http, sent):
    return await http.post(sent.url, content=sent.body, headers=sent.headers)


async def test_what_is_not_the_providers_is_refused_counted_and_not_kept(app, http, database_url):
    for slug in SLUGS:
        person = shopper(slug, app.state.url, NUMBER)
        genuine = person.says("hello 1")
        before = refusals(await http.get("/metrics"), slug)
        told = dict(forged(genuine, person))
        for what, wrong in told.items():
            answer = await post(http, wrong)
            assert answer.status_code in {401, 403}, (slug, what)
            assert answer.headers["content-type"] == "application/json"
        assert refusals(await http.get("/metrics"), slug) == before + len(told)
        assert len(told) >= 5
    with psycopg.connect(database_url) as connection:
        for table in ("conversations", "messages", "procrastinate_jobs"):
            kept = "" if table != "procrastinate_jobs" else " WHERE task_name = 'answer'"
            count = connection.execute(f"SELECT count(*) FROM {table}{kept}").fetchone()
            assert count == (0,), table


async def test_a_webhook_is_kept_once_and_answered_as_its_provider_expects(app, http, database_url):
    expected = {
        "twilio_sms": (200, "<Response/>", "text/xml; charset=utf-8"),
        "twilio_whatsapp": (200, "<Response/>", "text/xml; charset=utf-8"),
    }
    for slug in SLUGS:
        sent = shopper(slug, app.state.url, NUMBER).says("hello")
        for _ in range(3):
            answer = await post(http, sent)
            assert answer.is_success
            status, body, kind = expected.get(slug, (200, "", None))
            assert (answer.status_code, answer.text) == (status, body)
            assert kind is None or answer.headers["content-type"] == kind
    with psycopg.connect(database_url) as connection:
        stored = "SELECT channel, count(*) FROM messages JOIN conversations c " + (
            "ON c.id = conversation_id GROUP BY channel"
        )
        assert dict(connection.execute(stored).fetchall()) == dict.fromkeys(SLUGS, 1)


async def test_metas_challenge_is_answered_to_meta_alone(http):
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": "1158201444",
        "hub.verify_token": SETTINGS["WHATSAPP_CLOUD_VERIFY_TOKEN"],
    }
    answer = await http.get("/channels/whatsapp_cloud", params=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    query["hub.verify_token"] = "x"
    assert (await http.get("/channels/whatsapp_cloud", params=query)).status_code == 401
