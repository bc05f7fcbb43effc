"""LISTEN/NOTIFY: "this topic has news", to every process at once.

News carries no data. Who is told reads the database, so that a missed or doubled notice does no
harm; after a lost connection everybody is told once.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog
from sqlalchemy import BindParameter, ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger()

CHANNEL = "wismo_news"
INBOX = "inbox"


def conversation_topic(conversation_id: int) -> str:
    """The topic of one conversation's messages and state."""
    return f"conversation:{conversation_id}"


def parcel_topic(parcel_id: int) -> str:
    """The topic of what is known about one parcel."""
    return f"parcel:{parcel_id}"


async def announce(session: AsyncSession, topic: str) -> None:
    """Tell all processes that ``topic`` has news, once this transaction commits."""
    await session.execute(select(announcing(topic)))


def announcing(topic: str | BindParameter[str]) -> ColumnElement[None]:
    """``announce`` as a part of a statement, which saves a trip to the database."""
    return func.pg_notify(CHANNEL, topic)


class News:
    """This process's ear on the database.

    Args:
        url: The database, in libpq's form.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.closing = asyncio.Event()

    async def listen(self) -> None:
        """Pass news on until cancelled; reconnects by itself."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._wake_all()
                    async for notice in connection.notifies():
                        for listener in self._listeners.get(notice.payload, ()):
                            listener.set()
            except psycopg.OperationalError as error:
                log.warning("news_connection_lost", reason=type(error).__name__)
                await asyncio.sleep(1)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set at each piece of news; the holder clears it, then reads."""
        event = asyncio.Event()
        for topic in topics:
            self._listeners[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._listeners[topic].discard(event)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    def listening(self, topic: str) -> int:
        """How many subscriptions this process has to a topic."""
        return len(self._listeners.get(topic, ()))

    def close(self) -> None:
        """The process is stopping: wake everybody, so that open streams can end."""
        self.closing.set()
        self._wake_all()

    def _wake_all(self) -> None:
        for events in self._listeners.values():
            for event in events:
                event.set()
