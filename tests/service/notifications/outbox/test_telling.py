import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from bot.actions.contract import Request
from service.consent import service as consent
from service.conversations.models import Purpose
from service.conversations.service import open_conversation
from service.notifications.models import MilestoneRow, Notification
from service.notifications.news import Trigger
from service.notifications.policy import rules
from service.storefront.models import Order
from tests.service.notifications.telling import (
    DAY,
    DELIVERED,
    HOUR,
    NOW,
    OFD,
    Channel,
    Detail,
    Status,
    scan,
    shop,
)

__all__ = ["shop"]
BY_SMS = "notifications: {merge_seconds: 0, agreed_at_checkout: [sms], triggers: {%s}}"


async def test_each_milestone_is_told_once_whatever_is_repeated(shop):
    _, [parcel] = await shop.order()
    label, moved = scan(NOW - 3 * HOUR, Status.LABEL_CREATED), scan(NOW - HOUR)
    await shop.hears(parcel, label)
    await shop.works()
    shop.now += DAY
    await shop.hears(parcel, moved)
    await shop.hears(parcel, label)  # late
    await shop.hears(parcel, label, moved, whole=True)
    await shop.works(until=shop.now + DAY)
    shop.now += DAY
    van = scan(shop.now, OFD)
    await asyncio.gather(*(shop.hears(parcel, van) for _ in range(5)))
    await asyncio.gather(*(shop.works() for _ in range(4)))
    await shop.hears(parcel, scan(shop.now + HOUR, DELIVERED))
    await shop.hears(parcel, scan(shop.now + HOUR / 2, OFD))  # late, and not true any more
    await shop.works(until=shop.now + DAY)
    told = [trigger for trigger, state, _ in await shop.milestones() if state == "told"]
    assert told == ["shipped", "first_movement", "out_for_delivery", "delivered"]
    assert len(await shop.mails()) == 4


async def test_news_whose_job_was_lost_is_taken_up(shop):
    _, [parcel] = await shop.order()
    await shop.moves(parcel)
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM procrastinate_jobs"))
    assert await shop.looks_for_left() == 0  # it may still be on its way
    shop.now += HOUR
    assert await shop.looks_for_left() == 1
    await shop.works()
    assert await shop.looks_for_left() == 0
    assert len(await shop.mails()) == 1


async def test_nothing_of_what_was_delivered_or_old_when_it_came(shop):
    _, [delivered, old, silent] = await shop.order(parcels=3)
    await shop.hears(delivered, scan(NOW - DAY, OFD), scan(NOW - HOUR, DELIVERED), whole=True)
    await shop.hears(old, scan(NOW - 3 * DAY, Status.LABEL_CREATED))
    await shop.hears(silent, scan(NOW - 20 * DAY))
    await shop.works()
    held = [("shipped", "held", "too_old"), ("lost_suspected", "held", "too_old")]
    assert await shop.milestones() == held
    shop.now += DAY
    await shop.looks_at_clock()  # it has been lost as long as before
    assert await shop.milestones() == held


@pytest.mark.parametrize("at_once", [True, False])
async def test_scans_that_come_in_the_wrong_order_lose_no_news(shop, at_once):
    """Of a number that had a way before: it seems to be lost long ago, until its label comes."""
    _, [parcel] = await shop.order()
    last_month, label = scan(NOW - 20 * DAY), scan(NOW - 3 * HOUR, Status.LABEL_CREATED)
    for event in (last_month, scan(NOW - HOUR), label):
        await shop.hears(parcel, event)
        if at_once:
            await shop.works()
    await shop.works()
    assert await shop.milestones() == [
        ("lost_suspected", "held", "too_old" if at_once else "over"),
        ("first_movement", "told", None),
    ]


async def test_a_message_a_day_but_for_what_the_shopper_must_do(shop):
    _, [parcel] = await shop.order()
    await shop.moves(parcel, OFD)
    await shop.works()
    shop.now += 2 * HOUR
    await shop.moves(parcel, DELIVERED)
    await shop.works()
    assert await shop.milestones() == [
        ("out_for_delivery", "told", None),
        ("delivered", "waiting", "one_a_day"),
    ]
    _, [other] = await shop.order(email="shopper1@example.com")  # the same person
    await shop.moves(other, Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED)
    await shop.works()
    assert (await shop.milestones())[-1] == ("customs", "told", None)
    await shop.works(until=NOW + DAY)
    assert ("delivered", "told", None) in await shop.milestones()
    async with shop.sessions() as session:
        days = await session.scalars(select(Notification.at).order_by(Notification.id))
        assert [at.day for at in days] == [24, 24, 25]


async def test_news_of_several_parcels_is_one_message(shop):
    shop.wants("notifications: {merge_seconds: 120}")
    _, [first, second] = await shop.order(parcels=2)
    await shop.moves(first, Status.LABEL_CREATED)
    shop.now += HOUR / 60
    await shop.moves(second, OFD)
    await shop.works()
    assert await shop.mails() == []
    await shop.works(until=shop.now + HOUR)
    [mail] = await shop.mails()
    assert "out for delivery" in mail.subject
    assert "Handed to UPS" in mail.text
    assert [state for _, state, _ in await shop.milestones()] == ["told", "told"]


async def test_all_parcels_of_an_order_at_once_are_one_arrival(shop):
    _, parcels = await shop.order(parcels=2)
    for parcel in parcels:
        await shop.moves(parcel)
    await shop.works()
    shop.now += DAY
    await asyncio.gather(*(shop.moves(parcel, DELIVERED) for parcel in parcels))
    await asyncio.gather(shop.works(), shop.works())
    arrivals = [one for one in await shop.milestones() if "deliver" in one[0]]
    assert sorted(arrivals) == [
        ("all_delivered", "told", None),
        ("delivered", "held", "overtaken"),
        ("delivered", "held", "overtaken"),
    ]
    assert len(await shop.mails()) == 2


async def test_what_waits_over_night_is_looked_at_afresh(shop):
    shop.wants(BY_SMS % "arriving_tomorrow: [sms], out_for_delivery: [sms]")
    shop.now = datetime(2026, 11, 24, 22, tzinfo=UTC)
    _, [parcel] = await shop.order()
    day = datetime(2026, 11, 25, 23, 59, tzinfo=UTC)
    promise = {"promised_from": day.replace(hour=0, minute=1), "promised_to": day}
    await shop.hears(parcel, scan(shop.now), **promise)
    await shop.looks_at_clock()
    await shop.works()
    assert ("arriving_tomorrow", "waiting", "quiet_hours") in await shop.milestones()
    shop.now = datetime(2026, 11, 25, 7, tzinfo=UTC)
    await shop.moves(parcel, OFD)
    await shop.works(until=datetime(2026, 11, 25, 9, tzinfo=UTC))
    said = await shop.milestones()
    assert ("arriving_tomorrow", "held", "over") in said
    assert ("out_for_delivery", "told", None) in said
    [(_, words)] = await shop.texts()
    assert "out for delivery" in words


async def test_what_a_carrier_takes_back_is_not_told_until_it_is_true(shop):
    shop.wants("notifications: {merge_seconds: 60}")
    _, [parcel] = await shop.order()
    moved, here = scan(NOW - HOUR), scan(NOW, DELIVERED)
    await shop.hears(parcel, moved, whole=True)
    await shop.works(until=NOW + HOUR)
    shop.now += DAY
    await shop.hears(parcel, moved, here, whole=True)
    await shop.hears(parcel, moved, whole=True, now=shop.now + HOUR / 120)
    await shop.works(until=shop.now + HOUR)
    assert (await shop.milestones())[-1] == ("delivered", "held", "over")
    await shop.hears(parcel, moved, scan(shop.now, DELIVERED), whole=True)
    await shop.works(until=shop.now + HOUR)
    assert (await shop.milestones())[-1] == ("delivered", "told", None)


async def test_an_opt_out_is_the_address_s_and_a_choice_the_order_s(shop):
    shop.wants(BY_SMS % "out_for_delivery: [sms], delivered: [sms]")
    _, [first] = await shop.order()
    unticked, [second] = await shop.order()
    await shop.chooses(unticked, sms=False)
    async with shop.sessions.begin() as session:
        conversation = await open_conversation(session, "twilio_sms", "+447700900001")
        await consent.record(
            session,
            conversation,
            Request.STOP_MESSAGES,
            purpose=Purpose.ANSWER,
            words="STOP",
            now=NOW,
        )
    for parcel in (first, second):
        await shop.moves(parcel, OFD)
    await shop.works()
    assert await shop.texts() == []
    assert {why for _, _, why in await shop.milestones()} == {"opted_out", "not_chosen"}


async def test_a_number_that_somebody_else_orders_with_since(shop):
    shop.wants(BY_SMS % "out_for_delivery: [[email, sms]], delivered: [sms]")
    phone = "+447700900777"
    _, [before] = await shop.order(phone=phone, placed_at=NOW - 9 * DAY)
    now_theirs, [after] = await shop.order(phone=phone)
    await shop.moves(before, DELIVERED)
    await shop.hears(before, scan(NOW - HOUR, OFD))
    await shop.moves(after, OFD)
    shop.now += HOUR
    await shop.moves(after, DELIVERED)
    await shop.works(until=NOW + DAY)
    assert [address for address, _ in await shop.texts()] == [phone]
    async with shop.sessions() as session:
        rows = await session.scalars(select(MilestoneRow).filter_by(order_id=now_theirs))
        assert {row.trigger: row.state for row in rows}["delivered"] == "told"


async def test_telegram_reaches_who_has_shown_there_that_the_number_is_theirs(shop):
    shop.channels["telegram"] = Channel("telegram")
    shop.wants("notifications: {merge_seconds: 0, triggers: {out_for_delivery: [telegram]}}")
    phone = "+447700900777"
    orders = [
        await shop.order(phone=phone, placed_at=NOW - 9 * DAY),
        await shop.order(phone=phone),  # somebody else's: the number is theirs now
        await shop.order(phone=None),
        await shop.order(),
    ]
    async with shop.sessions.begin() as session:
        await open_conversation(session, "telegram", "77", proved_phone=phone)
        await open_conversation(session, "telegram", "78")  # a stranger, who has shown nothing
    for _, [parcel] in orders:
        await shop.moves(parcel, OFD)
    await shop.works()
    assert [address for address, _ in await shop.texts()] == ["77"]
    assert [why for _, _, why in await shop.milestones()] == [
        "no_address",
        None,
        *["no_address"] * 2,
    ]


async def test_the_cheapest_kind_agreed_to_and_the_months_cap(shop):
    shop.channels["whatsapp_cloud"] = Channel("whatsapp_cloud")
    both = "out_for_delivery: [[sms, telegram, push, whatsapp]], delivered: [sms]"
    caps = "caps: {sms: 0.30}, agreed_at_checkout: [sms]"
    shop.wants(f"notifications: {{merge_seconds: 0, triggers: {{{both}}}, {caps}}}")
    for _ in range(3):
        _, [parcel] = await shop.order()
        await shop.moves(parcel, OFD)
    await shop.works()
    assert [kind for kind, _, _ in await shop.sendings()] == ["sms", "sms"]
    held = [why for _, state, why in await shop.milestones() if state == "held"]
    assert held == ["cost_cap"]
    shop.now += 31 * DAY
    _, [parcel] = await shop.order()
    await shop.moves(parcel, OFD)
    await shop.works(until=shop.now + HOUR)
    assert len(await shop.sendings()) == 3  # another month


async def test_held_out_orders_are_the_same_every_time_and_told_nothing(shop):
    shop.wants("notifications: {merge_seconds: 0, holdout: {delivered: 0.5}}")
    orders = dict([await shop.order() for _ in range(12)])
    for [parcel] in orders.values():
        await shop.moves(parcel)
        await shop.moves(parcel, DELIVERED)
    await shop.works()
    notices = (await shop.notices()).model_copy(update={"holdout": {Trigger.DELIVERED: 0.5}})
    out = {one for one in orders if rules.is_held_out(Trigger.DELIVERED, one, notices)}
    assert 0 < len(out) < 12
    async with shop.sessions() as session:
        rows = await session.scalars(select(MilestoneRow).filter_by(trigger="delivered"))
        assert {row.order_id for row in rows if row.why == "holdout"} == out


async def test_a_silence_is_told_with_the_day_and_place_of_the_last_scan(shop):
    _, [parcel] = await shop.order()
    await shop.hears(parcel, scan(NOW, place="Leeds, GB"))
    await shop.works()
    shop.now += 4 * DAY
    await shop.looks_at_clock()
    await shop.works(until=shop.now + DAY)
    [*_, mail] = await shop.mails()
    assert mail.subject == "Northwind: No news of order #1001 since Tuesday 24 November"
    assert "since Tuesday 24 November, in Leeds, GB." in mail.text


async def test_orders_that_come_in_and_those_that_are_not_sent(shop):
    fresh, _ = await shop.order(parcels=0, placed_at=NOW - HOUR)
    late, _ = await shop.order(parcels=0, placed_at=NOW - 8 * DAY)
    ancient, _ = await shop.order(parcels=0, placed_at=NOW - 30 * DAY)
    await shop.comes_in(fresh, late, ancient)
    assert await shop.looks_for_unsent() == 1
    assert await shop.looks_for_unsent() == 0
    await shop.works()
    assert await shop.milestones() == [
        ("order_confirmed", "told", None),
        ("not_shipped", "told", None),
    ]
    async with shop.sessions.begin() as session:
        (await session.get_one(Order, fresh)).cancelled_at = NOW


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ((["email"], ["push", "sms"]), 2),
        ((["push", "sms"], ["sms"]), 1),
    ],
)
def test_ways_that_others_have_as_a_part_are_left_out(wanted, found):
    first, second = wanted
    notices = rules.Notices.model_validate(
        {"triggers": {"shipped": [first], "delivered": [second]}}
    )
    assert len(rules.ways_of([Trigger.SHIPPED, Trigger.DELIVERED], notices)) == found
