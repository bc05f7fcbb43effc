"""Committing together what several webhooks bring at the same moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from zlib import crc32

from integrations.messages import Event, InboundMessage
from service.conversations import door
from service.db import Sessions
from service.settings import Settings

LANES: Final = 4
MOST: Final = 32  # of one commit: as long as a conversation may be locked

_Waiting = tuple[InboundMessage, asyncio.Future[None]]
Store = Callable[[Sequence[Event]], Awaitable[None]]


class Intake:
    """The web process's door for events.

    A commit costs more than what is committed: it waits for the disk, and PostgreSQL lets one
    transaction with a notice commit at a time. So what comes while a commit is under way waits and
    shares the next one. A webhook that comes alone is committed alone, at once.

    Each address has its lane, and a lane commits one batch after the other: what an address says
    stays in order, and two batches never wait for each other's conversations.
    """

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings
        self._lanes = [_Lane(self._store) for _ in range(LANES)]

    async def take(self, events: Sequence[Event]) -> None:
        """Store events, in their order; done when they are committed.

        Raises:
            SQLAlchemyError: The database is away, or refuses one of them. What came before it is
                stored, and stored once however often the provider sends it again.
        """
        for event in events:
            if isinstance(event, InboundMessage):
                await self._lanes[crc32(event.address.encode()) % LANES].take(event)
            else:
                await self._store([event])

    async def _store(self, events: Sequence[Event]) -> None:
        async with self._sessions.begin() as session:
            for event in sorted(events, key=_address):  # one order of locks for all processes
                await door.take(session, event, self._settings)


class _Lane:
    """Events that are committed in batches, one batch at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, event: InboundMessage) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            # The others are not to suffer from one that is refused: then each is stored alone.
            if await self._stored(batch) is not None and len(batch) > 1:
                for one in batch:
                    await self._stored([one])

    async def _stored(self, batch: Sequence[_Waiting]) -> object:
        """Store a batch and tell who waits; gives back why it could not be."""
        [error] = await asyncio.gather(
            self._store([event for event, _ in batch]), return_exceptions=True
        )
        for _, done in batch:
            if done.done():  # whoever waited has gone
                continue
            if error is None:
                done.set_result(None)
            elif len(batch) == 1:
                done.set_exception(error)
        return error


def _address(event: Event) -> tuple[str, str]:
    return (event.channel, event.address) if isinstance(event, InboundMessage) else ("", "")
