"""The same conversation on another device: by a link, by a session that lasts, by a cut wire."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from service.conversations.models import Conversation
from service.storefront.identity import prove, proven
from service.storefront.models import Order
from tests.support.cutting import cutting
from tests.support.shop import identity_token

KEY = "a key that the shop's own server has"


def signed_before(settings, purpose, value, age):
    """A token as it was signed some time ago."""

    class Earlier(TimestampSigner):
        def get_timestamp(self):
            return int((datetime.now(UTC) - age).timestamp())

    serializer = URLSafeTimedSerializer(settings.keys, salt=f"wismo.{purpose}", signer=Earlier)
    return str(serializer.dumps(value))


@pytest.fixture
def link(http):
    """Makes a link as a shopper's device does: ``token = await link(shopper)``."""

    async def make(shopper):
        answer = await http.post("/chat/link", headers={"X-Wismo-Session": shopper.session})
        assert answer.status_code == 201
        made = urlsplit(answer.json()["url"])
        assert made.path == "/widget/frame"
        assert made.query == ""  # the secret is in the part that no server sees
        return made.fragment.removeprefix("continue=")

    return make


async def test_a_link_opens_the_conversation_once_whoever_comes_first(chat, http, link):
    shopper, other = chat(), chat()
    await shopper.say("hello")
    token = await link(shopper)
    answers = await asyncio.gather(
        *(http.post("/chat/link/open", json={"token": token, "locale": "de"}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 7
    [opened] = [answer for answer in answers if answer.status_code == 200]
    other.session = opened.json()["session"]
    said = (await other.read())["messages"]
    assert said == (await shopper.read())["messages"]
    assert said[-1]["author"] == "system"
    assert "anderen Gerät" in said[-1]["text"]
    assert (await other.say("from here"))[-1] == "You said: from here"


async def test_a_link_ends_after_ten_minutes(service, chat, http, link):
    shopper = chat()
    await shopper.say("hello")
    settings = service.state.runtime.settings
    good = await link(shopper)
    address = await address_of(service, shopper)
    for age, status in ((timedelta(minutes=9), 200), (timedelta(minutes=11), 403)):
        token = signed_before(settings, "chat-link", f"{address}.{age}", age)
        answer = await http.post("/chat/link/open", json={"token": token})
        assert answer.status_code == status
    altered = good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]
    for wrong in (altered, shopper.session, "", "a.b.c"):
        answer = await http.post("/chat/link/open", json={"token": wrong})
        assert answer.status_code == 403
        assert answer.json()["error"]["kind"] == "not_verified"


async def address_of(service, shopper):
    number = int((await shopper.read())["conversation"])
    async with service.state.runtime.sessions() as session:
        return (await session.get_one(Conversation, number)).address


async def test_there_is_no_link_to_nothing(http):
    assert (await http.post("/chat/link")).status_code == 404


async def test_an_opened_link_ends_the_proofs_of_identity(chat, http, link, sessions):
    shopper = chat()
    conversation = int((await shopper.post("hello"))["conversation"])
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        session.add(order("1001", "ana@example.com"))
        await session.flush()
        await prove(session, conversation, "1001", "ana@example.com", now=now)
        assert len(await proven(session, conversation, now=now)) == 1
    await http.post("/chat/link/open", json={"token": await link(shopper)})
    async with sessions() as session:
        assert await proven(session, conversation, now=datetime.now(UTC)) == []


async def test_a_session_lasts_ninety_days_after_the_last_message(service, chat):
    settings = service.state.runtime.settings
    shopper = chat()
    await shopper.say("hello")
    address = await address_of(service, shopper)
    shopper.session = signed_before(settings, "chat-session", address, timedelta(days=89))
    assert len((await shopper.read())["messages"]) == 2
    await shopper.say("still here")  # renews it
    assert len((await shopper.read())["messages"]) == 4
    shopper.session = signed_before(settings, "chat-session", address, timedelta(days=91))
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        await shopper.read()


async def test_a_stream_cut_in_the_middle_many_times_brings_each_message_once(chat, url, rasa):
    """Connections end after a random number of bytes; the reader goes on from what it has."""
    dice = random.Random(7)
    shopper = chat()
    await shopper.say("start")
    told, cuts = [], 0
    for number in range(25):
        await shopper.say(f"message {number}")
    everything = [message["id"] for message in (await shopper.read())["messages"]]

    async def read_on():
        nonlocal cuts
        last = 0
        while everything[-1] not in told:
            async with cutting(url) as wire:
                wire.cut_after = dice.randint(150, 2500)
                reader = type(shopper)(wire.url)
                reader.session = shopper.session
                try:
                    async for event, message in reader.events(after=last):
                        if event == "message":
                            told.append(message["id"])
                            last = message["id"]
                except httpx.TransportError:
                    cuts += 1

    await asyncio.wait_for(read_on(), 30)
    assert told == everything
    assert cuts > 10


async def test_who_signs_in_at_a_shared_computer_does_not_get_the_other_s_talk(
    run_service, sessions, rasa
):
    async with run_service("http://127.0.0.1:9", identity_key=f"new{KEY},{KEY}") as app:
        async with sessions.begin() as session:
            session.add(order("1001", "ana@example.com"))
            session.add(order("1002", "ben@example.com"))
        async with httpx.AsyncClient(base_url=app.state.url) as http:

            async def say(session=None, **said):
                headers = {"X-Wismo-Identity": identity_token(said.pop("key", KEY), **said)}
                if session:
                    headers["X-Wismo-Session"] = session
                http.cookies.clear()
                answer = await http.post("/chat/messages", json={"text": "hi"}, headers=headers)
                assert answer.status_code == 202
                return answer.json()

            ana = await say(email="Ana@Example.com ")
            again = await say(ana["session"], email="ana@example.com")
            ben = await say(ana["session"], email="ben@example.com", key=f"new{KEY}")
            by_order = await say(ana["session"], order="#1002")  # an order names no customer
            forged = await say(email="ana@example.com", key="another key than the shop's")
            late = await say(email="ana@example.com", exp=1)
        assert again["conversation"] == ana["conversation"] == by_order["conversation"]
        assert ben["conversation"] != ana["conversation"]
        async with sessions() as session:
            now = datetime.now(UTC)
            numbers = [
                sorted(o.number for o in await proven(session, int(one["conversation"]), now=now))
                for one in (ana, ben, forged, late)
            ]
            later = now + timedelta(minutes=11)  # the token's end comes before the proof's
            assert await proven(session, int(ben["conversation"]), now=later) == []
        assert numbers == [["1001", "1002"], ["1002"], [], []]


def order(number, email):
    return Order(
        key=number,
        number=number,
        email=email,
        source="csv",
        external_id=number,
        placed_at=datetime.now(UTC),
    )
