"""What shoppers thought of it: asked once, and the bot is back with what comes next."""

import pytest
from sqlalchemy import select

from service.accounts.models import Agent
from service.conversations import service as conversations
from service.inbox import handover, service
from service.inbox.models import Rating
from service.inbox.ratings import ASK, ASK_COMMENT, THANKS


@pytest.fixture
async def closed(chat, rasa, sessions):
    """A shopper whose case was answered and closed by Ana."""
    rasa.answers["a person!"] = []
    shopper = chat()
    sent = await shopper.post("a person!")
    await shopper.settled()
    async with sessions.begin() as session:
        ana = Agent(email="ana@example.com", name="Ana", password_hash="!")
        session.add(ana)
        await session.flush()
        conversation = await conversations.get(session, int(sent["conversation"]))
        ticket = await handover.tickets.open_in(session, conversation.id)
        now = ticket.opened_at
        await service.answer(session, ticket.id, ana, "It is on the van.", now=now)
        await service.close(session, ticket.id, ana, now=now)
    return shopper


async def rating(sessions):
    async with sessions() as session:
        return (await session.scalars(select(Rating))).one()


async def test_score_comment_and_the_bot_again(closed, rasa, sessions):
    last = (await closed.read())["messages"][-1]
    assert last["text"].endswith(ASK)
    assert [b["payload"] for b in last["buttons"]] == ["1", "2", "3", "4", "5"]
    before = len(rasa.seen)
    assert await closed.say("4", display="4") == [ASK_COMMENT]
    assert await closed.say("a bit slow") == [THANKS]
    assert len(rasa.seen) == before
    kept = await rating(sessions)
    assert (kept.score, kept.comment) == (4, "a bit slow")
    assert await closed.say("5") == ["You said: 5"]  # asked once, counted once
    assert (await rating(sessions)).score == 4


async def test_a_question_is_never_filed_as_a_comment(closed, rasa, sessions):
    await closed.say("5 stars!")
    assert await closed.say("where is order 1002?") == ["You said: where is order 1002?"]
    kept = await rating(sessions)
    assert (kept.score, kept.comment) == (5, "")
    assert await closed.say("thanks") == ["You said: thanks"]


async def test_who_goes_on_is_not_held_up(closed, sessions):
    assert await closed.say("where is order 1002?") == ["You said: where is order 1002?"]
    assert await closed.say("2") == ["You said: 2"]  # the answer to something else
    assert (await rating(sessions)).score is None
