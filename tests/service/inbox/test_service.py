from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.inbox import accounts, service
from service.inbox.models import Agent
from service.inbox.service import Refusal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
async def agents(sessions):
    async with sessions.begin() as session:
        for name in ("Ana", "Ben"):
            await accounts.create_agent(session, f"{name.lower()}@example.com", name)
        return (await session.scalars(select(Agent).order_by(Agent.name))).all()


@pytest.mark.parametrize("act", ["claim", "answer", "close"])
async def test_what_was_read_before_a_colleague_acted_is_not_acted_upon(
    sessions, shopper, agents, act
):
    ana, ben = agents
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as late:
        seen = await service.find(late, ticket_id)
        async with sessions.begin() as first:
            assert (await service.answer(first, ticket_id, ana, "Ana", now=NOW)).refusal is None
        done = await {
            "claim": lambda: service.claim(late, ticket_id, ben, seen_owner_id=None),
            "answer": lambda: service.answer(late, ticket_id, ben, "Ben", now=NOW),
            "close": lambda: service.close(late, ticket_id, ben, now=NOW),
        }[act]()
        assert (done.refusal, done.owner) == (Refusal.TAKEN, "Ana")
        assert seen.owner_id == ana.id
    _, messages = await shopper.conversation()
    assert [m.text for m in messages] == ["hello?", "Ana"]


async def test_the_promise_never_lies_about_a_deadline_that_has_passed(sessions, shopper):
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over(now=NOW)
    async with sessions() as session:
        ticket = await service.find(session, ticket_id)
    told = [service.promise(ticket, now=NOW + timedelta(hours=h)) for h in (0, 1.2, 3.5, 4, 9)]
    assert told == [
        "within 4 hours",
        "within 3 hours",
        "within an hour",
        "as soon as we can",
        "as soon as we can",
    ]
