"""Telegram: its updates, its calls, its refusals."""

import json
import time

import pytest

from integrations.messages import SHARE_PHONE, Button, Image, Link, OutboundMessage
from integrations.rendering import render
from kit.errors import BadWebhook, Blocked, RateLimited, Rejected, Unavailable
from tests.integrations.channels.reading import NUMBER, PUBLIC_URL, raw, read, reader
from tests.support.providers.shoppers import TelegramShopper

SLUG = "telegram"


@pytest.fixture
def ana():
    return TelegramShopper(PUBLIC_URL, NUMBER)


def test_start_is_a_greeting(ana):
    for text in ("/start", "/start order1001"):
        [message] = read(reader(SLUG), ana.says(text))
        assert (message.text, message.display) == ("hello", "/start")


def test_ones_own_contact_proves_the_phone(ana):
    [message] = read(reader(SLUG), ana.shares_phone())
    assert (message.kind, message.text, message.proved_phone) == ("text", NUMBER, NUMBER)


@pytest.mark.parametrize(
    "changed",
    [
        {"user_id": 1},
        {"user_id": None},
        {"phone_number": "12125550147x"},
        {"phone_number": "+"},
    ],
)
def test_no_other_contact_proves_anything(ana, changed):
    contact = {"phone_number": "12125550147", "first_name": "Eve", "user_id": ana.id} | changed
    contact = {name: value for name, value in contact.items() if value is not None}
    [message] = read(reader(SLUG), ana.message({"contact": contact}))
    assert (message.kind, message.proved_phone) == ("contacts", None)


def test_a_contact_sent_on_proves_nothing(ana):
    contact = {"phone_number": "12125550147", "first_name": "Ana", "user_id": ana.id}
    origin = {"type": "user", "date": 1_700_000_000, "sender_user": ana.user}
    [message] = read(reader(SLUG), ana.message({"contact": contact, "forward_origin": origin}))
    assert message.proved_phone is None


def test_an_edit_names_what_it_replaces(ana):
    post = ana.message({"message_id": 17, "text": "order 1001"})
    [first] = read(reader(SLUG), post)
    now = int(time.time())
    edit = {"message_id": 17, "text": "order 1002", "edit_date": now}
    [second] = read(reader(SLUG), ana.message(edit, what="edited_message"))
    assert second.edits == first.external_id
    assert second.external_id == f"{first.external_id}:edit:{now}"


def test_blocking_and_coming_back(ana):
    def member(status):
        bot = {"id": 123456, "is_bot": True, "first_name": "Shop"}
        more = {"until_date": 0} if status == "kicked" else {}
        return {"user": bot, "status": status, **more}

    def change(was, now):
        about = {"chat": ana.chat, "from": ana.user, "date": 1_795_000_000}
        states = {"old_chat_member": member(was), "new_chat_member": member(now)}
        return ana.update({"my_chat_member": about | states})

    [blocked] = read(reader(SLUG), change("member", "kicked"))
    assert (blocked.kind, blocked.address) == ("blocked", ana.address)
    [back] = read(reader(SLUG), change("kicked", "member"))
    assert back.kind == "started"


KINDS = [
    (
        {"location": {"latitude": 52.5, "longitude": 13.4}},
        "location",
        "Location: (52.50000, 13.40000)",
    ),
    (
        {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1}
            | {"height": 1, "is_animated": False, "is_video": False, "emoji": "👍"}},
        "reaction",
        "(a sticker) 👍",
    ),
    ({"dice": {"emoji": "🎲", "value": 3}}, "unsupported", "(a message this chat cannot read)"),
    (
        {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3, "mime_type": "audio/ogg"}},
        "media",
        "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "text"), KINDS)
def test_every_kind_of_message(ana, content, kind, text):
    [message] = read(reader(SLUG), ana.message(content))
    assert (message.kind, message.text) == (kind, text)


def test_the_largest_size_of_a_picture_is_taken(ana):
    [message] = read(reader(SLUG), ana.sends_picture("…"))
    assert [file.reference for file in message.attachments] == ["picture"]


def test_a_reaction(ana):
    emoji = {"type": "emoji", "emoji": "❤"}
    about = {"chat": ana.chat, "message_id": 5, "user": ana.user, "date": 1_795_000_000}
    post = ana.update({"message_reaction": about | {"old_reaction": [], "new_reaction": [emoji]}})
    [message] = read(reader(SLUG), post)
    assert (message.kind, message.text) == ("reaction", "❤")


def test_only_private_chats_and_people(ana):
    group = {"id": -100, "type": "group", "title": "Friends"}
    robot = {"id": 5, "is_bot": True, "first_name": "R"}
    for content in ({"chat": group, "text": "hi"}, {"from": robot, "text": "hi"}):
        assert read(reader(SLUG), ana.message(content)) == []
    pinned = {"message_id": 1, "date": 1_795_000_000, "chat": ana.chat, "text": "x"}
    assert read(reader(SLUG), ana.message({"pinned_message": pinned})) == []
    channel = {"message_id": 1, "date": 1_795_000_000, "chat": group, "text": "news"}
    assert read(reader(SLUG), ana.update({"channel_post": channel})) == []


async def test_sends_text_options_links_and_pictures(make, providers, ana):
    channel = make(SLUG)
    sent = await channel.send(OutboundMessage(ana.address, "<b>_not_ markup</b> & *so*"))
    options = (Button("Yes", "/affirm"), Button("No", "/deny"))
    link = Link("Track it", "https://shop.example/t")
    await channel.send(OutboundMessage(ana.address, "Which?", buttons=options, link=link))
    picture = Image("https://shop.example/a.png", "A tent")
    await channel.send(OutboundMessage(ana.address, "Look", image=picture))
    plain, chosen, shown = providers.asked
    assert (plain.what, plain.content) == (
        "sendMessage",
        {"chat_id": ana.address, "text": "<b>_not_ markup</b> & *so*"},
    )
    assert sent == providers.sent[0].id
    assert providers.sent[1].buttons == (("Yes", "/affirm"), ("No", "/deny"), ("Track it", None))
    assert (shown.what, shown.content["caption"]) == ("sendPhoto", "Look")
    assert chosen.content["text"] == "Which?"


async def test_one_touch_shares_the_phone(make, providers, ana):
    channel = make(SLUG)
    asked = OutboundMessage(ana.address, "Whose?", buttons=(Button("Share my phone", SHARE_PHONE),))
    [message] = render(asked, channel.manifest)
    await channel.send(message)
    markup = json.loads(providers.asked[0].content["reply_markup"])
    assert markup["keyboard"] == [[{"text": "Share my phone", "request_contact": True}]]
    assert markup["one_time_keyboard"]
    assert providers.sent[0].asks_phone == "Share my phone"


async def test_tells_telegram_where_to_post(make, providers):
    channel = make(SLUG)
    await channel.connect(f"{PUBLIC_URL}/channels/telegram")
    [asked] = providers.asked
    secret = asked.content["secret_token"]
    assert asked.what == "setWebhook"
    assert asked.content["url"] == f"{PUBLIC_URL}/channels/telegram"
    channel.verify(raw(TelegramShopper(PUBLIC_URL, NUMBER).says("hi")))  # the very secret
    assert "telegram-bot-token" not in secret


async def test_a_pressed_button_stops_turning_and_a_message_is_typed_to(make, providers, ana):
    channel = make(SLUG)
    [pressed] = read(channel, ana.presses("Yes", "/affirm"))
    [said] = read(channel, ana.says("hello"))
    await channel.mark_read(pressed.external_id)
    await channel.mark_read(said.external_id)
    assert [asked.what for asked in providers.asked] == ["answerCallbackQuery", "sendChatAction"]
    assert providers.asked[1].content == {"chat_id": ana.address, "action": "typing"}


async def test_polling_confirms_what_was_stored_and_nothing_else(make, providers, ana):
    channel = make(SLUG, TELEGRAM_POLLING="1")
    assert channel.polling
    assert not make(SLUG).polling
    odd = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": ana.chat, "text": "x"}}
    texts = ("one", "two", "three")
    providers.updates += [odd, *(json.loads(ana.says(text).body) for text in texts)]
    stored, tries = [], []

    async def store(event):
        tries.append(event.text)
        if tries == ["one", "two"]:
            raise ConnectionError("the database is away")
        stored.append(event.text)

    with pytest.raises(ConnectionError):
        await channel.poll(store)
    await channel.poll(store)
    await channel.poll(store)
    assert stored == ["one", "two", "three"]
    assert [asked.what for asked in providers.asked] == ["deleteWebhook", *["getUpdates"] * 3]
    ids = [update["update_id"] for update in providers.updates]
    assert [asked.content.get("offset", "0") for asked in providers.asked[1:]] == [
        "0",
        str(ids[1] + 1),
        str(ids[3] + 1),
    ]


@pytest.mark.parametrize(
    ("status", "sentence", "error"),
    [
        (403, "Forbidden: bot was blocked by the user", Blocked),
        (403, "Forbidden: user is deactivated", Rejected),
        (403, "Forbidden: something new", Rejected),
        (400, "Bad Request: chat not found", Rejected),
        (400, "Bad Request: something new", Rejected),
        (401, "Unauthorized", Rejected),
        (429, "Too Many Requests: retry after 7", RateLimited),
        (502, "Bad Gateway", Unavailable),
    ],
)
async def test_each_refusal_has_its_name(make, providers, ana, status, sentence, error):
    body = {"ok": False, "error_code": status, "description": sentence}
    wait = {"parameters": {"retry_after": 7}} if status == 429 else {}
    providers.answers.append((status, body | wait, {}))
    with pytest.raises(error) as refused:
        await make(SLUG).send(OutboundMessage(ana.address, "Hello"))
    assert type(refused.value) is error
    assert "telegram-bot-token" not in refused.value.message
    if status == 429:
        assert refused.value.retry_after == 7


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"ok": true, "result": []}', b""])
async def test_an_unreadable_answer_is_no_success(make, providers, ana, body):
    providers.answers.append((200, body, {}))
    with pytest.raises(Rejected):
        await make(SLUG).send(OutboundMessage(ana.address, "Hello"))


async def test_a_dead_line_is_tried_again_and_names_no_token(make, ana):
    channel = make(SLUG, TELEGRAM_API_URL="http://127.0.0.1:9")
    with pytest.raises(Unavailable) as refused:
        await channel.send(OutboundMessage(ana.address, "Hello"))
    assert "telegram-bot-token" not in refused.value.message


def test_a_body_that_is_no_update_is_refused(ana):
    for body in (b"", b"[]", b"{}", b'{"update_id": true}', b"[" * 100_000):
        with pytest.raises(BadWebhook):
            reader(SLUG).parse(raw(ana.says("x"), body=body), now=None)
