"""Waiting for what a worker does, by asking again."""

import asyncio

SECONDS = 60  # a loaded machine is no defect


async def until(found, *, seconds=SECONDS):
    """What ``found()`` gives as soon as that is something."""
    async with asyncio.timeout(seconds):
        while not (it := await found()):  # noqa: ASYNC110 - workers tell nobody
            await asyncio.sleep(0.05)
        return it
