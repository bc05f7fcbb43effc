"""What is let in, what is acted on at once, and what is kept without an answer."""

import pytest
from sqlalchemy import select, text

from integrations.messages import Attachment, Kind, Signal, SignalKind
from integrations.sms import segments
from service.attachments.models import Attachment as Kept
from service.consent.models import ConsentRequest
from service.consent.service import may_send
from service.conversations.models import Purpose
from service.conversations.texts import CATALOGUE
from tests.service.conversations.conftest import NOW, NUMBER, later


async def waiting(sessions, task):
    async with sessions() as session:
        jobs = await session.execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = :t"), {"t": task}
        )
        return [row.args for row in jobs]


async def ledger(sessions):
    async with sessions() as session:
        rows = await session.scalars(select(ConsentRequest).order_by(ConsentRequest.id))
        return [(row.kind, row.purpose, row.source, row.words) for row in rows]


async def test_stop_is_confirmed_once_and_then_there_is_silence_until_start(line, sessions):
    sms = line("twilio_sms")

    async def told():
        return [message.text for message in await sms.said("system")]

    async def answers():
        return len(await waiting(sessions, "answer"))

    await sms.says("cancel my order")
    assert await answers() == 1, "it has more than the keyword: the bot's business"
    await sms.says("Cancel", id="stop")
    await sms.says("Cancel", id="stop")
    assert "START" in (await told())[-1]
    await sms.says("STOP")
    assert len(await told()) == 1, "one confirmation"
    await sms.says("where is my order 1001?")
    assert (await answers(), len(await told())) == (1, 1)
    await sms.says("help", at=later(minutes=2))
    assert "STOP" in (await told())[-1]
    assert await answers() == 1
    assert all(m.answered for m in (await sms.said("shopper"))[1:])

    async with sessions() as session:
        for purpose, allowed in [("answer", False), ("update", False), ("required", True)]:
            assert await may_send(session, "twilio_sms", NUMBER, Purpose(purpose)) is allowed
        assert await may_send(session, "whatsapp_cloud", NUMBER, Purpose.UPDATE), "not asked there"

    await sms.says("start", at=later(minutes=4))
    assert "messages are on" in (await told())[-1]
    await sms.says("where is my order?", at=later(minutes=4))
    assert await answers() == 2
    assert await ledger(sessions) == [
        ("stop_messages", "answer", "keyword", "Cancel"),
        ("stop_messages", "answer", "keyword", "STOP"),
        ("start_messages", "answer", "keyword", "start"),
    ]
    async with sessions() as session:
        [number] = set(await session.scalars(select(ConsentRequest.number)))
    assert number == NUMBER


async def test_an_opt_out_holds_for_all_channels_of_a_network(line, sessions):
    await line("twilio_whatsapp").says("STOP")
    await line("whatsapp_cloud").says("hello?")
    assert await waiting(sessions, "answer") == []
    await line("twilio_sms").says("hello?")
    assert len(await waiting(sessions, "answer")) == 1


async def test_a_keyword_the_provider_confirmed_is_recorded_and_not_confirmed_again(line, sessions):
    sms = line("twilio_sms")
    await sms.says("STOP", confirmed=True)
    assert await sms.said("system") == []
    assert len(await ledger(sessions)) == 1


async def test_where_no_keyword_is_asked_for_the_bot_hears_it(line, sessions):
    await line("web", "visitor").says("stop")
    assert len(await waiting(sessions, "answer")) == 1
    assert await ledger(sessions) == []


async def test_what_a_provider_tells_of_an_address_is_in_the_ledger(line, sessions):
    chat = line("telegram", "4711")
    for kind, allowed in [(SignalKind.BLOCKED, False), (SignalKind.STARTED, True)]:
        await chat.signal(Signal("telegram", "4711", kind, NOW, words=f"member: {kind}"))
        async with sessions() as session:
            assert await may_send(session, "telegram", "4711", Purpose.ANSWER) is allowed
    assert (await ledger(sessions))[0] == (
        "stop_messages",
        "answer",
        "provider",
        "member: blocked",
    )


async def test_a_flood_is_answered_kindly_once_and_then_ignored(line, sessions):
    sms = line("twilio_sms")
    stored = [(await sms.says(f"message {n}", id=f"m{n}")).new for n in range(9)]
    assert stored == [True] * 5 + [False] * 4
    assert len(await sms.said("shopper")) == 5
    [kindly] = await sms.said("system")
    assert "wait a minute" in kindly.text
    again = await sms.says("message 2", id="m2")
    assert again.message_id is not None, "a repeat of what is stored is no new message"
    assert (await sms.says("later", at=later(seconds=61), id="later")).new
    assert (await line("twilio_sms", "+12125550143").says("somebody else")).new


@pytest.mark.parametrize(
    ("written", "stopped", "started"),
    [
        ("wo ist meine Bestellung 1001?", "keine Nachrichten mehr", "Nachrichten sind an"),
        ("dónde está mi pedido 1001?", "no le enviaremos", "mensajes activados"),
        ("je n'ai pas reçu mon colis", "plus de messages", "sont activés"),
        ("dov'è il mio ordine 1001?", "won't get any more", "messages are on"),
    ],
)
async def test_the_door_speaks_the_shopper_s_language(line, written, stopped, started):
    sms = line("twilio_sms")
    await sms.says(written)
    for keyword in ("STOP", "START", "Aide"):
        await sms.says(keyword)
    told = [message.text for message in await sms.said("system")]
    assert (len(told), stopped in told[0], started in told[1]) == (3, True, True)
    assert "pour une personne" in told[2], "a French keyword is answered in French"


def test_the_door_s_words_are_the_same_in_every_language_and_cheap_by_sms():
    assert {"en", "de", "es", "fr"} <= CATALOGUE.keys()
    for language, words in CATALOGUE.items():
        assert words.keys() == CATALOGUE["en"].keys(), language
        for name in ("too_fast", "stopped", "started", "help"):
            sent = words[name].format(shop="Northwind Outfitters")
            assert segments(sent) == 1, (language, name)
        assert all(word in words["help"] for word in ("HUMAN", "STOP", "START"))
        assert "START" in words["stopped"]


@pytest.mark.parametrize(("hours", "session"), [(23, 1), (24 * 21, 2)])
async def test_a_new_talk_starts_after_a_long_silence_and_keeps_what_was_said(line, hours, session):
    shopper = line("web", "visitor")
    await shopper.says("hello")
    await shopper.says("hello again", at=later(hours=hours))
    assert (await shopper.conversation()).session == session
    assert len(await shopper.said()) == 2


async def test_an_edit_replaces_what_is_not_answered_yet(line, sessions):
    chat = line("telegram", "4711")
    first = await chat.says("where is 1O01?", id="17")
    edit = {"edits": "17", "id": "17:edit:1"}
    changed = await chat.says("where is 1001?", **edit)
    assert (changed.message_id, changed.new) == (first.message_id, False)
    assert [m.text for m in await chat.said()] == ["where is 1001?"]
    async with sessions.begin() as session:
        await session.execute(text("UPDATE messages SET answered = true"))
    await chat.says("where is 1002?", edits="17", id="17:edit:2")
    assert [m.text for m in await chat.said()] == ["where is 1001?", "where is 1002?"]


async def test_a_reaction_is_kept_and_not_answered(line, sessions):
    await line("whatsapp_cloud").says("reacted with 👍", kind=Kind.REACTION)
    assert await waiting(sessions, "answer") == []


async def test_files_wait_to_be_fetched_by_a_job(line, sessions):
    files = tuple(Attachment(f"https://api.twilio.com/{n}", "image/png") for n in range(12))
    accepted = await line("twilio_sms").says("", kind=Kind.MEDIA, attachments=files)
    async with sessions() as session:
        kept = list(await session.scalars(select(Kept).order_by(Kept.id)))
    assert [file.reference for file in kept] == [file.reference for file in files[:10]]
    assert {(file.state, file.message_id) for file in kept} == {("waiting", accepted.message_id)}
    assert len(await waiting(sessions, "fetch_attachment")) == 10


async def test_a_phone_proved_later_is_known_from_then_on(line):
    chat = line("telegram", "4711")
    await chat.says("hello")
    assert (await chat.conversation()).proved_phone is None
    await chat.says("shared a contact", kind=Kind.CONTACTS, proved_phone=NUMBER)
    await chat.says("and now?")
    assert (await chat.conversation()).proved_phone == NUMBER
