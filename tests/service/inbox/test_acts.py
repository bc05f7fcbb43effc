"""What agents do: two at once, undone, later, put off, merged."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.actions.contract import Reason
from kit.errors import BadInput, NotFound
from service.conversations import service as conversations
from service.conversations.models import Handler
from service.inbox import later, notes, service, tickets, wrong
from service.inbox.models import Doing, LaterAnswer, WrongAnswer
from service.inbox.service import Refusal

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
async def pair(add_agent):
    return await add_agent("Ana"), await add_agent("Ben")


async def said(shopper):
    _, messages = await shopper.conversation()
    return [m.text for m in messages if m.author == "agent"]


async def test_two_answer_in_the_same_second_and_one_goes_out(sessions, shopper, pair):
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()

    async def answer(agent, act, **more):
        async with sessions.begin() as session:
            return await act(session, ticket_id, agent, agent.name, now=NOW, **more)

    undoable = {"send_at": NOW + later.UNDO}
    done = await asyncio.gather(
        *(answer(agent, service.answer) for agent in pair * 3),
        *(answer(agent, later.write, **undoable) for agent in pair),
        return_exceptions=True,
    )
    winner = next(d.owner for d in done)
    assert {d.owner for d in done} == {winner}  # everybody is told who has it
    loser = next(agent for agent in pair if agent.name != winner)
    refusals = [d.refusal for d in done[:6]]
    assert refusals.count(Refusal.TAKEN) == 3
    assert loser.name not in await said(shopper)


@pytest.fixture
async def write_at(sessions, shopper):
    """Writes answers at the page as it is now, however old it is by then."""
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions() as session:
        version = (await tickets.find(session, ticket_id)).version

    async def write(agent, words, *, wait=later.UNDO, now=NOW):
        async with sessions.begin() as session:
            done = await later.write(
                session, ticket_id, agent, words, send_at=now + wait, now=now, seen_version=version
            )
            return done.refusal

    write.ticket_id = ticket_id
    return write


async def test_a_form_sent_twice_is_one_answer(sessions, shopper, pair, write_at, work):
    ana, _ = pair
    assert await asyncio.gather(*(write_at(ana, "Hi") for _ in range(3))) == [None] * 3
    await work()  # NOW is long ago: its moment has come
    assert await write_at(ana, "Hi") is None  # the browser's "back", and once more
    await work()
    assert await said(shopper) == ["Hi"]


async def test_ones_own_acts_are_no_news_to_oneself_but_anybody_elses_are(
    sessions, shopper, pair, write_at, work
):
    ana, ben = pair
    assert await write_at(ana, "Hi") is None
    assert await write_at(ana, "I look into it") is None  # the first goes out at once
    assert await said(shopper) == ["Hi"]
    assert await write_at(ben, "Ben here") is Refusal.TAKEN
    await work()
    assert await write_at(ana, "It is in Leeds") is None
    await work()
    assert await said(shopper) == ["Hi", "I look into it", "It is in Leeds"]
    for to, agent in ((ben, ana), (ana, ben)):
        async with sessions.begin() as session:
            await service.assign(session, write_at.ticket_id, agent, to_id=to.id, now=NOW)
    assert await write_at(ana, "Still there?") is Refusal.CHANGED
    assert await write_at(ben, "Still there?") is Refusal.TAKEN


async def test_what_is_set_for_later_is_not_pushed_out_by_another_answer(shopper, pair, write_at):
    ana, _ = pair
    assert await write_at(ana, "Good morning", wait=timedelta(hours=20)) is None
    assert await write_at(ana, "Hello") is Refusal.WAITING
    assert await said(shopper) == []


async def test_what_the_shopper_said_meanwhile_still_waits_and_stops_a_closing(
    sessions, shopper, pair
):
    ana, _ = pair
    await shopper.say("where is it?")
    ticket_id = await shopper.hand_over()
    _, messages = await shopper.conversation()
    seen = messages[-1].id
    await shopper.say("and my invoice?")
    async with sessions.begin() as session:
        done = await service.answer(session, ticket_id, ana, "On its way", now=NOW, seen_id=seen)
        assert done.refusal is None
    async with sessions.begin() as session:
        assert (await tickets.find(session, ticket_id)).waiting_since is not None
        done = await service.close(session, ticket_id, ana, now=NOW, seen_id=seen)
        assert done.refusal is Refusal.NEWS


async def test_an_answer_can_be_taken_back_until_it_goes(sessions, shopper, pair, work):
    ana, ben = pair
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()

    async def write(words, send_at):
        async with sessions.begin() as session:
            return (
                await later.write(session, ticket_id, ana, words, send_at=send_at, now=NOW)
            ).answer_id

    async def undo(answer_id, agent):
        async with sessions.begin() as session:
            return (await later.undo(session, answer_id, agent, now=NOW)).refusal

    first = await write("Wrong", NOW + later.UNDO)
    with pytest.raises(NotFound):
        await undo(first, ben)
    assert await undo(first, ana) is None
    second = await write("Right", NOW + later.UNDO)
    await work()  # NOW is long ago: both moments have come
    assert await said(shopper) == ["Right"]
    assert await undo(second, ana) is Refusal.TOO_LATE
    async with sessions() as session:
        assert (await tickets.find(session, ticket_id)).waiting_since is None


async def test_what_was_set_for_later_is_not_sent_past_a_new_question(
    sessions, shopper, pair, work
):
    ana, _ = pair
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as session:
        await later.write(
            session, ticket_id, ana, "Still fine?", send_at=NOW + timedelta(hours=20), now=NOW
        )
    await shopper.say("please stop the order!")
    async with sessions.begin() as session:  # its moment has come, but the news is read first
        await session.execute(
            text("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 s' "
                 "WHERE task_name = 'send_answer'")
        )  # fmt: skip
    await work()
    async with sessions() as session:
        answer = (await session.scalars(select(LaterAnswer))).one()
    assert (answer.state, answer.cancelled_why) == ("cancelled", "The shopper wrote meanwhile.")
    assert await said(shopper) == []


async def test_an_answer_of_who_lost_the_ticket_is_cancelled_and_says_why(
    sessions, shopper, pair, work
):
    ana, ben = pair
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as session:
        await later.write(session, ticket_id, ana, "Ana", send_at=NOW + later.UNDO, now=NOW)
        done = await service.claim(session, ticket_id, ben, seen_owner_id=ana.id, now=NOW)
        assert done.owner == "Ben"
        assert await later.waiting(session, ticket_id) is None
    await work()
    assert await said(shopper) == []
    async with sessions() as session:
        assert (await session.scalars(select(LaterAnswer.cancelled_why))).one() != ""


async def test_put_off_until_the_shopper_writes(sessions, shopper, pair, work):
    ana, _ = pair
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as session:
        with pytest.raises(BadInput):
            await service.snooze(session, ticket_id, ana, until=NOW, now=NOW)
        await service.snooze(session, ticket_id, ana, until=NOW + timedelta(days=2), now=NOW)
    await shopper.say("any news?")
    await work()
    async with sessions() as session:
        ticket = await tickets.find(session, ticket_id)
        kinds = [event.kind for event in await tickets.history(session, ticket_id)]
    assert ticket.snoozed_until is None
    assert kinds[:3] == ["opened", "snoozed", "woken"]


async def test_of_two_tickets_one_goes_on_and_both_conversations_stay_with_people(
    sessions, shopper, pair, work
):
    ana, _ = pair
    other = type(shopper)(sessions, "the-same-by-phone")
    await shopper.say("hello?")
    into = await shopper.hand_over(now=NOW)
    await other.say("I wrote on the web too: it is broken")
    ticket_id = await other.hand_over(Reason.DAMAGED, note="a crack", now=NOW)

    async def merge(a, b):
        async with sessions.begin() as session:
            return await service.merge(session, a, ana, into_id=b, now=NOW)

    done = await asyncio.gather(merge(ticket_id, into), merge(into, ticket_id))
    assert sorted(str(d.refusal) for d in done) == ["None", "closed"]  # of two, one
    async with sessions() as session:
        both = [await tickets.find(session, t) for t in (ticket_id, into)]
        [gone] = [t for t in both if t.status == "closed"]
        [stays] = [t for t in both if t.status == "open"]
    assert gone.merged_into_id == stays.id
    assert {*stays.reasons} == {"asked", "damaged"}
    assert "a crack" in stays.note

    gone_from = other if gone.id == ticket_id else shopper
    async with sessions.begin() as session:
        await service.answer(session, stays.id, ana, "We have it", now=NOW)
    await gone_from.say("anybody there?")
    await work()
    async with sessions() as session:
        assert (await tickets.find(session, stays.id)).waiting_since is not None
    async with sessions.begin() as session:
        assert (await service.close(session, stays.id, ana, now=NOW)).refusal is None
    for each in (shopper, other):
        assert (await each.conversation())[0].handler == Handler.BOT


async def test_only_who_is_of_the_team_can_be_given_its_tickets(sessions, shopper, pair, add_agent):
    ana, ben = pair
    editor = await add_agent("Eve", role="editor")
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as session:
        with pytest.raises(BadInput):
            await service.assign(session, ticket_id, ana, to_id=editor.id, now=NOW)
        assert (await service.assign(session, ticket_id, ana, to_id=ben.id, now=NOW)).owner == "Ben"
        assert (await service.assign(session, ticket_id, ana, to_id=None, now=NOW)).owner is None


async def test_a_mention_reaches_who_is_named_until_they_look(sessions, shopper, pair):
    ana, ben = pair
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as session:
        await notes.add(session, ticket_id, ana, "@Ben, mail jo@ana.test? <b>@nobody</b>", now=NOW)
        assert await notes.mentions(session, ben) == [ticket_id]
        assert await notes.mentions(session, ana) == []
        await notes.seen(session, ticket_id, ben, now=NOW)
        assert await notes.mentions(session, ben) == []
        with pytest.raises(BadInput):
            await notes.add(session, ticket_id, ana, " \n\0", now=NOW)
        await notes.tag(session, ticket_id, "  VIP ")
        vip = await notes.tag(session, ticket_id, "vip")
        assert [tag.name for tag in await notes.tags(session, ticket_id)] == ["vip"]
        await notes.untag(session, ticket_id, vip.id)
        assert await notes.tags(session, ticket_id) == []


async def test_who_is_there_is_seen_by_the_others_for_a_while(sessions, shopper, pair):
    ana, ben = pair
    await shopper.say("hello?")
    ticket_id = await shopper.hand_over()
    async with sessions.begin() as session:
        await notes.here(session, ticket_id, ana, Doing.VIEWING, now=NOW)
        await notes.here(session, ticket_id, ana, Doing.TYPING, now=NOW)

        async def seen_by(agent, at):
            found = await notes.who_is_here(session, ticket_id, agent, now=at)
            return [(one.name, one.doing) for one in found]

        assert await seen_by(ben, NOW) == [("Ana", Doing.TYPING)]
        assert await seen_by(ana, NOW) == []
        assert await seen_by(ben, NOW + notes.GONE_AFTER) == []


async def test_a_wrong_answer_is_kept_with_what_it_was_made_from(sessions, shopper, pair):
    ana, _ = pair
    await shopper.say("where is my sock")
    ticket_id = await shopper.hand_over()
    found, messages = await shopper.conversation()
    async with sessions.begin() as session:
        locked = await conversations.lock(session, found.id)
        made_from = {"slots": {"order_number": "1001"}, "turn": []}
        told = await conversations.post(
            session, locked, "bot", "It is fine", made_from=made_from, now=NOW
        )
        for comment in ("no", "It was lost"):
            await wrong.report(session, ticket_id, told.id, ana, comment, now=NOW)
        with pytest.raises(NotFound):  # the shopper's own words are not an answer
            await wrong.report(session, ticket_id, messages[0].id, ana, "", now=NOW)
    async with sessions() as session:
        kept = (await session.scalars(select(WrongAnswer))).one()
    assert kept.comment == "It was lost"
    assert (kept.made_from["asked"], kept.made_from["text"]) == ("where is my sock", "It is fine")
    assert kept.made_from["slots"] == {"order_number": "1001"}
