"""The whole service beside a help desk over HTTP, and without the built-in inbox."""

import asyncio

import httpx
import pytest

from kit.errors import Misconfigured
from tests.support.chat import Chat
from tests.support.helpdesks import REPLAYS
from tests.support.serving import serve


async def said_by(shopper, author, text):
    async with asyncio.timeout(30):
        async for event, data in shopper.events():
            if event == "message" and data["author"] == author and text in data["text"]:
                return


async def test_people_work_at_the_help_desk_alone(run_service, rasa, monkeypatch):
    desk = REPLAYS["freshdesk"]()
    rasa.answers["I want a person"] = []  # an empty answer means a person
    async with serve(desk.app()) as there, serve(rasa.app()) as rasa_url:
        for name, value in (desk.settings | {"FRESHDESK_URL": there}).items():
            monkeypatch.setenv(name, value)
        async with run_service(rasa_url, inbox=False) as app:
            url = app.state.url
            shopper = Chat(url)
            await shopper.say("I want a person")
            await desk.until(lambda: desk.tickets)
            [ticket] = desk.tickets
            asked = len(rasa.seen)
            await shopper.say("anybody?")
            await desk.until(lambda: ("shopper", "anybody?") in desk.words(ticket))
            async with httpx.AsyncClient(base_url=url) as http:
                hook = f"/helpdesks/webhooks/{desk.slug}"
                headers, body = desk.reply(ticket, "Ana here.")
                assert (await http.post(hook, headers=headers, content=body)).status_code == 204
                await said_by(shopper, "agent", "Ana here.")
                assert len(rasa.seen) == asked  # the bot is silent
                headers, body = desk.set(ticket, "closed")
                await http.post(hook, headers=headers, content=body)
                await said_by(shopper, "system", "closed this conversation")
                assert (await http.get("/inbox/")).status_code == 404
            assert await shopper.say("hello bot") == ["You said: hello bot"]


@pytest.mark.parametrize("both", [True, False])
async def test_settings_that_leave_a_case_with_two_help_desks_or_nobody(
    run_service, monkeypatch, both
):
    if both:
        for slug in ("zendesk", "gorgias"):
            for name, value in REPLAYS[slug].settings.items():
                monkeypatch.setenv(name, value)
    with pytest.raises((Misconfigured, RuntimeError)):
        async with run_service("http://127.0.0.1:1", inbox=both):
            pass
