"""The providers' door, from the outside: signed posts in, what the replayed providers got out."""

import asyncio
import io

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select

from service.attachments.models import Attachment
from service.conversations.models import Message
from tests.support.providers.api import providers
from tests.support.providers.shoppers import settings, shopper
from tests.support.serving import serve

PUBLIC_URL = "https://wismo.shop.example"
NUMBER = "+12125550142"


@pytest.fixture
def replay():
    with providers() as running:
        yield running


@pytest.fixture
async def door(run_service, rasa, replay, monkeypatch):
    """Posts to the running service: ``await door(post)``."""
    for name, value in settings(replay.url).items():
        monkeypatch.setenv(name, value)
    async with (
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url, public_url=PUBLIC_URL) as app,
        httpx.AsyncClient(base_url=app.state.url) as http,
    ):

        async def post(webhook, **changed):
            sent = {"content": webhook.body, "headers": webhook.headers, **changed}
            return await http.post(webhook.url.removeprefix(PUBLIC_URL), **sent)

        post.http = http
        yield post


async def heard(replay, person, condition):
    """What the shopper was sent, once it is as it should be."""
    sent = await asyncio.to_thread(replay.wait, person.address, condition)
    return [message.text for message in sent]


async def count(sessions, table):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def test_a_forged_webhook_is_refused_stores_nothing_and_is_counted(door, sessions):
    async def refused():
        metrics = (await door.http.get("/metrics")).text
        return metrics.count('refused_total{channel="whatsapp_cloud"} 3.0')

    for slug in ("twilio_sms", "whatsapp_cloud", "telegram"):
        post = shopper(slug, PUBLIC_URL, NUMBER).says("where is my order 1001?")
        for forged in (
            {"headers": {"content-type": post.headers["content-type"]}},
            {"headers": {name: f"{value}x" for name, value in post.headers.items()}},
            {"content": b"", "headers": {}},
        ):
            assert (await door(post, **forged)).status_code in {401, 403}
    assert await refused() == 1
    assert await count(sessions, Message) == 0
    nobody = shopper("telegram", PUBLIC_URL, NUMBER).says("hello")
    nobody.url = f"{PUBLIC_URL}/channels/pigeon"
    assert (await door(nobody)).status_code == 404
    post.body = b"x" * 4_000_000
    assert (await door(post)).status_code == 413


async def test_a_webhook_that_comes_twice_at_once_is_one_message(door, replay, sessions):
    person = shopper("whatsapp_cloud", PUBLIC_URL, NUMBER)
    post = person.says("hello")
    answers = await asyncio.gather(*(door(post) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await heard(replay, person, lambda sent: sent) == ["You said: hello"]
    await door(post)
    await door(person.says("again"))
    assert len(await heard(replay, person, lambda sent: len(sent) > 1)) == 2
    assert await count(sessions, Message) == 4


async def test_stop_is_confirmed_and_then_silence_and_start_ends_it(door, replay, rasa):
    person = shopper("twilio_sms", PUBLIC_URL, NUMBER)
    await door(person.says("stop"))
    await heard(replay, person, lambda sent: sent)
    await door(person.says("hello?"))
    await door(person.says("START"))
    await door(person.says("hello!"))
    told = await heard(replay, person, lambda sent: len(sent) == 3)
    assert [text.partition(":")[2][:12] for text in told[:2]] == [" you won't g", " messages ar"]
    assert told[2] == "You said: hello!"
    assert len(rasa.seen) == 1


async def test_a_number_chooses_what_was_offered_as_a_number(door, replay, rasa):
    rasa.answers["hi"] = [
        {
            "text": "What is it?",
            "buttons": [
                {"title": "My order", "payload": "/order_status"},
                {"title": "A person", "payload": "/human"},
            ],
        }
    ]
    person = shopper("twilio_sms", PUBLIC_URL, NUMBER)
    await door(person.says("hi"))
    offered = await heard(replay, person, lambda sent: sent)
    assert offered == ["What is it?\n1. My order\n2. A person"]
    await door(person.says(" 2. "))
    await heard(replay, person, lambda sent: len(sent) == 2)
    assert rasa.seen[-1]["message"] == "/human"


async def test_a_picture_is_fetched_by_a_job_and_what_is_none_is_refused(door, replay, sessions):
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, "JPEG")
    replay.files |= {"picture": out.getvalue()}
    good = shopper("telegram", PUBLIC_URL, NUMBER)
    await door(good.sends_picture(replay.url))
    [told] = await heard(replay, good, lambda sent: sent)
    assert "kept the picture" in told
    await settled(sessions, 1)
    replay.files |= {"picture": b"<script>"}
    await door(shopper("whatsapp_cloud", PUBLIC_URL, NUMBER).sends_picture(replay.url))
    kept, refused = await settled(sessions, 2)
    assert (kept.state, kept.content_type, kept.width) == ("kept", "image/jpeg", 30)
    assert (refused.state, refused.refused) == (
        "refused",
        "not a JPEG, PNG, WebP or GIF picture",
    )


async def settled(sessions, number):
    """The files, once none is waiting to be fetched."""
    async with asyncio.timeout(30):
        while True:
            async with sessions() as session:
                files = (await session.scalars(select(Attachment).order_by(Attachment.id))).all()
            if len(files) == number and all(file.state != "waiting" for file in files):
                return files
            await asyncio.sleep(0.02)
