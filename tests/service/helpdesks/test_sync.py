"""A ticket and its double at the help desk stay in step, whoever does what when."""

import asyncio

import pytest
from sqlalchemy import select

from bot.actions.contract import Reason
from service.accounts.models import Agent
from service.conversations.models import Author
from service.inbox import service as inbox
from service.inbox.models import Ticket, TicketStatus
from tests.support.helpdesks import REPLAYS


async def add_agent(world, name="Ana"):
    async with world.runtime.sessions.begin() as session:
        agent = Agent(
            email=f"{name.lower()}@example.com", name=name, password_hash="!", role="agent"
        )
        session.add(agent)
        await session.flush()
        return agent


def by(said, author):
    return [text for who, text in said if who == author]


@pytest.mark.parametrize("slug", REPLAYS)
async def test_a_case_from_beginning_to_end(make_world, slug):
    async with make_world(slug) as world:
        ana = await add_agent(world)
        await world.say("where is my <b>order</b>?")
        ticket_id = await world.hand_over(reason=Reason.DAMAGED)
        await world.say("it is broken")
        await world.settle()
        there = await world.there()
        words = world.desk.words(there)
        assert "where is my <b>order</b>?" in words[0][1]
        assert "Damaged" in words[0][1]
        assert world.desk.tickets[int(there)].subject.startswith("Damaged")

        # The shopper adds something; nothing is there twice.
        await world.say("hello?")
        await world.settle()
        assert [w for w in world.desk.words(there)[1:] if w[0] == "shopper"][-1] == (
            "shopper",
            "hello?",
        )
        # A person answers, takes it and notes something.
        world.desk.note(there, "Reshipped as 1009")
        assert await world.hook(world.desk.assign(there, 501)) == 204
        bell = world.desk.reply(there, "Sorry! A new one is on its way.")
        for _ in range(3):  # repeated by the vendor, or by somebody who recorded it
            assert await world.hook(bell) == 204
            await world.settle()
        handler, said = await world.said()
        assert by(said, Author.AGENT) == ["Sorry! A new one is on its way."]
        assert handler == "agent"
        assert (await world.ticket(ticket_id)).owner_id == ana.id
        assert (await world.ticket(ticket_id)).waiting_since is None
        stood = world.desk.words(there)

        # They close it: the bot has the conversation again, and the shopper knows.
        assert await world.hook(world.desk.set(there, "closed")) == 204
        await world.settle()
        handler, said = await world.said()
        assert handler == "bot"
        assert (await world.ticket(ticket_id)).status == TicketStatus.CLOSED
        assert said[-1][0] == Author.SYSTEM
        await world.later()
        await world.settle()
        assert world.desk.words(there) == stood  # nothing of it came back

        # They take it up again: the bot is silent again.
        assert await world.hook(world.desk.set(there, "open")) == 204
        await world.settle()
        assert (await world.said())[0] == "agent"
        await world.say("one more thing")
        await world.settle()
        assert world.desk.words(there)[-1] == ("shopper", "one more thing")
        assert len(world.desk.tickets) == 1


async def test_an_agent_in_the_inbox_is_told_of_there(world):
    await world.say("help")
    ticket_id = await world.hand_over()
    ana = await add_agent(world)
    await world.settle()
    there = await world.there()
    async with world.runtime.sessions.begin() as session:
        done = await inbox.answer(session, ticket_id, ana, "Ana here.", now=world.now())
        assert done.refusal is None
    await world.settle()
    assert world.desk.words(there)[-1] == ("note", "Ana here.")
    assert world.desk.tickets[int(there)].assignee == 501
    async with world.runtime.sessions.begin() as session:
        await inbox.close(session, ticket_id, ana, now=world.now())
    await world.settle()
    assert world.desk.tickets[int(there)].state == "closed"
    await world.say("where is order 1001?")  # the bot's again
    await world.later()
    await world.settle()
    assert ("shopper", "where is order 1001?") not in world.desk.words(there)
    assert (await world.said())[0] == "bot"


@pytest.mark.parametrize("answers_lost", [0, 3])
async def test_what_the_shopper_says_after_a_closing_nobody_read_yet_opens_it_again(
    world, answers_lost
):
    await world.say("help")
    ticket_id = await world.hand_over()
    await world.settle()
    there = await world.there()
    world.desk.set(there, "closed")
    await world.say("wait, it is the wrong size")
    world.desk.lose = 1.0
    for _ in range(answers_lost):  # whoever sends it dies after each step
        await world.settle()
        await world.later()
    world.desk.lose = 0.0
    await world.settle()
    assert world.desk.tickets[int(there)].state == "open"
    assert world.desk.words(there)[1:] == [("shopper", "wait, it is the wrong size")]
    assert (await world.ticket(ticket_id)).status == TicketStatus.OPEN


@pytest.mark.parametrize("state", ["final", "deleted"])
async def test_a_ticket_that_takes_nothing_any_more_gets_a_successor(world, state):
    await world.say("help")
    ticket_id = await world.hand_over()
    await world.settle()
    first = await world.there()
    world.desk.set(first, state)
    await world.say("are you there?")
    await world.settle()
    await world.settle()
    second = await world.there()
    assert second != first
    assert "are you there?" in world.desk.words(second)[0][1]
    assert (await world.ticket(ticket_id)).status == TicketStatus.OPEN
    # With nothing waiting it is a closing like any other.
    world.desk.set(second, state)
    await world.later()
    await world.settle()
    assert (await world.ticket(ticket_id)).status == TicketStatus.CLOSED
    handler, said = await world.said()
    assert (handler, said[-1][0]) == ("bot", Author.SYSTEM)


async def test_an_answer_after_the_closing_still_reaches_the_shopper(world):
    await world.say("help")
    await world.hand_over()
    await world.settle()
    there = await world.there()
    await world.hook(world.desk.set(there, "closed"))
    await world.settle()
    await world.hook(world.desk.reply(there, "PS: it left today."))
    await world.settle()
    handler, said = await world.said()
    assert said[-1] == (Author.AGENT, "PS: it left today.")
    assert handler == "bot"


async def test_an_answer_that_quotes_our_words_is_an_answer(world):
    await world.say("help")
    await world.hand_over()
    await world.say("where is it?")
    await world.settle()
    there = await world.there()
    ours = world.desk.tickets[int(there)].comments[-1].text
    world.desk.reply(there, f"On its way.\n\n> {ours}\n{ours}")
    await world.later()  # without a webhook: reconciled
    await world.settle()
    assert by((await world.said())[1], Author.AGENT)[0].startswith("On its way.")


async def test_a_note_of_ours_made_public_there_does_not_come_back(world):
    await world.say("help")
    ticket_id = await world.hand_over()
    ana = await add_agent(world)
    await world.settle()
    there = await world.there()
    async with world.runtime.sessions.begin() as session:
        await inbox.answer(session, ticket_id, ana, "Ana here.", now=world.now())
    await world.settle()
    world.desk.tickets[int(there)].comments[-1].public = True
    await world.later()
    await world.settle()
    assert by((await world.said())[1], Author.AGENT) == ["Ana here."]


async def test_forged_and_foreign_webhooks_change_nothing(world):
    await world.say("help")
    await world.hand_over()
    await world.settle()
    there = await world.there()
    headers, body = world.desk.reply(there, "You get a refund.")
    world.desk.seen.clear()
    for wrong in ({}, headers | {"x-zendesk-webhook-signature": "AAAA"}):
        assert await world.hook((wrong, body)) == 401
    answer = await world.http.post("/helpdesks/webhooks/gorgias", headers=headers, content=body)
    assert answer.status_code == 404
    world.desk.tickets[999] = world.desk.tickets[int(there)].__class__(999, "x", 1, "not ours")
    assert await world.hook(world.desk.reply(999, "hi")) == 204
    await world.settle()
    assert world.desk.seen == []
    assert by((await world.said())[1], Author.AGENT) == []


async def test_the_help_desks_rest_is_kept_by_everybody(world):
    for number in range(3):
        await world.say("help", who=f"s{number}")
        await world.hand_over(who=f"s{number}")
    world.desk.limit = 30
    until = await world.settle()
    assert 25 < (until - world.now()).total_seconds() <= 30
    asked = len(world.desk.seen)
    assert await world.settle() is None  # another process
    assert len(world.desk.seen) == asked == 1
    world.desk.limit = None
    await world.later(31)
    await world.settle()
    assert len(world.desk.tickets) == 3


async def test_a_wrong_key_holds_things_up_and_loses_nothing(world):
    await world.say("help")
    await world.hand_over()
    world.desk.status = 401
    for _ in range(4):
        await world.settle()
        await world.later()
    world.desk.status = None
    await world.settle()
    assert len(world.desk.tickets) == 1


@pytest.mark.parametrize("slug", REPLAYS)
async def test_what_may_still_be_under_way_is_not_sent_again(make_world, slug):
    async with make_world(slug) as world:
        desk = world.desk
        desk.late = 0.7  # most changes are made after we were told that they failed

        async def until_calm():
            async with asyncio.timeout(10):
                await world.settle()
                while desk.under_way:
                    sent = desk.changes
                    for _ in range(2):  # a minute later nobody knows yet
                        await world.later(30)
                        await world.settle()
                    assert desk.changes == sent
                    await desk.catch_up()
                    await world.later(30)
                    await world.settle()

        await world.say("help")
        await world.hand_over()
        await world.settle()
        await world.say("one, while nothing is open there")
        await until_calm()
        assert desk.belated > 0
        for text in ("two", "three"):
            await world.say(text)
            await until_calm()
        [ticket] = desk.tickets.values()
        opening, *words = [text for _, text in desk.words(ticket.id)]
        assert words == ["one, while nothing is open there", "two", "three"]
        assert "one, while" not in opening


async def chaos(world, rounds):
    """Run workers that are killed and a help desk that fails, until all is calm."""
    chance = world.desk.chance
    for turn in range(rounds):
        world.desk.down = turn % 5 == 1
        world.desk.limit = 1 if turn % 5 == 2 else None
        world.desk.lose = world.desk.late = 0.2
        workers = [asyncio.create_task(world.settle()) for _ in range(4)]
        if turn % 2:
            await asyncio.sleep(chance.random() / 10)
            for worker in workers[::2]:
                worker.cancel()  # as by SIGKILL: nothing is written down after it
        await asyncio.gather(*workers, return_exceptions=True)
        await world.desk.catch_up()
        await world.later()
    world.desk.down, world.desk.limit, world.desk.lose, world.desk.late = False, None, 0.0, 0.0
    for _ in range(3):
        await asyncio.gather(*(world.settle() for _ in range(4)))
        await world.later()


@pytest.mark.parametrize("slug", ["zendesk", "freshdesk"])
async def test_an_outage_loses_and_doubles_nothing(make_world, slug):
    async with make_world(slug) as world:
        shoppers = [f"s{number}" for number in range(8)]
        tickets = {}
        for who in shoppers:
            await world.say("help", who=who)
            tickets[who] = await world.hand_over(who=who)
        await chaos(world, 4)
        for who in shoppers:
            await world.say("and another thing", who=who)
        await chaos(world, 4)
        for who in shoppers:
            world.desk.reply(await world.there(tickets[who]), f"Answer to {who}")
        await world.later()
        await chaos(world, 3)
        assert len(world.desk.tickets) == len(shoppers)
        for who in shoppers:
            words = world.desk.words(await world.there(tickets[who]))
            assert "\n".join(text for _, text in words).count("and another thing") == 1
            handler, said = await world.said(who=who)
            assert by(said, Author.AGENT) == [f"Answer to {who}"]
            assert handler == "agent"


async def test_two_processes_on_one_ticket_do_it_once(world):
    await world.say("help")
    await world.hand_over()
    await asyncio.gather(*(world.settle() for _ in range(8)))
    assert len(world.desk.tickets) == 1
    there = await world.there()
    await world.say("more")
    bell = world.desk.reply(there, "Yes?")
    for _ in range(4):  # rung while they are at it
        await asyncio.gather(*(world.settle() for _ in range(4)), world.hook(bell))
    assert world.desk.words(there).count(("shopper", "more")) == 1
    assert by((await world.said())[1], Author.AGENT) == ["Yes?"]


async def test_a_merged_case_keeps_its_shoppers_ticket_there(world):
    ana = await add_agent(world)
    for who in ("s1", "s2"):
        await world.say("help", who=who)
    one, two = await world.hand_over(who="s1"), await world.hand_over(who="s2")
    await world.settle()
    async with world.runtime.sessions.begin() as session:
        assert (await inbox.merge(session, one, ana, into_id=two, now=world.now())).refusal is None
    await world.say("still me", who="s1")
    await world.settle()
    assert world.desk.words(await world.there(one))[-1] == ("shopper", "still me")
    async with world.runtime.sessions.begin() as session:
        await inbox.close(session, two, ana, now=world.now())
    await world.settle()
    await world.later()
    await world.settle()
    assert {t.state for t in world.desk.tickets.values()} == {"closed"}
    async with world.runtime.sessions() as session:
        assert set(await session.scalars(select(Ticket.status))) == {"closed"}
