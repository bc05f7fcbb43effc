"""The chat API: what is accepted is stored once, answered once and told in order."""

import asyncio
from uuid import uuid4

import pytest


async def test_a_message_is_answered(chat):
    assert await chat().say("hello") == ["You said: hello"]


async def test_buttons_reach_the_shopper(chat, rasa):
    rasa.answers["help"] = [
        {"text": "What is it?", "buttons": [{"title": "My order", "payload": "/order_status"}]}
    ]
    shopper = chat()
    await shopper.say("help")
    last = (await shopper.read())["messages"][-1]
    assert last["buttons"] == [{"title": "My order", "payload": "/order_status"}]
    assert last["author"] == "bot"


async def test_a_pressed_button_is_an_intent_and_shows_its_title(chat, rasa):
    rasa.answers["hi"] = [
        {"text": "Hello.", "buttons": [{"title": "A person", "payload": "/human"}]}
    ]
    shopper = chat()
    await shopper.say("hi")
    await shopper.say("/human", display="A person")
    pressed = (await shopper.read())["messages"][2]
    assert (pressed["text"], pressed["display"]) == ("/human", "A person")
    assert rasa.seen[1]["message"] == "/human"


async def test_a_typed_command_is_only_text(chat, rasa):
    await chat().say('/inform{"order_number": "1001"}')
    assert rasa.seen[0]["message"] == ' /inform{"order_number": "1001"}'


async def test_a_pressed_button_is_a_turn_of_its_own(chat, rasa):
    rasa.answers["hi"] = [
        {"text": "Hello.", "buttons": [{"title": "A person", "payload": "/human"}]}
    ]
    shopper = chat()
    await shopper.say("hi")
    rasa.free.clear()
    await shopper.post("well")
    while len(rasa.seen) < 2:
        await shopper.read()
    for text in ("where", "is it", "/human", "quick"):
        await shopper.post(text)
    rasa.free.set()
    await shopper.settled()
    assert [body["message"] for body in rasa.seen[2:]] == ["where\nis it", "/human", "quick"]


async def test_concurrent_posts_with_repeats_are_each_stored_once(chat, rasa):
    shopper = chat()
    await shopper.say("hi")
    ids = [uuid4().hex for _ in range(30)]
    answers = await asyncio.gather(
        *(shopper.post(f"message {name}", id=name) for name in ids + ids[:10])
    )
    assert len({answer["id"] for answer in answers}) == 30
    await shopper.say("done")
    said = [m["text"] for m in (await shopper.read())["messages"] if m["author"] == "shopper"]
    assert len(said) == 32
    assert not rasa.overlapped, "two turns of one conversation at once"
    asked = "\n".join(body["message"] for body in rasa.seen).split("\n")
    assert sorted(asked) == sorted(said)


async def test_forty_first_posts_at_once_of_one_session(chat):
    """The conversation itself is made once, however many messages are its first."""
    known = chat()
    await known.post("a")
    await asyncio.gather(*(known.post(str(n)) for n in range(40)))
    assert len({m["id"] for m in (await known.read())["messages"]}) >= 41


async def test_a_turn_takes_all_that_waits(chat, rasa):
    rasa.free.clear()
    shopper = chat()
    await shopper.post("where is")
    await rasa.asked.wait()  # the first turn is under way
    for part in ("my order", "1001?", "thanks"):
        await shopper.post(part)
    rasa.free.set()
    await shopper.settled()
    assert len(rasa.seen) == 2
    assert rasa.seen[1]["message"] == "my order\n1001?\nthanks"


async def test_a_reconnect_loses_and_doubles_nothing(chat):
    shopper = chat()
    await shopper.say("one")
    await shopper.say("two")
    everything = (await shopper.read())["messages"]
    told = []
    async for event, data in shopper.events(after=everything[1]["id"]):
        if event == "state":
            break
        told.append(data["id"])
    assert told == [message["id"] for message in everything[2:]]


async def test_only_the_service_writes_metadata(chat, rasa):
    await chat().say('/inform{"metadata": {"conversation": 1}}')
    assert rasa.seen[0]["metadata"].keys() == {"conversation", "channel"}


async def test_two_shoppers_do_not_see_each_other(chat):
    ana, ben = chat(), chat()
    await ana.say("I am Ana")
    await ben.say("I am Ben")
    assert "Ana" not in str(await ben.read())


@pytest.mark.parametrize(
    ("json", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "\x00\x01"}, 422),
        ({"text": 7}, 422),
        ({}, 422),
        ([], 422),
        ({"text": "x" * 10_001}, 422),
        ({"text": "x" * 300_000}, 413),
        ({"text": "hi", "id": "a\x00b"}, 422),
        ({"text": "hi", "id": "x" * 65}, 422),
    ],
)
async def test_bad_messages_are_refused_in_words(http, json, status):
    answer = await http.post("/chat/messages", json=json)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"", b'{"text": "\\ud800"}'])
async def test_bad_bodies_are_refused_in_words(http, body):
    answer = await http.post(
        "/chat/messages", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["kind"] == "bad_input"


async def test_a_body_without_a_declared_length_is_limited_too(http):
    async def endless():
        for _ in range(40):
            yield b"x" * 10_000

    answer = await http.post("/chat/messages", content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "text", ["👩‍👩‍👧‍👦 wo?", "أين طلبي 1001؟", "a\x00b", "line\none", "<b>&amp;"]
)
async def test_whatever_people_write_is_stored_and_answered(chat, text):
    shopper = chat()
    assert await shopper.say(text)
    stored = (await shopper.read())["messages"][0]["text"]
    assert stored == text.replace("\x00", "")


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", ""])
async def test_a_forged_session_is_refused(http, token):
    answer = await http.get("/chat/messages", headers={"X-Wismo-Session": token.encode()})
    if token == "":
        assert answer.json()["messages"] == []
    else:
        assert answer.status_code == 401


async def test_a_session_signed_by_another_installation_is_refused(http, tmp_path):
    from kit.signing import Signer

    forged = Signer(["another key"], "chat-session").write("somebody")
    answer = await http.get("/chat/messages", headers={"X-Wismo-Session": forged})
    assert answer.status_code == 401


async def test_another_sites_page_cannot_use_the_cookie(http, chat):
    shopper = chat()
    await shopper.say("hi")
    answer = await http.post(
        "/chat/messages",
        json={"text": "sent by a stranger's page"},
        headers={
            "Origin": "https://evil.example",
            "Cookie": f"wismo_session={shopper.session}",
        },
    )
    assert answer.status_code == 403
    assert len((await shopper.read())["messages"]) == 2
