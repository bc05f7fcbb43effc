"""How a message gets out: pieces, limits, windows, receipts in any order, and trying again."""

import asyncio
from datetime import timedelta
from itertools import pairwise, permutations
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import Rate
from integrations.messages import SHARE_PHONE, Button, Receipt, State, Template
from kit.errors import Blocked, RateLimited, Rejected, Unavailable
from service.channels import make_channel
from service.consent.service import may_send
from service.conversations import delivery, limits
from service.conversations.jobs import deliver
from service.conversations.models import Author, Purpose
from service.conversations.service import lock, post
from tests.service.conversations.conftest import NOW, NUMBER, later
from tests.support.providers.api import providers
from tests.support.providers.shoppers import settings

LONG = "A sentence of some length, to be cut behind its end. " * 20


class Post:
    """One message on its way out."""

    def __init__(self, sessions, channels, message_id):
        self.sessions, self.channels, self.id = sessions, channels, message_id

    async def next(self, now=NOW):
        async with self.sessions.begin() as session:
            return await delivery.next_step(session, self.channels, self.id, now=now)

    async def sent(self, step, provider_id, now=NOW):
        async with self.sessions.begin() as session:
            await delivery.sent(session, self.id, step, provider_id, now=now)

    async def failed(self, step, failure, now=NOW):
        async with self.sessions.begin() as session:
            return await delivery.failed(session, self.id, step, failure, now=now)

    async def receipt(self, channel, provider_id, state, **fields):
        async with self.sessions.begin() as session:
            await delivery.receive(session, Receipt(channel, provider_id, state, NOW, **fields))

    async def row(self):
        async with self.sessions() as session:
            return await session.get_one(delivery.Message, self.id)


@pytest.fixture
def out(line, sessions, channels):
    """Writes to a shopper who has said hello: ``await out("twilio_sms", "Hi.")``."""

    async def write(channel, text, *, address=NUMBER, **fields):
        shopper = line(channel, address)
        hello = await shopper.says("hello")
        async with sessions.begin() as session:
            conversation = await lock(session, hello.conversation_id)
            message = await post(session, conversation, Author.BOT, text, now=NOW, **fields)
        return Post(sessions, channels, message.id)

    return write


async def test_a_long_text_goes_out_in_pieces_that_are_each_sent_once(out):
    message = await out("twilio_sms", LONG)
    first = await message.next()
    assert (first.part, first.last, first.message.text[-1]) == (0, False, ".")
    again = await message.next()
    assert again.message.key == first.message.key, "killed before it was written down: the same"
    await message.sent(first, "SM1")
    second = await message.next(later(seconds=5))
    assert (second.part, second.last) == (1, True)
    assert second.message.key != first.message.key
    await message.sent(second, "SM2")
    assert (await message.row()).delivery == "sent"
    assert await message.next() is None

    await message.receipt("twilio_sms", "SM1", State.DELIVERED)
    assert (await message.row()).delivery == "sent", "as far as the piece that is least far"
    await message.receipt("twilio_sms", "SM2", State.DELIVERED)
    assert (await message.row()).delivery == "delivered"


async def test_the_number_is_asked_for_where_one_touch_gives_it_and_until_it_is_proved(out, line):
    share = (Button("Share my number", SHARE_PHONE), Button("Talk to a person", "/human"))
    chat = await out("telegram", "Whose order?", address="4711", buttons=share[:1])
    assert (await chat.next()).message.asks_phone == "Share my number"
    both = await out("telegram", "Whose order?", address="4711", buttons=share)
    step = await both.next()
    assert (step.message.asks_phone, step.message.buttons) == ("", share[1:])
    await line("telegram", "4711").says("+12125550142", id="shared", proved_phone="+12125550142")
    for channel, address in [("telegram", "4711"), ("twilio_sms", NUMBER), ("web", "visitor")]:
        message = await out(channel, "Whose order?", address=address, buttons=share[:1])
        assert (await message.row()).buttons == [], channel


async def test_a_try_that_was_cut_short_is_asked_for_before_it_is_repeated(out, channels):
    with providers() as api:
        async with httpx.AsyncClient() as http:
            channels["twilio_sms"] = make_channel("twilio_sms", http, settings(api.url))

            async def delivers(message):
                runtime = SimpleNamespace(sessions=message.sessions, channels=channels)
                await deliver(SimpleNamespace(additional_context={"runtime": runtime}), message.id)
                assert (await message.row()).delivery == "sent"

            lost = await out("twilio_sms", "It comes today.")
            taken = await channels["twilio_sms"].send((await lost.next()).message)
            await delivers(lost)  # the worker was killed before it wrote it down
            assert [sent.id for sent in api.sent] == [taken]
            await lost.receipt("twilio_sms", taken, State.DELIVERED)
            assert (await lost.row()).delivery == "delivered"
            same_words = await out("twilio_sms", "It comes today.")
            await same_words.next()  # killed before it was sent
            await delivers(same_words)
            assert len(api.sent) == 2
            assert [asked.what for asked in api.asked] == ["Messages", "Messages"]


@pytest.mark.parametrize(
    "states", list(permutations([State.SENT, State.DELIVERED, State.READ])), ids=" ".join
)
async def test_receipts_move_forward_in_whatever_order_they_come(out, states):
    message = await out("whatsapp_cloud", "Hi.")
    step = await message.next()
    await message.receipt("whatsapp_cloud", "wamid.1", states[0])  # faster than our own note
    await message.sent(step, "wamid.1")
    seen = []
    for state in states[1:]:
        await message.receipt("whatsapp_cloud", "wamid.1", state)
        seen.append((await message.row()).delivery)
    await message.receipt("whatsapp_cloud", "wamid.1", State.FAILED, words="too late")
    seen.append((await message.row()).delivery)
    assert seen[-1] == "read", "what arrived cannot fail any more"
    assert seen == sorted(seen, key=["sent", "delivered", "read"].index)


async def test_a_failure_is_final_shown_and_can_be_sent_again(out, sessions):
    message = await out("twilio_sms", LONG)
    for name in ("SM1", "SM2"):
        await message.sent(await message.next(), name)
    await message.receipt(
        "twilio_sms", "SM1", State.FAILED, code="30003", words="Unreachable.", retryable=True
    )
    await message.receipt("twilio_sms", "SM1", State.DELIVERED)
    await message.receipt("twilio_sms", "SM2", State.DELIVERED)
    row = await message.row()
    assert (row.delivery, row.error) == (
        "failed",
        "Unreachable. (30003) Sending it again may help.",
    )

    async def again():
        async with sessions.begin() as session:
            return await delivery.send_again(session, message.id)

    assert sorted(await asyncio.gather(again(), again())) == [False, True], "of two, one is heard"
    step = await message.next(later(minutes=1))
    assert (step.part, step.last) == (0, True), "only what did not arrive"
    await message.sent(step, "SM3")
    await message.receipt("twilio_sms", "SM3", State.DELIVERED)
    assert (await message.row()).delivery == "delivered"


async def test_a_shopper_who_refuses_is_left_alone(out, sessions):
    message = await out("twilio_sms", "Hi.")
    assert not await message.failed(await message.next(), Blocked("twilio", "opted out (21610)"))
    assert (await message.row()).delivery == "failed"
    async with sessions() as session:
        assert not await may_send(session, "twilio_sms", NUMBER, Purpose.ANSWER)

    other = await out("whatsapp_cloud", "Hi.")
    await other.sent(await other.next(), "wamid.9")
    await other.receipt("whatsapp_cloud", "wamid.9", State.FAILED, blocked=True)
    async with sessions() as session:
        assert not await may_send(session, "whatsapp_cloud", NUMBER, Purpose.UPDATE)
    third = await out("whatsapp_cloud", "And this?")
    assert await third.next() is None
    assert "opted out" in (await third.row()).error


async def test_what_may_pass_is_tried_ten_times_and_what_never_will_not_again(out):
    message = await out("twilio_sms", "Hi.")
    away = Unavailable("twilio", "answered 503")
    tried = 1
    while await message.failed(await message.next(), away):
        await message.failed(await message.next(), RateLimited("twilio", "slow down", 0.0))
        tried += 1
    assert tried == 10, "being told when to come again is no try"
    assert (await message.row()).error == "twilio: answered 503"

    never = await out("twilio_sms", "Hi.")
    assert not await never.failed(await never.next(), Rejected("twilio", "no such number (21211)"))
    assert (await never.row()).delivery == "failed"


async def test_outside_the_window_only_a_template_goes_out(out):
    text = await out("whatsapp_cloud", "Hi.")
    template = await out(
        "whatsapp_cloud", "Your order is here.", template=Template("arrived", "en", ("1001",))
    )
    late = later(hours=24)
    assert (await text.next(late)) is None
    assert "24 hours" in (await text.row()).error
    step = await template.next(late)
    assert step.message.template == Template("arrived", "en", ("1001",))


async def test_a_provider_that_asks_for_a_pause_gets_it_from_every_worker(out):
    first, other = (
        await out("telegram", "Hi.", address="1"),
        await out("telegram", "x", address="2"),
    )
    assert await first.failed(await first.next(), RateLimited("telegram", "flood", 30))
    assert (await first.next()).wait == timedelta(seconds=30)
    assert (await other.next()).wait >= timedelta(seconds=30)


async def test_workers_share_a_providers_limit(out):
    """Twenty messages over one number at once: each has a second of its own, and none is lost."""
    messages = [await out("twilio_sms", "Hi.", address=f"+1212555{n:04}") for n in range(100, 120)]
    steps = await asyncio.gather(*(message.next() for message in messages))
    waits = sorted(step.wait for step in steps)
    apart = [b - a for a, b in pairwise(waits)]
    assert waits[0] == timedelta(0)
    assert min(apart) >= timedelta(seconds=1)
    assert (await messages[0].next()).wait == steps[0].wait, (
        "a place is kept while it is waited for"
    )


@given(
    st.lists(st.floats(0, 30), max_size=60),
    st.builds(Rate, st.integers(1, 5), st.integers(1, 10)),
)
def test_no_stretch_has_more_slots_than_the_limit(asked, rate):
    slots = []
    for moment in sorted(asked):
        slot = limits.next_slot(slots, rate, now=NOW + timedelta(seconds=moment))
        assert slot >= NOW + timedelta(seconds=moment)
        slots.append(slot)
    assert slots == sorted(slots)
    for first, beyond in zip(slots, slots[rate.count :], strict=False):
        assert beyond - first > timedelta(seconds=rate.seconds)
