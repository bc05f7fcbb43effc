import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from service.conversations.models import Author, Delivery, Message
from service.conversations.service import open_conversation
from service.notifications.models import Sending, Told
from service.notifications.pages import figures, story
from service.notifications.pages.figures import difference
from service.notifications.policy.rules import Why
from service.tracking_page import links
from tests.service.notifications.telling import DAY, DELIVERED, HOUR, NOW, OFD, shop

__all__ = ["shop"]


async def writes(shop, phone, at):
    async with shop.sessions.begin() as session:
        conversation = await open_conversation(session, "twilio_sms", phone)
        session.add(
            Message(
                conversation_id=conversation.id,
                author=Author.SHOPPER,
                text="where is it?",
                at=at,
                delivery=Delivery.RECEIVED,
            )
        )


async def test_what_messages_did_and_saved(shop):
    shop.wants("notifications: {merge_seconds: 0, holdout: {out_for_delivery: 0.5}}")
    orders = [await shop.order() for _ in range(16)]
    for _, [parcel] in orders:
        await shop.moves(parcel, OFD)
    await shop.works()
    async with shop.sessions.begin() as session:
        sent = list(await session.scalars(select(Sending).order_by(Sending.id)))
        await links.opened(session, sent[0].id, sent[0].order_id, now=NOW + HOUR)
    await shop.chooses(sent[1].order_id, email=False)
    told = {one.order_id for one in sent}
    for number, (order, _) in enumerate(orders, 1):
        if order not in told:
            await writes(shop, f"+447700900{number:03}", NOW + HOUR)
    await writes(shop, f"+447700900{sent[2].order_id:03}", NOW + 3 * DAY)  # too late to count

    async def found(now):
        async with shop.sessions() as session:
            span = {"since": NOW - DAY, "until": NOW + DAY}
            return await figures.of_triggers(session, **span, now=now)

    [one] = await found(NOW + 4 * DAY)
    out = len(orders) - len(told)
    assert (one.trigger, one.sent, one.clicked, one.opted_out) == (OFD, len(told), 1, 1)
    assert (one.with_message, one.wrote_with) == (len(told), 0)
    assert (one.without_message, one.wrote_without) == (out, out)
    assert one.saved.share == 1.0
    assert one.saved.is_shown
    [early] = await found(NOW + DAY)
    assert early.with_message == early.without_message == 0
    assert early.saved is None


async def test_the_story_of_an_order_says_what_was_held_back_and_why(shop):
    order, [parcel] = await shop.order()
    await shop.moves(parcel, OFD)
    await shop.works()
    await shop.moves(parcel, DELIVERED)
    await shop.works()
    async with shop.sessions() as session:
        waits, told = await story.of_order(session, order)
    assert (told.state, told.why) == (Told.TOLD, "")
    mail, push = told.sendings
    assert (mail.kind, mail.state, push.kind, push.state) == ("email", "queued", "push", "held")
    assert story.why_in_words(push.why) == story.WORDS[Why.NO_CHANNEL]
    assert waits.parcel_id == parcel
    assert "waits for tomorrow" in waits.why
    assert waits.until > NOW


@pytest.mark.parametrize(
    ("given_counts", "low", "high"),
    [  # Source: Newcombe 1998, table II, method 10: 56/70 and 48/80; 9/10 and 3/10; 5/56 and 0/29
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
    ],
)
def test_the_interval_is_the_published_one(given_counts, low, high):
    found = difference(*given_counts)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_laws_of_the_interval(count, other_count, data):
    hits, other = data.draw(st.integers(0, count)), data.draw(st.integers(0, other_count))
    found = difference(hits, count, other, other_count)
    assert -1 <= found.low <= found.share <= found.high <= 1
    back = difference(other, other_count, hits, count)
    assert back.low == pytest.approx(-found.high)
