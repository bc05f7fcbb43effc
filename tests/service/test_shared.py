"""What many ask for at once is worked out once, and never older than the question."""

import asyncio

import pytest

from service.shared import Shared


@pytest.fixture
def shared():
    return Shared()


class Work:
    """Something slow: gives the number of times it was begun."""

    def __init__(self):
        self.begun, self.go = 0, asyncio.Event()

    async def __call__(self):
        self.begun += 1
        number = self.begun
        await self.go.wait()
        return number


async def test_those_who_ask_while_one_runs_share_the_next(shared):
    work = Work()
    first = asyncio.create_task(shared.get("list", work))
    await asyncio.sleep(0)
    others = [asyncio.create_task(shared.get("list", work)) for _ in range(50)]
    await asyncio.sleep(0)
    work.go.set()
    assert await first == 1
    assert set(await asyncio.gather(*others)) == {2}
    assert await shared.get("list", work) == 3  # nothing is kept


async def test_other_keys_do_not_wait(shared):
    slow, quick = Work(), Work()
    quick.go.set()
    waiting = asyncio.create_task(shared.get("a", slow))
    await asyncio.sleep(0)
    assert await shared.get("b", quick) == 1
    slow.go.set()
    await waiting


async def test_where_one_leaves_or_fails_the_next_does_it(shared):
    work = Work()

    async def fails():
        await work.go.wait()
        raise ValueError("not today")

    running = asyncio.create_task(shared.get("list", fails))
    await asyncio.sleep(0)
    leaves = asyncio.create_task(shared.get("list", work))
    stays = asyncio.create_task(shared.get("list", work))
    await asyncio.sleep(0)
    leaves.cancel()
    work.go.set()
    with pytest.raises(ValueError, match="not today"):
        await running
    assert await stays == 1
