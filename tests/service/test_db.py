import psycopg
from sqlalchemy import text

from service import db
from service.db import migrate


async def test_migrating_twice_changes_nothing(sessions, database_url):
    migrate(database_url)
    async with sessions.begin() as session:
        tables = await session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        assert {"orders", "messages", "tickets", "procrastinate_jobs"} <= set(tables)


async def test_a_connection_that_died_in_a_pause_is_replaced(sessions, database_url, monkeypatch):
    monkeypatch.setattr(db, "PAUSE_SECONDS", 0)
    async with sessions() as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    async with sessions() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != pid
