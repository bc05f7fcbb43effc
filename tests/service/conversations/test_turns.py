"""What becomes of a turn when something fails."""

import pytest
from sqlalchemy import select

from service.conversations.models import Conversation, Message
from service.faq.models import FaqQuestion
from service.inbox.models import Ticket


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500},
        {"answers": {"hello?": []}},
        {"answers": {"hello?": {"not": "a list"}}},
        {"answers": {"hello?": [{"text": "x", "buttons": [{"title": 1}]}]}},
    ],
    ids=["rasa fails", "action endpoint down", "nonsense", "half a button"],
)
async def test_a_silent_bot_means_a_human(chat, rasa, sessions, failure):
    for name, value in failure.items():
        setattr(rasa, name, value)
    shopper = chat()
    [told] = await shopper.say("hello?")
    assert "colleague" in told
    assert (await shopper.read())["handler"] == "agent"
    async with sessions() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        assert (ticket.reason, ticket.status) == ("bot_down", "open")


async def test_rasa_away_is_told_within_seconds(chat, service, sessions):
    object.__setattr__(service.state.runtime.dialogue, "_url", "http://127.0.0.1:9/none")
    [told] = await chat().say("hello?")
    assert "colleague" in told


async def test_the_bot_is_silent_once_a_human_has_it(chat, rasa):
    rasa.answers["hello?"] = []
    shopper = chat()
    await shopper.say("hello?")
    asked = len(rasa.seen)
    assert await shopper.say("it is the blue one") == []
    assert len(rasa.seen) == asked


async def test_messages_waiting_at_the_handover_are_left_to_the_human(chat, rasa, sessions):
    rasa.free.clear()
    rasa.answers["a person!"] = []
    shopper = chat()
    await shopper.post("a person!")
    await rasa.asked.wait()  # the turn has been taken with this one message
    await shopper.post("now!")
    await shopper.post("hello?")
    rasa.free.set()
    await shopper.settled()
    assert len(rasa.seen) == 1
    async with sessions() as session:
        assert (await session.scalars(select(Conversation.handler))).one() == "agent"
        unanswered = await session.scalars(select(Message.id).where(~Message.answered))
        assert unanswered.all() == []


async def test_a_threat_is_handed_over_and_the_bot_never_asked(chat, rasa, sessions):
    [told] = await chat().say("1001, and my solicitor will be in touch")
    assert "within an hour" in told
    assert rasa.seen == []
    async with sessions() as session:
        assert (await session.scalars(select(Ticket.reason))).one() == "legal_threat"
        assert (await session.scalars(select(Conversation.handler))).one() == "agent"


async def test_another_language_is_answered_from_its_own_articles(chat, rasa, sessions):
    for asked, said in (
        ("Wie lange habe ich Zeit, um etwas zurückzugeben?", "Tage"),
        ("¿Cuántos días tengo para devolver un artículo?", "días"),
        ("Combien de jours ai-je pour renvoyer un article ?", "jours"),
    ):
        [answer] = await chat().say(asked)
        assert said in answer
    assert rasa.seen == []
    async with sessions() as session:
        kept = (await session.scalars(select(FaqQuestion).order_by(FaqQuestion.id))).all()
        assert [(one.lang, one.decision, one.article) for one in kept] == [
            (lang, "answer", "returns-policy") for lang in ("de", "es", "fr")
        ]
        assert (await session.scalars(select(Ticket))).all() == []


async def test_another_language_gets_an_offer_then_a_person(chat, rasa, sessions):
    shopper = chat()
    [offer] = await shopper.say("Wo ist meine Bestellung 1001?")
    assert "Englisch" in offer
    async with sessions() as session:
        assert (await session.scalars(select(Ticket.id))).all() == []
    await shopper.say("Ich verstehe nicht, wo ist mein Paket?")
    assert rasa.seen == []
    async with sessions() as session:
        assert (await session.scalars(select(Ticket.reason))).one() == "another_language"


async def test_english_after_the_offer_is_answered(chat, rasa):
    shopper = chat()
    await shopper.say("Wo ist meine Bestellung 1001?")
    await shopper.say("where is my order 1001?")
    assert len(rasa.seen) == 1
