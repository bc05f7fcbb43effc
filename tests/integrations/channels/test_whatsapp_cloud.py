"""WhatsApp's Cloud API: its kinds of messages, its limits, its codes."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from integrations.messages import (
    Button,
    Image,
    OutboundMessage,
    RawRequest,
    Row,
    Template,
)
from kit.errors import BadWebhook, Blocked, RateLimited, Rejected, Unavailable
from tests.integrations.channels.reading import NUMBER, PUBLIC_URL, read, reader
from tests.support.providers.shoppers import MetaShopper

SLUG = "whatsapp_cloud"


def ana(**more):
    return MetaShopper(PUBLIC_URL, NUMBER, **more)


def one(content):
    [event] = read(reader(SLUG), ana().message(content))
    return event


def test_the_signature_is_over_the_raw_bytes():
    """As Meta says how to make it: HMAC-SHA256 with the app's secret, in hex, over what came."""
    body = b'{"object": "whatsapp_business_account",\n "entry": [] , "text": "\\u00e9 <>&"}'
    digest = hmac.new(b"meta-app-secret", body, hashlib.sha256).hexdigest()
    request = RawRequest(PUBLIC_URL, {"x-hub-signature-256": f"sha256={digest}"}, body)
    reader(SLUG).verify(request)
    for headers in (
        {"x-hub-signature-256": digest},
        {"x-hub-signature-256": f"sha1={digest}"},
        {"x-hub-signature": f"sha256={digest}"},
    ):
        with pytest.raises(BadWebhook):
            reader(SLUG).verify(RawRequest(PUBLIC_URL, headers, body))


def test_the_challenge_is_answered_to_meta_alone():
    asked = f"{PUBLIC_URL}/channels/{SLUG}?hub.mode=subscribe&hub.challenge=1158201444"
    answer = reader(SLUG).challenge(RawRequest(f"{asked}&hub.verify_token=meta-verify-token", {}))
    assert (answer.status, answer.body, answer.media_type) == (200, "1158201444", "text/plain")
    for wrong in (asked, f"{asked}&hub.verify_token=x", f"{asked}&hub.verify_token=%ff"):
        with pytest.raises(BadWebhook):
            reader(SLUG).challenge(RawRequest(wrong, {}))


KINDS = [
    (
        {
            "type": "interactive",
            "interactive": {
                "type": "list_reply",
                "list_reply": {"id": "/refund_status", "title": "My refund", "description": "…"},
            },
        },
        ("text", "/refund_status", "My refund"),
    ),
    (
        {"type": "button", "button": {"payload": "/human", "text": "Human"}},
        ("text", "/human", "Human"),
    ),
    (
        {
            "type": "location",
            "location": {"latitude": 52.5, "longitude": 13.4, "name": "Home", "address": "A 1"},
        },
        ("location", "Location: Home, A 1 (52.5, 13.4)", None),
    ),
    (
        {
            "type": "contacts",
            "contacts": [
                {"name": {"formatted_name": "Ben"}, "phones": [{"phone": "+1 212 555 0108"}]}
            ],
        },
        ("contacts", "Contact: Ben +1 212 555 0108", None),
    ),
    (
        {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}},
        ("reaction", "👍", None),
    ),
    (
        {"type": "reaction", "reaction": {"message_id": "wamid.1"}},
        ("reaction", "(took a reaction back)", None),
    ),
    ({"type": "sticker", "sticker": {"id": "1"}}, ("reaction", "(a sticker)", None)),
    (
        {"type": "order", "order": {"catalog_id": "1", "product_items": [{}, {}]}},
        ("unsupported", "(an order of 2 items from the catalogue)", None),
    ),
    (
        {"type": "unsupported", "errors": [{"code": 131051, "title": "…"}]},
        ("unsupported", "(a message WhatsApp does not pass on)", None),
    ),
    (
        {"type": "newer_than_we_know", "newer_than_we_know": {}},
        ("unsupported", "(a message WhatsApp does not pass on)", None),
    ),
]


@pytest.mark.parametrize(("content", "said"), KINDS)
def test_every_kind_of_message(content, said):
    message = one(content)
    assert (message.kind, message.text, message.display) == said
    assert (message.address, message.proved_phone) == (NUMBER, NUMBER)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document"])
def test_files(kind):
    message = one({"type": kind, kind: {"id": "9", "mime_type": "a/b", "filename": "x.pdf"}})
    [file] = message.attachments
    assert (file.reference, file.content_type, file.name) == ("9", "a/b", "x.pdf")


def test_a_hidden_number_proves_nothing():
    """People with a user name may hide their number: Meta then names them its own way.

    Source: https://developers.facebook.com/documentation/business-messaging/whatsapp, the page
    "Business-scoped user IDs".
    """
    hidden = {"type": "text", "text": {"body": "hi"}, "from": None}
    person = {"profile": {"name": "Ana", "username": "ana"}, "user_id": "US.17"}
    inside = one(hidden | {"from_user_id": "US.17"})
    [beside] = read(reader(SLUG), ana().message(hidden, contacts=[person]))
    for message in (inside, beside):
        assert (message.address, message.proved_phone) == ("US.17", None)
    nobody = ana().message(hidden)
    with pytest.raises(BadWebhook, match="a sender"):
        read(reader(SLUG), nobody)


def test_a_changed_number_is_nothing_said():
    content = {"type": "system", "system": {"type": "user_changed_number", "wa_id": "12125550148"}}
    assert read(reader(SLUG), ana().message(content)) == []


def test_another_numbers_messages_are_not_ours():
    assert read(reader(SLUG), ana(phone_number_id="999").says("hello")) == []


STATUSES = [
    ("sent", None, ("sent", "", False, False)),
    ("delivered", None, ("delivered", "", False, False)),
    ("read", None, ("read", "", False, False)),
    ("failed", 131047, ("failed", "131047", False, False)),
    ("failed", 131050, ("failed", "131050", False, True)),
    ("failed", 130429, ("failed", "130429", True, False)),
    ("failed", 131056, ("failed", "131056", True, False)),
    ("failed", 131000, ("failed", "131000", True, False)),
    ("failed", 999999, ("failed", "999999", False, False)),
]


@pytest.mark.parametrize(("state", "code", "said"), STATUSES)
def test_a_status(state, code, said):
    errors = {"errors": [{"code": code, "title": "…"}]} if code else {}
    [report] = read(reader(SLUG), ana().reports("wamid.1", state, timestamp="1763856000", **errors))
    assert (report.state, report.code, report.retryable, report.blocked) == said
    assert report.at == datetime(2025, 11, 23, tzinfo=UTC)
    assert bool(report.words) == (state == "failed")


async def test_sends_text_options_pictures_and_templates(make, providers):
    channel = make(SLUG)
    buttons = tuple(Button(f"Option {n}", f"/o{n}") for n in range(3))
    rows = tuple(Row(f"Row {n}", f"/r{n}", "what it is") for n in range(10))
    sent = await channel.send(OutboundMessage(NUMBER, "Hello https://shop.example"))
    await channel.send(OutboundMessage(NUMBER, "Which?", buttons=buttons))
    await channel.send(OutboundMessage(NUMBER, "Which?", rows=rows, list_title="Choose"))
    await channel.send(OutboundMessage(NUMBER, "", image=Image("https://shop.example/a.png", "A")))
    await channel.send(OutboundMessage(NUMBER, "", template=Template("order_sent", "de", ("1",))))
    await channel.send(OutboundMessage("US.17", "Hello"))
    assert sent == providers.sent[0].id
    text, chosen, listed, picture, template, hidden = [a.content for a in providers.asked]
    assert text["to"] == NUMBER.removeprefix("+")
    assert providers.sent[1].buttons == tuple((b.title, b.payload) for b in buttons)
    assert listed["interactive"]["action"]["sections"][0]["rows"][9]["description"] == "what it is"
    assert picture["image"] == {"link": "https://shop.example/a.png"}
    assert template["template"]["language"] == {"code": "de"}
    assert template["template"]["components"][0]["parameters"] == [{"type": "text", "text": "1"}]
    assert (hidden["recipient"], "to" in hidden) == ("US.17", False)
    assert chosen["interactive"]["type"] == "button"
    assert providers.asked[0].headers["authorization"] == "Bearer meta-access-token"


async def test_marks_read_and_types(make, providers):
    await make(SLUG).mark_read("wamid.1")
    [asked] = providers.asked
    assert asked.content == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.1",
        "typing_indicator": {"type": "text"},
    }


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 4, RateLimited),
        (400, 80007, RateLimited),
        (429, 130429, RateLimited),
        (400, 131048, RateLimited),
        (400, 131056, RateLimited),
        (400, 131047, Rejected),
        (400, 130403, Blocked),
        (401, 190, Rejected),
        (500, 131000, Unavailable),
        (503, 2, Unavailable),
        (400, 777777, Rejected),
    ],
)
async def test_each_refusal_has_its_name(make, providers, status, code, error):
    body = {"error": {"message": f"to {NUMBER}", "type": "OAuthException", "code": code}}
    providers.answers.append((status, body, {}))
    with pytest.raises(error) as refused:
        await make(SLUG).send(OutboundMessage(NUMBER, "Hello"))
    assert type(refused.value) is error
    assert NUMBER not in refused.value.message


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (502, b"<html>", Unavailable),
        (500, b"<html>", Unavailable),
        (200, b"{}", Rejected),
        (200, b"[]", Rejected),
        (400, b'{"error": "x"}', Rejected),
        (200, b"", Rejected),
    ],
)
async def test_an_unreadable_answer_is_no_success(make, providers, status, body, error):
    providers.answers.append((status, body, {}))
    with pytest.raises(error):
        await make(SLUG).send(OutboundMessage(NUMBER, "Hello"))
