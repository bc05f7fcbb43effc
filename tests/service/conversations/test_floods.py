"""One internet address cannot fill the chat by taking new names, whatever process it meets."""

import asyncio

from service.conversations import floods
from tests.service.conversations.conftest import NOW, later


async def test_a_minute_s_posts_are_counted_by_all_processes_together(sessions):
    async def post(digest, now):
        async with sessions.begin() as session:
            return await floods.count(session, digest, now=now)

    counted = await asyncio.gather(*(post("a", NOW) for _ in range(12)))
    assert sorted(counted) == list(range(1, 13))
    assert await post("b", NOW) == 1
    assert await post("a", later(seconds=59)) == 13
    assert await post("a", later(seconds=60)) == 1
    async with sessions.begin() as session:
        await floods.forget(session, before=later(seconds=30))
    assert (await post("a", later(seconds=61)), await post("b", later(seconds=1))) == (2, 1)


async def test_new_names_from_one_address_are_refused_kindly_once(run_service, chat_post):
    async with run_service("http://127.0.0.1:9", ip_per_minute=2) as app:
        answers = [await chat_post(app.state.url, f"hello {n}", "de") for n in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 429, 429]
    assert {answer.headers["retry-after"] for answer in answers[2:]} == {"60"}
    kindly, silent = (answer.json()["error"]["message"] for answer in answers[2:])
    assert "warten Sie eine Minute" in kindly
    assert silent == ""
