"""Who is at a ticket's double, and when it is looked at again."""

from datetime import timedelta

from service.helpdesks import queue


async def claimed(world):
    async with world.runtime.sessions.begin() as session:
        return await queue.claim(session, "zendesk", now=world.now())


async def test_a_bell_during_the_work_is_heard_after_it_by_nobody_else_before(world):
    await world.say("help")
    await world.hand_over()
    await world.settle()
    there = await world.there()

    async def ring():
        async with world.runtime.sessions.begin() as session:
            assert await queue.ring(session, "zendesk", there, now=world.now())

    await ring()
    mine = await claimed(world)
    assert mine is not None
    await ring()
    assert await claimed(world) is None
    async with world.runtime.sessions.begin() as session:
        await queue.release(session, mine, again=world.now() + timedelta(hours=1))
    assert await claimed(world) is not None


async def test_what_a_dead_process_held_is_taken_over_and_it_can_do_no_more(world):
    await world.say("help")
    await world.hand_over()
    await world.settle()
    await world.later()
    dead = await claimed(world)
    await world.later(queue.CLAIM.total_seconds())
    alive = await claimed(world)
    assert alive.link_id == dead.link_id
    async with world.runtime.sessions.begin() as session:
        assert await queue.prolong(session, dead, now=world.now()) is None
        assert await queue.prolong(session, alive, now=world.now()) is not None


async def test_a_silent_help_desk_is_asked_less_and_less(world):
    waits = []
    for _ in range(8):
        async with world.runtime.sessions.begin() as session:
            now = world.now()
            until = await queue.rest(session, "zendesk", now=now, seconds=None)
            waits.append(until and (until - now).total_seconds())
            if until:  # already resting: told once
                assert await queue.rest(session, "zendesk", now=now, seconds=None) is None
        await world.later()
    assert waits == [None, None, 2, 4, 8, 16, 32, 60]  # one failure is no outage
