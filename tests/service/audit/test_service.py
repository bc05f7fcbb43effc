import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kit.errors import BadInput
from service.audit import service as audit
from service.audit.service import Act
from service.db import migrate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def write(sessions):
    async def write(*subjects):
        async with sessions.begin() as session:
            for subject in subjects:
                await audit.record(session, None, Act.ORDER_SEEN, subject, now=NOW, ticket=7)

    return write


async def checked(sessions):
    async with sessions() as session:
        return await audit.check(session)


async def test_what_is_done_at_once_stands_in_one_whole_chain(sessions, write):
    assert (await checked(sessions)).whole
    await asyncio.gather(*(write(f"order:{n}", f"order:{n}") for n in range(20)))
    found = await checked(sessions)
    assert found.whole
    assert found.length == 40
    async with sessions() as session:
        newest = await audit.entries(session, subject="order:3")
        assert [each.actor for each in newest] == [audit.COMMAND_LINE] * 2
        page = await audit.entries(session, before=newest[0].id, limit=None)
        assert all(each.id < newest[0].id for each in page)
        assert await audit.entries(session, act="exported") == []


async def test_what_is_not_done_is_not_written(sessions):
    async with sessions() as session:
        await audit.record(session, None, Act.EXPORTED, "audit", now=NOW)
        await session.rollback()
    assert (await checked(sessions)).length == 0


@pytest.mark.parametrize("log", ["audit_entries", "audit_links"])
@pytest.mark.parametrize(
    "act",
    ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
)
async def test_the_database_refuses_to_change_it(sessions, write, log, act):
    await write("order:1")
    column = "act" if log == "audit_entries" else "digest"
    with pytest.raises(ProgrammingError, match="only added to"):
        async with sessions.begin() as session:
            await session.execute(text(act.format(log, column, "'x'")))
    assert (await checked(sessions)).length == 1


@pytest.mark.parametrize(
    ("forgery", "broken_at"),
    [
        ("UPDATE audit_entries SET actor = 'ben@example.com' WHERE subject = 'order:2'", 2),
        (
            "UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE subject = 'order:3'",
            3,
        ),
        (
            "DELETE FROM audit_links WHERE position = 2;"
            "DELETE FROM audit_entries WHERE subject = 'order:2'",
            3,
        ),
        (
            "UPDATE audit_links SET digest = audit_digest((SELECT digest FROM audit_links WHERE"
            " position = 1), e) FROM audit_entries e WHERE e.id = entry_id AND position = 3",
            3,
        ),
    ],
)
async def test_a_hand_in_the_database_is_seen(sessions, write, forgery, broken_at):
    for n in range(1, 5):
        await write(f"order:{n}")
    async with sessions.begin() as session:  # its owner alone can do this
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in forgery.split(";"):
            await session.execute(text(statement))
    found = await checked(sessions)
    assert not found.whole
    assert found.broken_at == broken_at


async def test_a_cut_off_end_is_seen_by_who_kept_the_head(sessions, write):
    for n in range(1, 4):
        await write(f"order:{n}")
    head = (await checked(sessions)).head
    await write("order:4")
    async with sessions.begin() as session:
        assert await audit.holds(session, head)
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("DELETE FROM audit_links WHERE position > 2"))
        await session.execute(text("DELETE FROM audit_entries WHERE subject > 'order:2'"))
    assert (await checked(sessions)).whole  # in itself, it is
    async with sessions() as session:
        assert not await audit.holds(session, head)
        for nonsense in ("", "3", "x:y", "3:"):
            with pytest.raises(BadInput):
                await audit.holds(session, nonsense)


async def test_a_later_start_leaves_the_log_as_it_is(sessions, write, database_url):
    await write("order:1")
    await asyncio.to_thread(migrate, database_url)
    await write("order:2")
    assert (await checked(sessions)).length == 2
