"""A process dies by SIGKILL in the middle of telling; what it was about is told once."""

import asyncio
import os
import signal
import time

import psycopg

from service.conversations.service import open_conversation
from service.db import make_engine, make_sessions
from tests.service.notifications.telling import OFD, a_shop

WANTS = """
notifications:
  merge_seconds: 0
  agreed_at_checkout: [sms]
  triggers: {out_for_delivery: [sms]}
"""
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    " AND datname = current_database()"
)


def until(connection, wanted):
    give_up = time.monotonic() + 60
    while connection.execute(WAITING).fetchone()[0] != wanted:
        assert time.monotonic() < give_up
        time.sleep(0.02)  # another process works; it gives no other sign


def test_a_kill_while_telling_neither_loses_nor_doubles(database_url, tmp_path):
    async def with_shop(does):
        engine = make_engine(database_url)
        try:
            return await does(a_shop(make_sessions(engine), tmp_path))
        finally:
            await engine.dispose()

    async def begins(shop):
        shop.wants(WANTS)
        _, [parcel] = await shop.order()
        async with shop.sessions.begin() as session:
            await open_conversation(session, "twilio_sms", "+447700900001")
        await shop.moves(parcel, OFD)

    async def works(shop):
        shop.wants(WANTS)
        await shop.works()

    async def found(shop):
        return await shop.milestones(), await shop.sendings(), len(await shop.texts())

    asyncio.run(with_shop(begins))
    with psycopg.connect(database_url, autocommit=True) as watching:
        with psycopg.connect(database_url) as holding:
            # It gets as far as the shopper's conversation: the outbox's rows are written by then.
            holding.execute("SELECT FROM conversations FOR UPDATE")
            child = os.fork()
            if child == 0:
                try:
                    asyncio.run(with_shop(works))
                finally:
                    os._exit(1)
            until(watching, 1)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        until(watching, 0)
    told = [("out_for_delivery", "waiting", None)]
    assert asyncio.run(with_shop(found)) == (told, [], 0)
    for _ in range(2):
        asyncio.run(with_shop(works))
    told = [("out_for_delivery", "told", None)]
    assert asyncio.run(with_shop(found)) == (told, [("sms", "queued", None)], 1)
