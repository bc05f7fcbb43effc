"""Whatever is to be said, rendered for a channel, is a request its provider takes."""

import asyncio
import json
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.messages import SHARE_PHONE, Button, Image, Link, OutboundMessage, Row, Template
from integrations.rendering import render
from service.channels import make_channel, manifest_of
from tests.support.providers.requests import (
    problems_of_meta,
    problems_of_telegram,
    problems_of_twilio,
)
from tests.support.providers.shoppers import SETTINGS, SLUGS

ADDRESSES = {"telegram": "7000000001"}
WORDS = st.text(
    st.sampled_from("abc XYZ.!?\n€{}ñé😀👩‍👩‍👧שלום中文́"), min_size=1, max_size=12
).filter(str.strip)
LONG = st.builds(lambda word, n: (word + " ") * n, WORDS, st.integers(1, 900)).filter(str.strip)
ROWS = st.lists(
    st.builds(Row, WORDS, st.from_regex(r"/[a-z]{1,30}", fullmatch=True), st.just("") | WORDS),
    max_size=14,
    unique_by=lambda row: row.payload,
)
MESSAGES = st.builds(
    OutboundMessage,
    address=st.just("+12125550147"),
    text=LONG,
    buttons=ROWS.map(lambda rows: tuple(Button(r.title, r.payload) for r in rows))
    | WORDS.map(lambda title: (Button(title, SHARE_PHONE),)),
    image=st.none() | st.builds(Image, st.just("https://shop.example/a.png"), WORDS),
    link=st.none() | st.builds(Link, WORDS, st.just("https://shop.example/track")),
) | st.builds(
    OutboundMessage, address=st.just("+12125550147"), text=LONG, rows=ROWS.map(tuple)
)  # fmt: skip


def answered(slug, said):
    """What the provider answers; ``said`` collects what is wrong with each request."""

    def answer(request):
        if slug == "whatsapp_cloud":
            said.extend(problems_of_meta(json.loads(request.content)))
            return httpx.Response(200, json={"messages": [{"id": "wamid.1"}]})
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        if slug == "telegram":
            said.extend(problems_of_telegram(request.url.path.rpartition("/")[2], form))
            sent = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}
            return httpx.Response(200, json={"ok": True, "result": sent})
        said.extend(problems_of_twilio(form))
        return httpx.Response(201, json={"sid": "SM1"})

    return answer


async def send(slug, message):
    """Send all parts of a message; gives what the provider would find wrong."""
    said = []
    transport = httpx.MockTransport(answered(slug, said))
    async with httpx.AsyncClient(transport=transport) as http:
        channel = make_channel(slug, http, SETTINGS)
        for part in render(message, manifest_of(slug)):
            await channel.send(part)
    return said


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=60, deadline=None)
@given(message=MESSAGES)
def test_anything_said_is_a_request_the_provider_takes(slug, message):
    address = ADDRESSES.get(slug, message.address)
    message = OutboundMessage(
        address=address,
        text=message.text,
        buttons=message.buttons,
        rows=message.rows,
        image=message.image,
        link=message.link,
    )
    assert asyncio.run(send(slug, message)) == []


@pytest.mark.parametrize(
    ("slug", "name"), [("whatsapp_cloud", "order_sent"), ("twilio_whatsapp", f"HX{'0' * 32}")]
)
async def test_a_template_is_a_request_the_provider_takes(slug, name):
    template = Template(name, "en_GB", ("Ana", "1001"))
    assert await send(slug, OutboundMessage("+12125550147", "sent", template=template)) == []


def test_what_the_providers_would_refuse_is_found():
    """The check itself can fail, or the tests above would pass for the wrong reason."""
    assert list(problems_of_twilio({"To": "12", "Body": "x" * 1601, "Boddy": "x"}))
    assert list(problems_of_twilio({"To": "+12125550147", "From": "+12125550100"}))
    assert list(problems_of_telegram("sendMessage", {"chat_id": "1", "text": "😀" * 2049}))
    assert list(problems_of_telegram("sendMessage", {"chat_id": "x", "text": "x"}))
    assert list(problems_of_telegram("sendMessage", {"text": "x"}))
    assert list(problems_of_telegram("sendGift", {}))
    button = {"text": "x", "callback_data": "é" * 33}
    keyboard = json.dumps({"inline_keyboard": [[button]]})
    form = {"chat_id": "1", "text": "x", "reply_markup": keyboard}
    assert list(problems_of_telegram("sendMessage", form))
    keyboard = json.dumps({"keyboard": [[{"text": "x", "request_contact": 1}]]})
    assert list(problems_of_telegram("sendMessage", form | {"reply_markup": keyboard}))
    text = {"messaging_product": "whatsapp", "to": "12125550147", "type": "text"}
    assert not list(problems_of_meta(text | {"text": {"body": "é" * 4096}}))
    assert list(problems_of_meta(text | {"text": {"body": "é" * 4097}}))
    assert list(problems_of_meta(text | {"text": {"body": ""}}))
    four = [{"type": "reply", "reply": {"id": str(n), "title": "x" * 21}} for n in range(4)]
    interactive = {"type": "button", "body": {"text": "x"}, "action": {"buttons": four}}
    assert list(problems_of_meta(text | {"type": "interactive", "interactive": interactive}))
