"""Jobs run as soon as they can, not at the worker's next look."""

import asyncio

import pytest
from sqlalchemy import text

from service import jobs

ran = asyncio.Queue()
goes_on = asyncio.Event()


@jobs.app.task(name="test_wait")
async def wait(number):
    """Says that it runs; the first one waits to be let go."""
    await ran.put(number)
    if number == 1:
        await goes_on.wait()


@pytest.fixture(autouse=True)
def _seldom_looked(monkeypatch):
    monkeypatch.setattr(jobs, "POLL_SECONDS", 3600)


async def test_what_waited_for_a_lock_runs_once_it_is_free(service):
    sessions = service.state.runtime.sessions
    async with asyncio.timeout(15):
        for number, lock in ((1, "x"), (2, "x"), (3, "y")):
            async with sessions.begin() as session:
                await jobs.defer(session, "test_wait", lock=lock, number=number)
        assert {await ran.get(), await ran.get()} == {1, 3}
        # 3 is done with, so the worker has looked on and seen nothing but 2, which must wait.
        while await count(sessions, "test_wait") > 2:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
        goes_on.set()
        assert await ran.get() == 2


async def count(sessions, task):
    """How many jobs of a task there are, waiting or running."""
    async with sessions() as session:
        return await session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task"), {"task": task}
        )


async def test_no_message_of_a_crowd_is_left_lying(chat):
    shoppers = [chat() for _ in range(12)]
    async with asyncio.timeout(15):
        for turn in ("one", "two"):
            said = await asyncio.gather(*(shopper.say(turn) for shopper in shoppers))
            assert said == [[f"You said: {turn}"]] * 12
