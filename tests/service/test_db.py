from sqlalchemy import text

from service.db import migrate


async def test_migrating_twice_changes_nothing(sessions, database_url):
    migrate(database_url)
    async with sessions.begin() as session:
        tables = await session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        assert {"orders", "messages", "tickets", "procrastinate_jobs"} <= set(tables)
