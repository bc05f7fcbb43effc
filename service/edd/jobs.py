"""Trainings and estimates, as background work."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from typing import Any, Final

import structlog
from procrastinate import JobContext, RetryStrategy
from sqlalchemy import update

from kit import clock
from service import jobs
from service.demo import year
from service.edd.models import Training, TrainingState
from service.runtime import Runtime
from service.settings import ROOT

log = structlog.get_logger()

TRAIN: Final = (sys.executable, "-m", "service.edd.training")


@jobs.app.task(
    name="estimate_delivery_date",
    queue="tracking",
    pass_context=True,
    retry=RetryStrategy(max_attempts=3, exponential_wait=2),
)
async def estimate_delivery_date(context: JobContext, parcel_id: int) -> None:
    """Look at one parcel again, which has just changed. Run twice it changes nothing."""
    await jobs.runtime(context).dates.estimate([parcel_id], now=clock.now())


@jobs.app.periodic(cron="7 * * * *")
@jobs.app.task(
    name="refresh_delivery_dates",
    queue="tracking",
    pass_context=True,
    queueing_lock="refresh_delivery_dates",
)
async def refresh_delivery_dates(context: JobContext, timestamp: int = 0) -> None:
    """Look at every parcel under way once a day, and after a new model; one worker at a time.

    Args:
        timestamp: The moment it was meant for, in seconds since 1970; not used.
    """
    done = await jobs.runtime(context).dates.refresh(now=clock.now())
    log.info("delivery_dates_refreshed", parcels=done)


@jobs.app.periodic(cron="43 2 * * *")
@jobs.app.task(
    name="train_delivery_dates",
    queue="training",
    pass_context=True,
    queueing_lock="train_delivery_dates",
    lock="train_delivery_dates",
)
async def train_delivery_dates(context: JobContext, timestamp: int = 0) -> None:
    """Train each night, in a process of its own, and estimate anew with what came of it.

    A worker that dies takes its training with it; the job is taken up by another and begins again.

    Args:
        timestamp: As of ``refresh_delivery_dates``.
    """
    runtime = jobs.runtime(context)
    if await train(runtime):
        await runtime.dates.refresh(now=clock.now())


@jobs.app.task(
    name="learn_demo_year",
    queue="training",
    pass_context=True,
    queueing_lock="learn_demo_year",
    lock="train_delivery_dates",
)
async def learn_demo_year(context: JobContext) -> None:
    """Lay out the demo shop's past year, and learn from it."""
    runtime = jobs.runtime(context)
    await year.lay_out(runtime.sessions, now=clock.now())
    if await train(runtime):
        await runtime.dates.refresh(now=clock.now())


async def train(runtime: Runtime) -> bool:
    """Run one training to its end, its progress kept where the report card's page shows it.

    Returns:
        Whether a model runs after it that was trained on these parcels.
    """
    async with runtime.sessions.begin() as session:
        row = Training(started_at=clock.now(), state=TrainingState.RUNNING, at_work="starting")
        session.add(row)
        await session.flush()
        training_id = row.id
    process = await asyncio.create_subprocess_exec(
        *TRAIN,
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": runtime.database_url,
            "VAR": str(runtime.settings.var),
            "SHOP_COUNTRY": runtime.settings.shop_country,
            "SHOP_TIMEZONE": runtime.settings.shop_timezone,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    last = ""
    try:
        said = process.stdout or asyncio.StreamReader()
        while line := (await said.readline()).decode().strip():
            last = line
            if not line.startswith("{"):
                await _note(runtime, training_id, at_work=line)
        code = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return await _ended(runtime, training_id, code, last)


async def _ended(runtime: Runtime, training_id: int, code: int, last: str) -> bool:
    found: dict[str, Any] = json.loads(last) if last.startswith("{") else {}
    if code or "error" in found or not found:
        why = found.get("error") or f"ended with exit code {code} while {last or 'starting'}"
        log.error("edd_training_failed", reason=why)
        await _note(
            runtime, training_id, state=TrainingState.FAILED, at_work=why, ended_at=clock.now()
        )
        return False
    state = TrainingState.PROMOTED if found["runs"] else TrainingState.KEPT
    log.info("edd_trained", version=found["version"], runs=found["runs"])
    await _note(
        runtime,
        training_id,
        state=state,
        at_work=f"learned from {found['parcels']:,} delivered parcels",
        version=found["version"],
        ended_at=clock.now(),
    )
    return bool(found["runs"])


async def _note(runtime: Runtime, training_id: int, **values: Any) -> None:
    async with runtime.sessions.begin() as session:
        await session.execute(update(Training).where(Training.id == training_id).values(**values))
