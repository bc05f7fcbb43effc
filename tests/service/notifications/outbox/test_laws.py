"""The laws of ``bench notify_replay`` on small histories: each once, none stale, none at night."""

from datetime import time
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.actions.contract import Request
from service.consent import service as consent
from service.conversations.models import Conversation, Message, Purpose
from service.conversations.service import open_conversation
from service.notifications.milestones import noticing, triggers
from service.notifications.models import MilestoneRow
from service.storefront.models import Parcel
from service.storefront.store import known_of
from tests.service.notifications.telling import DAY, HOUR, NOW, Status, scan, shop

__all__ = ["shop"]
LONDON = ZoneInfo("Europe/London")
WAYS = "\n".join(f"    {one}: [sms]" for one in triggers.Trigger)
WANTS = f"""
notifications:
  merge_seconds: 0
  a_day: 100
  agreed_at_checkout: [sms]
  hours: {{mon-sun: "08:00-21:00"}}
  triggers:
{WAYS}
"""
TOLD_OF = [
    Status.LABEL_CREATED,
    Status.IN_TRANSIT,
    Status.OUT_FOR_DELIVERY,
    Status.DELIVERY_FAILED,
    Status.AVAILABLE_FOR_PICKUP,
    Status.RETURNING,
    Status.DELIVERED,
]
# A scan that was made so many hours ago, and whether people are told before the next one comes.
SCANS = st.tuples(st.integers(0, 90), st.sampled_from(TOLD_OF), st.booleans())


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    heard=st.lists(SCANS, min_size=1, max_size=6),
    begins=st.integers(0, 23),
    opted_out=st.booleans(),
)
async def test_laws_of_telling(shop, heard, begins, opted_out):
    shop.wants(WANTS)
    shop.now = NOW + begins * HOUR
    order, [parcel] = await shop.order()
    phone = f"+447700900{shop.made:03}"
    if opted_out:
        async with shop.sessions.begin() as session:
            conversation = await open_conversation(session, "twilio_sms", phone)
            await consent.record(
                session, conversation, Request.STOP_MESSAGES, purpose=Purpose.ANSWER, now=NOW
            )
    for age, status, at_once in [*heard, *heard]:  # each comes twice
        await shop.hears(parcel, scan(shop.now - age * HOUR, status))
        if at_once:
            await shop.works()
    heard_at = shop.now
    async with shop.sessions() as session:
        known = await known_of(session, await session.get_one(Parcel, parcel))
    zone = noticing.zone_of(known, now=heard_at)
    await shop.works(until=heard_at + DAY)

    async with shop.sessions() as session:
        rows = (await session.scalars(select(MilestoneRow).filter_by(order_id=order))).all()
        said = await session.scalars(
            select(Message).join(Conversation).where(Conversation.address == phone)
        )
        sent_at = [message.at for message in said]
    told = {row.trigger: row for row in rows if row.state == "told"}
    assert len(sent_at) == len({row.notification_id for row in told.values()}), "each once"
    assert all(row.state != "waiting" for row in rows), "nothing is left lying"
    if opted_out:
        assert not told
        return
    assert all(time(8) <= at.astimezone(LONDON).time() < time(21) for at in sent_at)
    assert all(row.decided_at - row.at <= 2 * DAY for row in told.values()), "none is stale"
    ended_at_once = heard[0][1] is Status.DELIVERED
    by_day = time(8) <= heard_at.astimezone(LONDON).time() < time(21)
    for one in triggers.holding(known, now=heard_at, zone=zone):
        is_due = by_day and not ended_at_once and heard_at - one.at <= 2 * DAY
        if is_due and one.trigger not in triggers.overtaken([*told]):
            assert one.trigger in told, "what is so in the end is told"
