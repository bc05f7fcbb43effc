from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.hours.model import Hours
from service.inbox import promise, service
from service.inbox.service import Refusal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("act", ["claim", "answer", "close"])
async def test_what_was_read_before_a_colleague_acted_is_not_acted_upon(
    sessions, shopper, add_agent, act
):
    ana, ben = await add_agent("Ana"), await add_agent("Ben")
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as late:
        seen = await service.find(late, ticket_id)
        async with sessions.begin() as first:
            assert (await service.answer(first, ticket_id, ana, "Ana", now=NOW)).refusal is None
        done = await {
            "claim": lambda: service.claim(late, ticket_id, ben, seen_owner_id=None, now=NOW),
            "answer": lambda: service.answer(late, ticket_id, ben, "Ben", now=NOW),
            "close": lambda: service.close(late, ticket_id, ben, now=NOW),
        }[act]()
        assert (done.refusal, done.owner) == (Refusal.TAKEN, "Ana")
        assert seen.owner_id == ana.id
    _, messages = await shopper.conversation()
    assert [m.text for m in messages] == ["hello?", "Ana"]


def test_the_promise_never_lies_about_a_deadline_that_has_passed():
    hours, due = Hours(ZoneInfo("Europe/London")), NOW + timedelta(hours=4)
    told = [promise.words(due, hours, now=NOW + timedelta(hours=h)) for h in (0, 1.2, 3.5, 4, 9)]
    assert told == [
        "within 4 hours",
        "within 3 hours",
        "within an hour",
        "as soon as we can",
        "as soon as we can",
    ]
