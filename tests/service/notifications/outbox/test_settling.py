import pytest
from sqlalchemy import select

from service.conversations.models import Delivery, Message
from service.mail.models import Mail, MailState
from service.notifications.models import Sending
from tests.service.notifications.telling import DELIVERED, HOUR, NOW, OFD, Channel, Status, shop

__all__ = ["shop"]
WAY = """
notifications:
  merge_seconds: 0
  fallback_minutes: 30
  agreed_at_checkout: [sms, whatsapp]
  triggers: {out_for_delivery: [[email, sms]]}
"""


@pytest.fixture
async def parcel(shop):
    """On the van, and told by e-mail, with SMS to fall back on."""
    shop.wants(WAY)
    _, [parcel] = await shop.order()
    await shop.moves(parcel, OFD)
    await shop.works()
    assert await shop.sendings() == [("email", "queued", None)]
    return parcel


async def becomes(shop, table, **values):
    async with shop.sessions.begin() as session:
        [row] = await session.scalars(select(table))
        for name, value in values.items():
            setattr(row, name, value)


async def test_what_arrived_is_settled(shop, parcel):
    await becomes(shop, Mail, state=MailState.DELIVERED)
    assert await shop.settles() == 1
    assert await shop.sendings() == [("email", "delivered", None)]
    assert await shop.settles() == 0


async def test_what_failed_goes_another_way_at_once(shop, parcel):
    await becomes(shop, Mail, state=MailState.BOUNCED, error="gone")
    await shop.settles()
    assert await shop.sendings() == [
        ("email", "failed", "gone"),
        ("sms", "queued", None),
    ]
    await becomes(shop, Message, delivery=Delivery.FAILED, error="switched off")
    await shop.settles()
    assert [state for _, state, _ in await shop.sendings()] == ["failed", "failed"]
    assert await shop.settles() == 0


async def test_what_takes_too_long_is_called_off_and_goes_another_way(shop, parcel):
    shop.now += HOUR / 2
    await shop.settles()
    assert [(kind, state) for kind, state, _ in await shop.sendings()] == [
        ("email", "failed"),
        ("sms", "queued"),
    ]
    [mail] = await shop.mails()
    assert mail.state == MailState.FAILED
    shop.now += HOUR / 2
    await becomes(shop, Message, delivery=Delivery.SENT)  # Twilio has it, and tells of no arrival
    await shop.settles()
    async with shop.sessions() as session:
        rows = list(await session.scalars(select(Sending).order_by(Sending.id)))
    assert rows[1].settled_at is None
    assert rows[1].look_at > shop.now
    await becomes(shop, Message, delivery=Delivery.READ)
    await shop.settles()
    assert (await shop.sendings())[1] == ("sms", "delivered", None)


async def test_no_other_way_for_what_is_not_true_any_more_or_not_wanted(shop, parcel):
    await shop.moves(parcel, DELIVERED)
    await becomes(shop, Mail, state=MailState.FAILED)
    await shop.settles()
    assert [kind for kind, _, _ in await shop.sendings()] == ["email"]
    order, [other] = await shop.order()
    await shop.moves(other, OFD)
    await shop.works()
    await shop.chooses(order, sms=False)
    async with shop.sessions.begin() as session:
        mail = await session.scalar(select(Mail).order_by(Mail.id.desc()))
        mail.state = MailState.FAILED
    await shop.settles()
    assert (await shop.sendings())[-1] == ("email", "held", "brought_nothing")
    assert await shop.texts() == []


async def test_another_way_waits_for_the_morning(shop, parcel):
    await becomes(shop, Mail, state=MailState.FAILED)
    shop.now = NOW.replace(hour=22)
    shop.wants(WAY.replace("merge_seconds: 0", 'hours: {mon-sun: "08:00-21:00"}'))
    await shop.moves(parcel, Status.AVAILABLE_FOR_PICKUP)
    await shop.settles()
    assert await shop.texts() == []


async def test_whatsapp_takes_a_template_alone_when_the_shopper_has_not_written(shop):
    shop.channels["whatsapp_cloud"] = Channel("whatsapp_cloud")
    shop.wants(WAY.replace("[[email, sms]]", "[whatsapp]"))
    _, [parcel] = await shop.order()
    await shop.moves(parcel, OFD)
    await shop.works()
    assert await shop.milestones() == [("out_for_delivery", "held", "no_template")]
