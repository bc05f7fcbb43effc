"""One process of ``bench notify``: says that it is ready, waits for a line, then works.

``… ours|bare [count]``. ``ours`` runs the jobs that carry a webhook
to a deferred message, and not the delivery; ``bare`` defers ``count`` jobs, each in a transaction.
"""

import asyncio
import sys

from bench._parent import end_with_parent
from service import jobs
from service.app import make_runtime
from service.runtime import Runtime
from service.settings import settings

CONCURRENCY = 8  # as many at once as a worker's


async def main() -> None:
    """See above."""
    what, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    async with make_runtime(settings()) as runtime:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        end_with_parent()
        await (ours(runtime) if what == "ours" else bare(runtime, count))


async def ours(runtime: Runtime) -> None:
    """As a worker does, until killed; but nothing is delivered."""
    await jobs.work(runtime, queues=["tracking", "notifications"])


async def bare(runtime: Runtime, count: int) -> None:
    """Defer jobs and nothing else."""
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            async with runtime.sessions.begin() as session:
                await jobs.defer(session, "tell", person=str(number))

    await asyncio.gather(*(some() for _ in range(CONCURRENCY)))


if __name__ == "__main__":
    asyncio.run(main())
