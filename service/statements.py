"""Statements that every turn asks: made once, and run by the driver itself.

A session works out for each statement how to say it, what it gives back and which objects that
changes: three quarters of what a small look at the database costs this process. What every turn
asks needs none of it. All else asks a session.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Generic, TypeVar

import psycopg
from psycopg.rows import args_row, namedtuple_row
from sqlalchemy import func
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.util import greenlet_spawn

from service.db import Sessions

Bare = psycopg.AsyncConnection[Any]
"""A connection without a transaction: each statement is one of its own, seen by all at once."""
Row = TypeVar("Row")

_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


OFF_DISK: Final = func.set_config("synchronous_commit", "off", True).label("off_disk")
"""A column with which a transaction's commit does not wait for the disk.

For jobs that call nobody: should the machine fail within that half second, what they did is lost
together with the end of the job, written after it, and so it is done again. Else each waits for the
disk holding the lock under which PostgreSQL lets transactions with news commit one by one.
"""


class Statement(Generic[Row]):
    """A statement with its parameters' names, and what is made of each of its rows.

    Args:
        statement: SQLAlchemy's, of columns alone, its parameters by ``bindparam``. A list goes
            into ``= any_(…)``; JSON is given as text.
        make: Is called with the columns of a row, in their order; ``None``: named tuples.
    """

    def __init__(self, statement: CompilerElement, make: Callable[..., Row] | None = None) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        self._given = dict(compiled.params)
        self._make: Any = args_row(make) if make else namedtuple_row

    async def all(self, on: AsyncSession | Bare, **values: Any) -> list[Row]:
        """Every row.

        Args:
            on: A session: in its transaction, after what it has yet to write.

        Raises:
            DBAPIError: As a session would.
        """
        connection = on if isinstance(on, psycopg.AsyncConnection) else await _driver(on)
        try:
            async with connection.cursor(row_factory=self._make) as cursor:
                await cursor.execute(self._sql, self._given | values, prepare=True)
                return await cursor.fetchall()
        except psycopg.Error as error:
            raise DBAPIError.instance(
                self._sql, None, error, psycopg.Error, hide_parameters=True, dialect=_DIALECT
            ) from error

    async def one(self, on: AsyncSession | Bare, **values: Any) -> Row | None:
        """The only row; ``None`` where there is none."""
        rows = await self.all(on, **values)
        return rows[0] if rows else None


@asynccontextmanager
async def bare(sessions: Sessions) -> AsyncIterator[Bare]:
    """A connection of the pool without a transaction, whose ends are two trips each time.

    Each statement sees what is committed when it begins, so two of them may see two states.
    """
    engine: AsyncEngine = sessions.kw["bind"]
    pooled = await engine.raw_connection()
    connection: Bare = pooled.driver_connection  # type: ignore[assignment]
    try:
        await connection.set_autocommit(True)
        yield connection
    finally:
        try:
            await connection.set_autocommit(False)
        except psycopg.Error:  # broken: nobody is to get it, least of all without transactions
            await greenlet_spawn(pooled.invalidate)
        finally:
            await greenlet_spawn(pooled.close)


async def _driver(session: AsyncSession) -> Bare:
    if session.new or session.dirty or session.deleted:
        await session.flush()
    raw = await (await session.connection()).get_raw_connection()
    connection: Bare = raw.driver_connection  # type: ignore[assignment]
    return connection
