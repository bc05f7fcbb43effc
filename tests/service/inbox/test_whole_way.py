"""The whole way: two shoppers, their bot, an agent in her browser, and back to the bot."""

import asyncio

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import text

from tests.browser.widget import chat, log, open_chat, send
from tests.support.providers.api import providers
from tests.support.providers.shoppers import settings, shopper
from tests.support.serving import serve

NUMBER = "+12125550147"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def replayed(monkeypatch):
    """Twilio on loopback."""
    with providers() as running:
        for name, value in settings(running.url).items():
            if name.startswith("TWILIO_"):
                monkeypatch.setenv(name, value)
        yield running
    assert running.problems == []


@pytest.fixture
async def app(replayed, run_service, rasa):
    """The whole service with its workers: the inbox's fixtures take it for theirs."""
    rasa.answers["I want a person"] = []  # an empty answer means a person
    async with serve(rasa.app()) as rasa_url, run_service(rasa_url) as running:
        yield running


@pytest.fixture
def url(app):
    return app.state.url


@pytest.fixture
def hurry(sessions):
    """Lets the seconds pass in which an answer can be undone, and wakes the workers."""

    async def pass_by():
        async with sessions.begin() as session:
            await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() "
                                       "WHERE task_name = 'send_answer'"))  # fmt: skip
            for channel in ("any_queue_v1", "queue_v1#delivery"):
                news = '{"type": "job_inserted", "job_id": 1}'
                await session.execute(
                    text("SELECT pg_notify(:channel, :news)"),
                    {"channel": f"procrastinate_{channel}", "news": news},
                )

    return pass_by


class Phone:
    """A shopper with a telephone."""

    def __init__(self, url, replayed):
        self._http = httpx.AsyncClient(base_url=url, timeout=20)
        self._provider = replayed
        self._person = shopper("twilio_sms", url, NUMBER)

    async def says(self, words):
        sent = self._person.says(words)
        answer = await self._http.post(sent.url, content=sent.body, headers=sent.headers)
        assert answer.status_code in {200, 204}

    async def hears(self, words, count):
        """That a text with these words is the ``count``-th they get, and the last so far."""
        got = await asyncio.to_thread(
            self._provider.wait, NUMBER, lambda texts: len(texts) >= count
        )
        assert len(got) == count
        assert words in got[-1].text

    async def close(self):
        await self._http.aclose()


@pytest.fixture
async def phone(url, replayed):
    made = Phone(url, replayed)
    yield made
    await made.close()


async def test_from_bot_to_agent_and_back_in_the_widget_and_by_sms(
    url, door, open_page, phone, hurry, rasa, watch
):
    await phone.says("hello bot")
    await phone.hears("You said: hello bot", 1)
    await phone.says("I want a person")
    await phone.hears("passed you to a colleague", 2)
    page = await open_page(f"{url}/demo")
    await open_chat(page)
    await send(page, "I want a person")
    await expect(log(page)).to_contain_text("passed you to a colleague")
    asked = len(rasa.seen)

    desk = await door()
    await expect(desk.locator(".tickets .ticket")).to_have_count(2)
    await answer(desk, "SMS", "Your parcel is in Leeds.", hurry)
    await phone.hears("Your parcel is in Leeds.", 3)
    await phone.says("oh good")  # read by a person; the bot is silent
    await expect(desk.locator("#transcript")).to_contain_text("oh good")
    await close(desk)
    await phone.hears("closed this conversation", 4)

    await send(page, "anybody there?")
    await expect(log(page)).to_contain_text("you are next")
    await answer(desk, "Web chat", "It comes on Monday.", hurry)
    await expect(log(page).locator(".agent .text")).to_have_text("It comes on Monday.")
    await send(page, "thank you")
    await expect(desk.locator("#transcript")).to_contain_text("thank you")
    await close(desk)
    await expect(desk.get_by_text("Nobody is waiting")).to_be_visible()
    assert len(rasa.seen) == asked

    await phone.says("4")
    await phone.hears("Thank", 5)
    await phone.says("where is order 1002?")
    await phone.hears("You said: where is order 1002?", 6)
    await chat(page).get_by_role("button", name="5 Very well").click()
    await expect(log(page)).to_contain_text("What could we have done better?")
    await send(page, "it was quick")
    await expect(log(page)).to_contain_text("that helps")
    await send(page, "where is order 1002?")
    await expect(log(page).locator(".bot .text").last).to_have_text(
        "You said: where is order 1002?"
    )

    await desk.goto(f"{url}/inbox/?queue=closed")
    await desk.get_by_role("link", name="The bot did not answer").first.click()
    await expect(desk.locator("#head")).to_contain_text("Rated 5 of 5: it was quick")


async def answer(desk, channel, words, hurry):
    """Open the case that came by a channel, and answer it."""
    await desk.locator(".ticket", has_text=channel).get_by_role("link").click()
    await desk.get_by_label("Your answer").fill(words)
    await desk.get_by_role("button", name="Send", exact=True).click()
    await expect(desk.locator(".leaving")).to_contain_text(words)
    await hurry()
    await expect(desk.locator(".leaving")).to_have_count(0)


async def close(desk):
    await desk.get_by_role("button", name="Close and give back to the bot").click()
    await expect(desk.get_by_role("navigation", name="Lists")).to_be_visible()
