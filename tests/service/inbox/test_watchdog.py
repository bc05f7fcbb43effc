"""Nobody is forgotten: an owner and a deadline at every moment, a word where it takes longer."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.actions.contract import Reason
from service.accounts.models import Agent, Team, TeamMember
from service.hours.model import Hours, Interval
from service.hours.terms import Terms
from service.inbox import assignment, notes, service, tickets, watchdog
from service.inbox.models import Priority, Ticket

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALWAYS = Terms(Hours(ZoneInfo("Europe/London")))
DAY = Interval(time(9), time(17))
OFFICE = replace(ALWAYS, hours=Hours(ZoneInfo("Europe/London"), week=((DAY,),) * 5 + ((),) * 2))


@pytest.fixture
def watch(sessions):
    """The watchdog's round at a moment; gives how many tickets it looked at."""

    async def watch(now, terms=ALWAYS):
        async with sessions() as session:
            found = await watchdog.needy(session, now=now)
        for ticket_id in found:
            async with sessions.begin() as session:
                await watchdog.look_after(session, ticket_id, terms, now=now)
        return len(found)

    return watch


async def read(sessions, ticket_id):
    async with sessions() as session:
        ticket = await tickets.find(session, ticket_id)
        kinds = [event.kind for event in await tickets.history(session, ticket_id)]
        return ticket, kinds


async def told(shopper):
    _, messages = await shopper.conversation()
    return [m.text for m in messages if m.author == "system"]


async def mentioned(sessions, agent):
    async with sessions() as session:
        return await notes.mentions(session, agent)


async def orphans(sessions):
    async with sessions() as session:
        return await assignment.count_orphans(session)


async def test_the_owner_is_warned_then_it_goes_up_and_the_shopper_is_told(
    sessions, shopper, add_agent, watch
):
    ana, lea = await add_agent("Ana"), await add_agent("Lea", role="lead")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=MONDAY)
    async with sessions.begin() as session:
        await service.claim(session, ticket_id, ana, seen_owner_id=None, now=MONDAY)
    hours = timedelta(hours=1)

    await watch(MONDAY + 2.9 * hours)
    assert await mentioned(sessions, ana) == []
    for _ in range(2):  # again changes nothing
        await watch(MONDAY + 3.1 * hours)
    assert await mentioned(sessions, ana) == [ticket_id]
    assert await mentioned(sessions, lea) == []
    assert await told(shopper) == []

    for _ in range(2):
        await watch(MONDAY + 4 * hours)
    ticket, kinds = await read(sessions, ticket_id)
    assert kinds == ["opened", "assigned", "warned", "escalated"]
    assert await mentioned(sessions, lea) == [ticket_id]
    assert ticket.priority == Priority.HIGH
    assert ticket.breached_at == MONDAY + 4 * hours
    assert await told(shopper) == [
        "I'm sorry, this takes longer than I said. You have not been forgotten: you are next. "
        "Expect an answer here within 4 hours."
    ]
    await watch(MONDAY + 8 * hours)  # broken again: told again, and the next time is longer
    ticket, _ = await read(sessions, ticket_id)
    assert len(await told(shopper)) == 2
    assert ticket.due_at == MONDAY + 16 * hours
    assert ticket.priority == Priority.URGENT
    assert ticket.breached_at == MONDAY + 4 * hours  # when it first was


async def test_an_answer_ends_it(sessions, shopper, add_agent, watch):
    ana = await add_agent("Ana")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=MONDAY)
    async with sessions.begin() as session:
        await service.answer(session, ticket_id, ana, "Hi", now=MONDAY)
    assert await watch(MONDAY + timedelta(days=9)) == 0
    assert await told(shopper) == []


async def test_nobody_is_late_while_the_shop_is_closed(sessions, shopper, add_agent, watch):
    await add_agent("Ana")
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=friday, terms=OFFICE, tell=True)
    assert (await told(shopper))[0].endswith("Expect an answer here on Monday by 12:00.")
    for hours in range(0, 64, 4):
        await watch(friday + timedelta(hours=hours), OFFICE)
    ticket, kinds = await read(sessions, ticket_id)
    assert ticket.due_at == datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
    assert kinds == ["opened"]
    await watch(datetime(2026, 3, 9, 11, 30, tzinfo=UTC), OFFICE)
    assert (await read(sessions, ticket_id))[1] == ["opened", "warned"]


async def test_outside_the_hours_the_promise_says_so(sessions, shopper):
    saturday = datetime(2026, 3, 7, 16, 0, tzinfo=UTC)
    await shopper.say("hello")
    await shopper.hand_over(now=saturday, terms=OFFICE, tell=True)
    assert (await told(shopper))[0].endswith(
        "on Monday by 13:00 (we are closed now and open on Monday at 09:00)."
    )


async def test_who_left_leaves_no_ticket_behind(sessions, shopper, add_agent, watch):
    ana, ben = await add_agent("Ana"), await add_agent("Ben")
    lea = await add_agent("Lea", role="lead")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=MONDAY)
    async with sessions.begin() as session:
        await service.claim(session, ticket_id, ana, seen_owner_id=None, now=MONDAY)
        await session.execute(update(Agent).where(Agent.id == ana.id).values(active=False))
    assert await orphans(sessions) == 1  # the gauge would ring
    await watch(MONDAY)
    assert await orphans(sessions) == 0
    ticket, kinds = await read(sessions, ticket_id)
    assert (ticket.owner_id, kinds[-1]) == (None, "reassigned")
    assert await mentioned(sessions, lea) == [ticket_id]
    async with sessions.begin() as session:
        assert (await service.answer(session, ticket_id, ben, "Hi", now=MONDAY)).refusal is None


async def test_a_team_that_is_empty_gives_its_tickets_to_everyone(
    sessions, shopper, add_agent, watch
):
    ana = await add_agent("Ana")
    await add_agent("Ben")
    async with sessions.begin() as session:
        team = Team(name="Claims", private=True, reasons=[Reason.DAMAGED])
        session.add(team)
        await session.flush()
        session.add(TeamMember(team_id=team.id, agent_id=ana.id))
    await shopper.say("broken")
    ticket_id = await shopper.hand_over(Reason.DAMAGED, now=MONDAY)
    assert (await read(sessions, ticket_id))[0].team_id == team.id
    async with sessions.begin() as session:
        await session.execute(update(Agent).where(Agent.id == ana.id).values(role="editor"))
    assert await orphans(sessions) == 1
    await watch(MONDAY)
    assert await orphans(sessions) == 0


async def test_who_is_away_is_relieved_before_it_is_late(sessions, shopper, add_agent, watch):
    ana, ben = await add_agent("Ana"), await add_agent("Ben")
    async with sessions.begin() as session:
        (await assignment.everyone(session)).round_robin = True
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=MONDAY)
    assert (await read(sessions, ticket_id))[0].owner_id == ana.id
    async with sessions.begin() as session:
        await session.execute(update(Agent).where(Agent.id == ana.id).values(away=True))
    await watch(MONDAY + timedelta(hours=3, minutes=30))
    assert (await read(sessions, ticket_id))[0].owner_id == ben.id
    assert await mentioned(sessions, ben) == [ticket_id]


async def test_a_ticket_of_before_teams_gets_one(sessions, shopper, add_agent, watch):
    await add_agent("Ana")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=MONDAY)
    async with sessions.begin() as session:
        await session.execute(update(Ticket).values(team_id=None))
    assert await orphans(sessions) == 1
    await watch(MONDAY)
    assert (await read(sessions, ticket_id))[0].team_id is not None
    assert await orphans(sessions) == 0


async def test_what_is_put_off_is_left_alone_until_then(sessions, shopper, add_agent, watch):
    ana = await add_agent("Ana")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=MONDAY)
    until = MONDAY + timedelta(days=2)
    async with sessions.begin() as session:
        await service.snooze(session, ticket_id, ana, until=until, now=MONDAY)
    await watch(MONDAY + timedelta(days=1))
    assert await told(shopper) == []
    await watch(until)
    ticket, kinds = await read(sessions, ticket_id)
    assert ticket.snoozed_until is None
    assert "woken" in kinds
    assert len(await told(shopper)) == 1


async def test_a_promise_is_as_long_as_answers_take_and_the_queue_is(sessions, shopper, add_agent):
    ana = await add_agent("Ana")
    for n in range(6):
        other = type(shopper)(sessions, f"before-{n}")
        await other.say("hello")
        ticket_id = await other.hand_over(now=MONDAY)
        async with sessions.begin() as session:
            await service.answer(session, ticket_id, ana, "Hi", now=MONDAY + timedelta(hours=6))
    now = MONDAY + timedelta(hours=10)
    promised = []
    for n in range(3):
        other = type(shopper)(sessions, f"now-{n}")
        await other.say("hello")
        ticket, _ = await read(sessions, await other.hand_over(now=now))
        promised.append((ticket.due_at - now) / timedelta(hours=1))
    assert promised == [6, 12, 18]  # never what was not kept for the six before
