"""The database: one engine, one session a request or job, migrations."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy
from fastapi import Depends, Request
from sqlalchemy import BigInteger, DateTime, Engine, MetaData, Text, TextClause, event
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from kit.errors import Misconfigured
from service.settings import ROOT

Sessions = async_sessionmaker[AsyncSession]

PAUSE_SECONDS = 1.0
_MIGRATIONS = ROOT / "service" / "migrations"
_AUDIT_CHAIN = ROOT / "service" / "audit" / "chain.sql"

Key = Annotated[int, mapped_column(BigInteger, primary_key=True)]


class Base(DeclarativeBase):
    """Every table. Text is ``text``, times are ``timestamptz``, dictionaries are ``jsonb``."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        int: BigInteger,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


def full_text(*columns: str, config: str = "english", table: str = "") -> TextClause:
    """Columns of a table as PostgreSQL searches them; the same words for index and query.

    Written out rather than bound, as only what reads like the index can be found by it.

    Args:
        columns: Their names; those after the first may be empty.
        config: How words are stemmed: ``english``, or ``simple`` for not at all.
        table: Whose they are, where a query has several tables.
    """
    dot = f"{table}." if table else ""
    first, *others = columns
    text = " || ' ' || ".join([dot + first, *(f"coalesce({dot}{name}, '')" for name in others)])
    return sqlalchemy.text(f"to_tsvector('{config}'::regconfig, {text})")


def sqlalchemy_url(url: str) -> str:
    """``DATABASE_URL`` in the form SQLAlchemy takes, with psycopg 3 as its driver.

    Raises:
        Misconfigured: Not a PostgreSQL address.
    """
    changed, matches = re.subn(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)
    if not matches:
        raise Misconfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/database"
        )
    return changed


def libpq_url(url: str) -> str:
    """``DATABASE_URL`` in the form psycopg and procrastinate take."""
    return sqlalchemy_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


def make_engine(url: str, *, pool_size: int = 20) -> AsyncEngine:
    """An engine whose connections are checked after a pause, so that a restart heals itself."""
    engine = create_async_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=0,  # when there is most to do, those would be made and closed all the time
        pool_use_lifo=True,  # the one used last has its statements prepared and its caches warm
    )
    _check_after_a_pause(engine.sync_engine)
    return engine


def _check_after_a_pause(engine: Engine) -> None:
    """Ask a pooled connection whether it lives, unless it did a moment ago.

    Asking each time, as ``pool_pre_ping`` does, was every eighth trip to the database of a turn.
    """

    @event.listens_for(engine, "checkin")
    def left(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: DBAPIConnection, record: ConnectionPoolEntry, _: Any) -> None:
        now = time.monotonic()
        if now - record.info.get("left", now) < PAUSE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sqlalchemy.exc.DisconnectionError from error


def make_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def reading(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session that only reads: without a transaction, whose ends are two trips each time.

    Each statement sees what is committed when it begins, so two of them may see two states.
    """
    async with sessions() as opened:
        await opened.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield opened


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    """One request is one transaction."""
    async with request.app.state.runtime.sessions.begin() as opened:
        yield opened


# scope="function": commit before the answer goes out. With the default scope FastAPI runs the
# code after ``yield`` once the answer has been sent, and a failed commit would look like success.
SessionDep = Annotated[AsyncSession, Depends(session, scope="function")]


async def insert_new(session: AsyncSession, table: type[Base], **values: Any) -> int | None:
    """Insert a row unless one of the table's unique keys has it already. Races are safe.

    Returns:
        The new row's id, or ``None`` where the row was there already.
    """
    statement: Any = (
        insert(table)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(sqlalchemy.literal_column("id"))
    )
    new_id: int | None = (await session.execute(statement)).scalar_one_or_none()
    return new_id


def migrate(url: str) -> None:
    """Bring a database to the newest schema: ours by Alembic, procrastinate's by its own.

    What the database itself does for the audit log is put in its newest form each time.

    Safe to run again, and by several processes at once (an advisory lock keeps them apart).

    Raises:
        Misconfigured: The database cannot be reached, or refuses us.
    """
    from alembic import command  # whoever serves has not come to migrate
    from alembic.config import Config
    from procrastinate.schema import SchemaManager

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    engine = sqlalchemy.create_engine(sqlalchemy_url(url))
    try:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(7245)"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            jobs = connection.execute(sqlalchemy.text("SELECT to_regclass('procrastinate_jobs')"))
            if jobs.scalar() is None:
                schema = SchemaManager.get_schema()
                connection.connection.cursor().execute(schema.encode())
            connection.connection.cursor().execute(_AUDIT_CHAIN.read_bytes())
    except sqlalchemy.exc.OperationalError as error:
        raise _unreachable(error) from error
    finally:
        engine.dispose()


def check_schema(url: str) -> None:
    """See that a database is as new as this code; newer it may be, while machines are upgraded.

    Raises:
        Misconfigured: It is older, was never migrated, or cannot be reached.
    """
    newest = max(file.name[:4] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    engine = sqlalchemy.create_engine(sqlalchemy_url(url))
    try:
        with engine.connect() as connection:
            at = connection.scalar(sqlalchemy.text("SELECT version_num FROM alembic_version"))
    except sqlalchemy.exc.ProgrammingError:  # there is no such table
        at = None
    except sqlalchemy.exc.OperationalError as error:
        raise _unreachable(error) from error
    finally:
        engine.dispose()
    if at is None or at < newest:
        raise Misconfigured("the database is not migrated: run ./wismo migrate first")


def _unreachable(error: sqlalchemy.exc.OperationalError) -> Misconfigured:
    reason = str(error.orig).strip().splitlines()[0]
    return Misconfigured(f"the database in DATABASE_URL cannot be reached: {reason}")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Sessions]:
    """Sessions on a database for one command, closed after it."""
    engine = make_engine(url, pool_size=4)
    try:
        yield make_sessions(engine)
    finally:
        await engine.dispose()
