import pytest
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import OperationalError

from service.conversations.models import Conversation
from service.statements import Statement, bare

OPENED = Statement(
    insert(Conversation)
    .values(channel="web", address=bindparam("address"))
    .returning(Conversation.address),
    str,
)
ADDRESSES = Statement(select(Conversation.address).order_by(Conversation.address), str)
OF_US = Statement(select(func.pg_backend_pid().label("pid")))


async def test_a_bare_statement_is_seen_by_all_at_once(sessions):
    async with bare(sessions) as connection, bare(sessions) as another:
        assert await OPENED.one(connection, address="a") == "a"
        assert await ADDRESSES.all(another) == ["a"]


async def test_a_connection_that_was_bare_has_transactions_again(sessions):
    async with bare(sessions) as connection:
        [ours] = await OF_US.all(connection)
    async with sessions.begin() as session:
        assert await OF_US.all(session) == [ours]
        await OPENED.all(session, address="a")
        await session.rollback()
    async with bare(sessions) as connection:
        assert await ADDRESSES.one(connection) is None


async def test_a_session_s_statement_sees_what_the_session_has_yet_to_write(sessions):
    async with sessions.begin() as session:
        session.add(Conversation(channel="web", address="a"))
        assert await ADDRESSES.all(session) == ["a"]


async def test_nobody_gets_a_connection_that_broke(sessions):
    async def broken() -> None:
        async with bare(sessions) as connection:
            [own] = await OF_US.all(connection)
            async with bare(sessions) as another:
                await another.execute("SELECT pg_terminate_backend(%s)", [own.pid])
            await ADDRESSES.all(connection)

    with pytest.raises(OperationalError):
        await broken()
    async with bare(sessions) as connection:
        assert await ADDRESSES.all(connection) == []
