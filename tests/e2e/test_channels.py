"""A whole conversation on each provider's channel: their webhooks in, their replayed APIs out.

The four talk at once, as shoppers do. It lies here because `up` with a trained Rasa runs here.
"""

import asyncio
import re
from dataclasses import dataclass
from operator import attrgetter
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import expect

from tests.support.providers.shoppers import SLUGS, shopper

# The shopper's number, their order, and what is true of it. Each has a network of their own, as a
# STOP holds for a number in all channels of one.
PEOPLE = {
    "twilio_sms": ("+447700900103", "1003", "out for delivery"),
    "twilio_whatsapp": ("+441632960105", "1005", "label"),
    "whatsapp_cloud": ("+12125550108", "1008", "customs"),
    "telegram": ("+441632960112", "1012", "delivered"),
}
# What the provider reports of a message that failed, and what agents read.
FAILED = {
    "twilio_sms": ({"ErrorCode": "30005"}, "no longer in service (30005)"),
    "twilio_whatsapp": ({"ErrorCode": "63024"}, "cannot get WhatsApp messages (63024)"),
    "whatsapp_cloud": ({"errors": [{"code": 131049}]}, "to spare this person (131049)"),
}

TRIES = 5


@dataclass
class Talk:
    """One shopper's side.

    Attributes:
        heard: How many messages the provider had for them at the last look.
    """

    shop: object
    person: object
    heard: int = 0

    async def post(self, post):
        """Deliver a webhook, as the provider does; gives the answer."""
        async with httpx.AsyncClient(timeout=20) as http:
            return await http.post(post.url, content=post.body, headers=post.headers)

    async def tells(self, post, *words):
        """Deliver it, and wait until the replies have all these words; gives the replies."""
        answer = await self.post(post)
        assert answer.is_success, answer.text
        return await self.told(*words)

    async def told(self, *words):
        """Wait until what is new has all these words; gives it."""

        def all_said(messages):
            new = "\n".join(message.text for message in messages[self.heard :])
            return all(re.search(word, new, re.IGNORECASE) for word in words)

        address = self.person.address
        said = await asyncio.to_thread(self.shop.providers.wait, address, all_said)
        new, self.heard = said[self.heard :], len(said)
        return new

    async def says(self, text, *words):
        return await self.tells(self.person.says(text), *words)

    async def asks(self, text, word):
        """Ask until it is said: on a busy machine the carrier's answer may come after the bot's."""
        for _ in range(TRIES):
            said = await self.says(text, f"{word}|ask me again")
            if any(re.search(word, message.text, re.IGNORECASE) for message in said):
                return said
        raise AssertionError(f"{self.person.address} was never told {word}")


@pytest.fixture
async def agent(shop):
    """The shop's agent, signed in, without a browser."""
    async with httpx.AsyncClient(base_url=shop.url, timeout=20) as http:
        page = await http.get("/inbox/sign-in")
        form = {"csrf": token(page), "email": shop.email, "password": shop.password}
        assert (await http.post("/inbox/sign-in", data=form)).status_code == 303
        yield http


def token(page):
    return re.search(r'name="csrf" value="([^"]+)"', page.text)[1]


async def ticket_of(agent, word):
    """The path of the case whose shopper said ``word``."""
    page = await agent.get("/inbox/")
    for path in re.findall(r'href="(/inbox/tickets/\d+)', page.text):
        if word in (await agent.get(path)).text:
            return path
    raise AssertionError(f"no case with {word}")


async def shown(agent, path, words):
    """Wait until the case's page has these words, looking at it whenever it changes."""
    async with asyncio.timeout(20), agent.stream("GET", f"{path}/events") as stream:
        async for line in stream.aiter_lines():
            if line == "event: changed" and words in (await agent.get(path)).text:
                return


async def whole_conversation(shop, agent, slug):
    number, order, state = PEOPLE[slug]
    talk = Talk(shop, shopper(slug, shop.url, number))

    # Proof: by words for somebody else's order, by the channel for one's own.
    [asked] = await talk.says("where is my order 1001?", "e-mail")
    # Where one touch shares the number, that is offered; nobody else is shown the button.
    assert asked.asks_phone == ("Share my number" if slug == "telegram" else None)
    assert "Share my number" not in asked.text
    assert asked.buttons == ()
    [*_, told] = await talk.says("ana@example.com", "on its way|ask me again")
    if slug == "telegram":
        await talk.tells(talk.person.shares_phone(), r"\w")
    await talk.asks(f"where is order {order}?", state)

    # A repeat of a webhook is the same message.
    again = talk.person.says("do you sell gift cards?")
    await talk.tells(again, "gift cards from")
    assert (await talk.post(again)).is_success

    # The agent sees it, answers, and the answer comes by the shopper's own channel.
    word = uuid4().hex[:8]
    await talk.says(f"I want to talk to a human {word}", "colleague")
    path = await ticket_of(agent, word)
    assert (await talk.post(talk.person.sends_picture(shop.providers.url))).is_success
    await shown(agent, path, "Picture from the shopper")
    answer = {"csrf": token(await agent.get(path)), "text": f"Here is Ana from the shop, {word}."}
    assert (await agent.post(f"{path}/answer", data=answer)).status_code == 303
    [reply] = await talk.told(word)
    if slug in FAILED:
        fields, why = FAILED[slug]
        assert (await talk.post(talk.person.reports(reply.id, "delivered"))).is_success
        assert (await talk.post(talk.person.reports(told.id, "failed", **fields))).is_success
        page = await agent.get(path)
        assert why in page.text
        assert page.text.count("Not delivered") == 1
    closing = {"csrf": token(await agent.get(path))}
    await agent.post(f"{path}/close", data=closing)
    await talk.told("closed")

    # Silence when it is asked for, and only then.
    if slug == "telegram":
        await talk.says("please stop sending me messages", "stop|no more|won't")
        return
    await talk.says("Stop.", "won't get any more messages", "START")
    for text in ("where is my order 1001?", "STOP"):
        assert (await talk.post(talk.person.says(text))).is_success
    [_] = await talk.says("start", "messages are on")  # nothing was said in between
    assert [m.text for m in shop.providers.to(talk.person.address)].count(reply.text) == 1


async def test_a_whole_conversation_on_every_channel(shop, agent):
    talks = (whole_conversation(shop, agent, slug) for slug in SLUGS)
    ended = await asyncio.gather(*talks, return_exceptions=True)
    assert dict(zip(SLUGS, ended, strict=True)) == dict.fromkeys(SLUGS)
    assert shop.providers.problems == []
    read = [asked for asked in shop.providers.asked if asked.content.get("status") == "read"]
    assert read, "WhatsApp shows that it was read"


async def test_a_parcel_that_moves_speaks_first_and_a_reply_is_understood(shop, agent, open_page):
    number, order, parcel = "+441632960138", "1038", "SBX00103801"
    phone, meta, telegram = (
        Talk(shop, shopper(slug, shop.url, number))
        for slug in ("twilio_sms", "whatsapp_cloud", "telegram")
    )
    await telegram.says(f"where is my order {order}?", "e-mail")
    await telegram.says("karl@example.com", "on its way|ask me again")
    async with httpx.AsyncClient(base_url=shop.url, timeout=20) as http:
        proven = await http.post("/track", data={"order": order, "proof": "karl@example.com"})
        link = proven.headers["location"]
        await http.post(f"{link}/choices", data={"email": "on", "sms": "on", "whatsapp": "on"})
        page = await open_page(f"{shop.url}{link}", size="phone")
        await expect(page.get_by_role("heading", name="On its way")).to_be_visible()
        token = (shop.var / "sandbox_token").read_text()
        for path, body in (("advance", None), ("push", {"times": 2, "order": "reversed"})):
            told = await http.post(
                f"/sandbox/parcels/{parcel}/{path}",
                json=body,
                headers={"authorization": f"Bearer {token}"},
            )
            assert told.is_success, told.text

    await expect(page.get_by_role("heading", name="Out for delivery")).to_be_visible()
    both = await phone.told("with Sandbox Parcels", "template order_out_for_delivery")
    assert [sent.provider for sent in sorted(both, key=attrgetter("provider"))] == [
        "meta",
        "twilio",
    ]
    assert any(f"{shop.url}/t/" in sent.text for sent in both)
    assert (await telegram.told("out for delivery"))[-1].text.startswith(f"Order #{order}")

    outbox = await agent.get("/inbox/outbox", params={"order": order, "kind": "email"})
    letter, *_ = re.findall(r'href="(/inbox/outbox/sending/\d+)"', outbox.text)
    async with asyncio.timeout(20):
        # The mail server tells nobody when it has caught something.
        while "the demo's mail server" not in (page := await agent.get(letter)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert "karl@example.com" in page.text
    assert f"Order #{order} is out for delivery" in page.text

    for talk in (phone, meta):
        talk.heard = len(shop.providers.to(number))
        await talk.says("where exactly?", "out for delivery", "Sandbox Parcels")
    assert shop.providers.problems == []
