"""Jobs run as soon as they can, not at the worker's next look."""

import asyncio

import pytest
from sqlalchemy import text

from service import jobs
from tests.support.serving import serve

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
    async with asyncio.timeout(60):
        for number, lock in ((1, "x"), (2, "x"), (3, "y")):
            async with sessions.begin() as session:
                await jobs.defer(session, "test_wait", lock=lock, number=number)
        assert {await ran.get(), await ran.get()} == {1, 3}
        # 3 is done with, so the worker has looked on and seen nothing but 2, which must wait.
        while await count(sessions, "test_wait") > 2:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
        goes_on.set()
        assert await ran.get() == 2


heard = asyncio.Queue()


@jobs.app.task(name="test_says")
async def says(number):
    """Says that it ran."""
    await heard.put(number)


async def test_a_worker_that_ends_takes_nothing_from_another(run_service, rasa):
    async with (
        asyncio.timeout(60),
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url, workers_in_web=False) as app,
    ):
        runtime = app.state.runtime
        workers = []
        for number in (1, 2):
            workers.append(asyncio.create_task(jobs.work(runtime)))
            while await workers_of(runtime.sessions) < number:  # noqa: ASYNC110 - as below
                await asyncio.sleep(0.01)
        first, second = workers
        first.cancel()
        await asyncio.wait([first])
        async with runtime.sessions.begin() as session:
            await jobs.defer(session, "test_says", number=7)
        assert await heard.get() == 7
        second.cancel()
        await asyncio.wait([second])


async def test_a_worker_that_is_stopped_as_it_starts_leaves_nothing_running(run_service, rasa):
    async with (
        asyncio.timeout(60),
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url, workers_in_web=False) as app,
    ):
        before = asyncio.all_tasks()
        for moments in range(0, 600, 10):  # the last of them find it at work
            worker = asyncio.create_task(jobs.work(app.state.runtime))
            for _ in range(moments):
                await asyncio.sleep(0)
            worker.cancel()
            await asyncio.wait([worker])
            while asyncio.all_tasks() - before:  # noqa: ASYNC110 - they end each in its own time
                await asyncio.sleep(0.01)


running = asyncio.Queue()
let_go = asyncio.Event()


@jobs.app.task(name="test_long")
async def long(number):
    """Says that it runs, until it is let go."""
    await running.put(number)
    await let_go.wait()


@pytest.fixture
def _all_seem_dead(monkeypatch):
    """Every heartbeat counts as too old, as after a halt of the whole process."""
    monkeypatch.setattr(jobs, "DEAD_AFTER_SECONDS", -3600)
    monkeypatch.setattr(jobs, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.05)


@pytest.mark.usefixtures("_all_seem_dead")
async def test_a_worker_takes_up_the_jobs_of_others_and_not_its_own(service):
    sessions = service.state.runtime.sessions
    async with asyncio.timeout(60):
        async with sessions.begin() as session:
            await jobs.defer(session, "test_long", number=1)
        assert await running.get() == 1
        for number in (2, 3):  # after both, the first has been looked at
            async with sessions.begin() as session:
                await session.execute(
                    text(
                        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) "
                        "VALUES ('default', 'test_long', jsonb_build_object('number', "
                        "CAST(:number AS int)), 'doing')"
                    ),
                    {"number": number},
                )
            assert await running.get() == number
        let_go.set()
        while await count(sessions, "test_long"):  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
    assert running.empty()


async def workers_of(sessions):
    """How many workers there are."""
    async with sessions() as session:
        return await session.scalar(text("SELECT count(*) FROM procrastinate_workers"))


async def count(sessions, task):
    """How many jobs of a task there are, waiting or running."""
    async with sessions() as session:
        return await session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task"), {"task": task}
        )


async def test_no_message_of_a_crowd_is_left_lying(chat):
    shoppers = [chat() for _ in range(12)]
    async with asyncio.timeout(60):
        for turn in ("one", "two"):
            said = await asyncio.gather(*(shopper.say(turn) for shopper in shoppers))
            assert said == [[f"You said: {turn}"]] * 12
