"""The conversations of ``bot/tests/``, held with the trained bot: Rasa, actions and all."""

import asyncio
import itertools
from pathlib import Path

import httpx
import pytest
import yaml

from bot.actions.told import BESIDE
from tests.bot.conftest import BOT
from tests.bot.desk import ANA
from tests.bot.talk import Talk, complaints
from tracking_lookup.model import Verdict

pytestmark = pytest.mark.timeout(420)  # the first test pays for training and start-up
NUMBERS = itertools.count(1)
FILES = sorted(BOT.glob("tests/*.yml"))
CONVERSATIONS = [
    pytest.param(one, id=f"{file.stem}: {one['about']}")
    for file in FILES
    for one in yaml.safe_load(file.read_text())
]


@pytest.fixture
async def http():
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
def talk(rasa, action_server):
    return new_talk(rasa, action_server)


def new_talk(rasa, action_server):
    return Talk(rasa, action_server.state.desk, next(NUMBERS))


@pytest.mark.parametrize("conversation", CONVERSATIONS)
async def test_conversation(conversation, talk, http, domain):
    for step in conversation["steps"]:
        await talk.say(http, step["user"])
        wrong = complaints(step, talk, domain["responses"])
        assert not wrong, "\n".join(
            [conversation["about"], *talk.log, *map("  ** {}".format, wrong)]
        )


def test_the_conversations_cover_what_can_be_said(domain):
    """Every verdict's answer, and every other response that is not chosen by a carrier's detail."""
    expected = "\n".join(Path(file).read_text() for file in FILES)
    unsaid = {name for name in domain["responses"] if name not in expected}
    assert not {f"utter_parcel_{verdict}" for verdict in Verdict} & (
        unsaid - {"utter_parcel_needs_customer"}
    )
    by_words = {"utter_ask_order_number", "utter_ask_proof", "utter_order_split", "utter_restart"}
    rare = {"utter_parcel_needs_customer"}
    elsewhere = ("utter_handed_over_", *BESIDE)  # tests/bot/test_follow_up.py
    assert {n for n in unsaid if not n.startswith(elsewhere)} <= by_words | rare
    assert len(CONVERSATIONS) >= 80


async def test_wrong_proof_and_unknown_order_sound_the_same(talk, http, rasa, action_server):
    await talk.say(http, "where is my order 1001?")
    wrong_proof = await talk.post(http, "someone@example.com")
    other = new_talk(rasa, action_server)
    await other.say(http, "where is my order 9999?")
    unknown = await other.post(http, ANA)
    assert "can't match" in wrong_proof[0]["text"]
    assert [a | {"recipient_id": ""} for a in wrong_proof] == [
        a | {"recipient_id": ""} for a in unknown
    ]


async def test_another_conversations_proof_does_not_count(talk, http, rasa, action_server):
    await talk.say(http, f"where is my order 1001? {ANA}")
    other = new_talk(rasa, action_server)
    assert "e-mail" in await other.say(http, "where is my order 1001?")


async def test_a_dispute_is_remembered(talk, http):
    await talk.say(http, "it says delivered but I don't have it, order 1007")
    await talk.say(http, ANA)
    assert (talk.number, "#1007") in talk.desk.disputed


async def test_noise_is_asked_again_in_other_words(talk, http):
    said = [
        await talk.say(http, text)
        for text in ("where is my order?", "flurble wibble zorp", "glarb snoo krell", "tchak plimp")
    ]
    assert len(set(said)) == 4


async def test_every_intent_is_answered(http, rasa, action_server, intents):
    async def answered(intent):
        return await new_talk(rasa, action_server).post(http, f"/{intent}")

    answers = await asyncio.gather(*map(answered, intents))
    silent = {intent for intent, answer in zip(intents, answers, strict=True) if not answer}
    assert not silent


async def test_a_failing_action_is_an_empty_answer(talk, http, action_server):
    action_server.state.failing = True
    try:
        assert await talk.post(http, "human") == []
    finally:
        action_server.state.failing = False
