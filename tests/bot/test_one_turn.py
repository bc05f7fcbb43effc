"""Rasa keeps nothing: what a conversation has come to is sent along with each message."""

from dataclasses import replace

import httpx
import pytest

from tests.bot.desk import ANA
from tests.bot.talk import Talk

pytestmark = pytest.mark.timeout(420)  # the first test pays for training and start-up


@pytest.fixture
async def http():
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def talk(rasa, action_server):
    return Talk(rasa, action_server.state.desk, 9001)


async def test_another_rasa_goes_on_in_the_middle_of_the_form(talk, http, start_rasa):
    await talk.say(http, "when will order 1001 arrive?")
    with start_rasa() as talk.url:  # it has never heard of this conversation
        assert "Expected tomorrow" in await talk.say(http, ANA)
        assert "nothing newer" in await talk.say(http, "when will it arrive?")


async def test_without_its_memory_a_conversation_is_a_new_one(talk, http):
    forgetful = replace(talk, number=9002)
    await forgetful.say(http, "where is my order 1001?")
    forgetful.memory = {}
    assert "order number" in await forgetful.say(http, ANA)


async def test_the_same_turn_again_has_the_same_answer(talk, http):
    """A turn whose worker was killed before it stored the answer is run again."""
    again = replace(talk, number=9003)
    await again.say(http, f"where is my order 1001? {ANA}")
    before = again.memory
    first = await again.say(http, "when will it arrive?")
    again.memory = before
    assert await again.say(http, "when will it arrive?") == first


async def test_what_is_remembered_does_not_grow(talk, http):
    long = replace(talk, number=9004)
    sizes = []
    for _ in range(3):
        for text in ("where is my order?", "thanks", "what is your returns policy", "bye"):
            await long.say(http, text)
        sizes.append(len(str(long.memory)))
    assert max(sizes) < 4000
    assert max(sizes) - min(sizes) < 100


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("where is my order 1001?", "validate_order_form"),
        ("stop texting me", "action_stop_messages"),
    ],
)
async def test_an_action_is_not_sent_the_domain(talk, http, action_server, text, action):
    """It knows it already, and it is five times the rest of the call."""
    await replace(talk, number=9006).say(http, text)
    assert action_server.state.called["next_action"] == action
    assert "domain" not in action_server.state.called


async def test_a_memory_that_cannot_be_read_is_a_new_conversation(talk, http):
    answer = await http.post(
        f"{talk.url}/webhooks/rest/webhook",
        json={"sender": "9005", "message": "hello", "memory": {"slots": {}}},
    )
    told, last = answer.json()
    assert told["text"].startswith("Hello.")
    assert last["memory"]["turn"]
