"""What channels need beside webhooks: being told our address, being asked for news."""

import asyncio
from typing import Final

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from integrations.contract import Connects, Polls
from integrations.messages import Event
from kit.errors import Upstream
from service.conversations import door
from service.runtime import Runtime

log = structlog.get_logger()

PAUSE_SECONDS: Final = 5.0


async def attend(runtime: Runtime) -> None:
    """Tell providers where we are, or ask them for news, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for channel in runtime.channels.values():
            if isinstance(channel, Polls) and channel.polling:
                tasks.create_task(_poll(runtime, channel))
            elif isinstance(channel, Connects):
                tasks.create_task(_connect(runtime, channel))


async def _connect(runtime: Runtime, channel: Connects) -> None:
    slug = channel.manifest.slug
    url = f"{runtime.settings.base_url}/channels/{slug}"
    if not url.startswith("https://"):
        log.warning("channel_not_connected", channel=slug, why="PUBLIC_URL is not https")
        return
    while True:
        try:
            await channel.connect(url)
        except Upstream as error:
            log.warning("channel_not_connected", channel=slug, why=error.message)
            if not error.retryable:
                return
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def _poll(runtime: Runtime, channel: Polls) -> None:
    """Ask one channel for news; of several processes on a database, one does."""
    slug = channel.manifest.slug
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                runtime.database_url, autocommit=True
            ) as connection:
                await connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"poll:{slug}"])
                while True:
                    await channel.poll(lambda event: _store(runtime, event))
        except (psycopg.OperationalError, SQLAlchemyError, Upstream) as error:
            log.warning("channel_not_polled", channel=slug, reason=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)


async def _store(runtime: Runtime, event: Event) -> None:
    async with runtime.sessions.begin() as session:
        await door.take(session, event, runtime.settings)
