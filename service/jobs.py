"""The joint between procrastinate's jobs and our transactions.

A job is deferred in the transaction of the data it is about: it exists exactly if the commit does.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from copy import copy
from datetime import datetime
from typing import Any, Final

import procrastinate
import psycopg
import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.jobs import Notification
from procrastinate.periodic import PeriodicTask
from procrastinate.worker import Worker
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from service.runtime import Runtime
from service.statements import Statement

log = structlog.get_logger()

# A worker that has not been heard of for this long is dead, and its jobs are taken up again.
HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 6.0
# What waits for a retry or a provider's limit is seen this often; all else at once.
POLL_SECONDS = 1.0
# A worker that is stopped lets jobs finish for this long.
GRACE_SECONDS = 5.0

# One statement: of several workers that look at once each job is given back by one. If they looked
# first and gave back then, the second could give back what a third has taken up and runs.
_GIVE_BACK: Final = """
    UPDATE procrastinate_jobs AS job
    SET status = 'todo', attempts = attempts + 1, scheduled_at = now()
    WHERE status = 'doing'
      AND (worker_id IS NULL OR worker_id IS DISTINCT FROM %(worker_id)s::bigint)
      AND NOT EXISTS (
          SELECT FROM procrastinate_workers AS worker
          WHERE worker.id = job.worker_id
            AND last_heartbeat >= now() - make_interval(secs => %(seconds)s))
    RETURNING id, task_name
"""

app = App(
    connector=PsycopgConnector(),
    import_paths=[
        "service.attachments.jobs",
        "service.conversations.jobs",
        "service.demo.jobs",
        "service.edd.jobs",
        "service.faq.jobs",
        "service.helpdesks.jobs",
        "service.inbox.jobs",
        "service.mail.jobs",
        "service.notifications.outbox.push",
        "service.notifications.jobs",
        "service.tracking.jobs",
    ],
)


async def defer(
    session: AsyncSession,
    task: str,
    *,
    lock: str | None = None,
    at: datetime | None = None,
    **arguments: Any,
) -> None:
    """Queue a job in the session's own transaction.

    Args:
        task: The task's name, as its ``jobs.py`` gives it; by name, so that what defers a job need
            not import what the job does.
        lock: Jobs with one lock run one at a time, in the order they were deferred.
        at: Not before this moment; ``None``: at once.
        arguments: The task's arguments, as JSON values.

    Source: procrastinate's own ``defer_jobs`` query, which its ``configure(connection=…)`` runs.
    """
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    await _DEFER.all(
        session,
        queue=app.tasks[task].queue,
        task=task,
        lock=lock,
        arguments=json.dumps(arguments),
        at=at,
    )


_DEFER: Final = Statement[Any](
    text("""
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
    :queue, :task, 0, :lock, NULL, CAST(:arguments AS jsonb), :at
)::procrastinate_job_to_defer_v1])
""")
)


def runtime(context: JobContext) -> Runtime:
    """What the running job may use."""
    found: Runtime = context.additional_context["runtime"]
    return found


class PromptWorker(Worker):
    """procrastinate's worker, woken also by what it would leave to its next poll.

    That is a job whose lock has just come free, and one that was deferred while the worker was
    looking for jobs and found none: a shopper who writes on would wait a second for either.
    """

    _told = False

    async def _fetch_and_process_jobs(self) -> None:
        while not self._stop_event.is_set():
            self._told = False
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]
            if not self._told:
                break

    async def _handle_notification(self, *, channel: str, notification: Notification) -> None:
        self._told = True
        await super()._handle_notification(channel=channel, notification=notification)

    async def _process_job(self, context: JobContext) -> None:
        await super()._process_job(context)
        if context.job.lock is not None:
            self._told = True
            self._new_job_event.set()


async def work(
    runtime: Runtime, *, concurrency: int = 8, queues: Sequence[str] | None = None
) -> None:
    """Run jobs until cancelled, and take up those of workers that died.

    A lost database is waited for. On cancellation running jobs may finish for five seconds; what
    is left is taken up by the next worker.

    Args:
        queues: Run these alone; ``None``: all.
    """
    while True:
        try:
            async with _background(
                _work(runtime, concurrency, queues), again=GRACE_SECONDS + 2
            ) as working:
                await asyncio.wait([working])
            await working
        except (procrastinate.exceptions.ConnectorException, psycopg.OperationalError) as error:
            log.warning("worker_lost_database", reason=type(error).__name__)
            await asyncio.sleep(1)


async def _work(runtime: Runtime, concurrency: int, queues: Sequence[str] | None) -> None:
    connector = PsycopgConnector(
        conninfo=runtime.database_url,
        min_size=1,
        max_size=concurrency + 2,
        configure=_commit_each,
        pool_factory=_pool,
    )
    running = _connected(connector)
    async with _closing_pool(connector), running.open_async():
        worker = PromptWorker(
            running,
            queues=queues,
            concurrency=concurrency,
            install_signal_handlers=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
            fetch_job_polling_interval=POLL_SECONDS,
            additional_context={"runtime": runtime},
        )
        async with _background(_rescue(running, worker)):
            await worker.run()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def _background(
    work: Coroutine[Any, Any, None], *, again: float = 1.0
) -> AsyncIterator["asyncio.Task[None]"]:
    """A task that is cancelled at the end, and waited for.

    Args:
        again: Seconds after which one that goes on is told again: before Python 3.12 a cancellation
            is lost where a wait with a time limit, as for a pool's connection, succeeds in the same
            moment. Source: https://github.com/python/cpython/issues/86296
    """
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=again)


@asynccontextmanager
async def _closing_pool(connector: PsycopgConnector) -> AsyncIterator[None]:
    """Close a connector's pool also where it was still being opened.

    Its own tasks take a cancellation there for a connection that failed, and try for ever: a worker
    that is stopped as it starts would never end.
    """
    try:
        yield
    finally:
        await connector.close_async()


def _connected(connector: PsycopgConnector) -> App:
    """``app`` with a connector, as a copy: two workers in one process have each their own.

    procrastinate's ``replace_connector`` changes the app for all, and back when the first ends.
    """
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    running = App(connector=connector)
    for name, task in app.tasks.items():
        running.tasks[name] = mine = copy(task)
        mine.blueprint = running
    for key, periodic in app.periodic_registry.periodic_tasks.items():
        running.periodic_registry.periodic_tasks[key] = PeriodicTask(
            running.tasks[periodic.task.name],
            periodic.cron,
            periodic.periodic_id,
            periodic.configure_kwargs.copy(),
        )
    return running


async def _commit_each(connection: psycopg.AsyncConnection[Any]) -> None:
    """Have each statement of procrastinate's be a transaction, as it is one anyway.

    Else ``BEGIN`` and ``COMMIT`` are two trips more, for each of three or four in a job's life. Nor
    does it wait for the disk: should the machine fail within that half second, a job that was taken
    or done is taken again, as after a kill. What jobs do and what defers them is committed
    elsewhere.
    """
    await connection.set_autocommit(True)
    await connection.execute("SET synchronous_commit = off")


def _pool(**given: Any) -> AsyncConnectionPool:
    """A pool for procrastinate, which would ask a connection whether it lives before each use.

    Here it is not asked: that of a lost database is learnt by whoever uses it, and ``work`` makes
    a new pool.
    """
    return AsyncConnectionPool(**{**given, "check": None})


async def _rescue(running: App, worker: Worker) -> None:
    """Give back the jobs of dead workers, for as long as this worker lives.

    Its own it leaves alone: after a halt of the whole process, this may look before the heartbeat
    is written.
    """
    while True:
        try:
            for job in await running.connector.execute_query_all_async(
                _GIVE_BACK, worker_id=worker.worker_id, seconds=DEAD_AFTER_SECONDS
            ):
                log.warning("job_taken_up_again", task=job["task_name"], job=job["id"])
        except procrastinate.exceptions.ConnectorException as error:
            log.warning("rescue_failed", reason=str(error))  # the database is away: try later
        await asyncio.sleep(HEARTBEAT_SECONDS)
