"""A shop whose parcels are told to move, on a clock of the test's own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from service.channels import manifest_of
from service.conversations.models import Conversation, Message
from service.db import Sessions
from service.mail.models import Mail
from service.notifications.milestones import noticing, scanning
from service.notifications.models import MilestoneRow, NotificationChoice, Sending
from service.notifications.outbox import dispatch, settling, telling
from service.notifications.policy.shop import notices_of
from service.settings import Settings
from service.storefront.models import Order, OrderItem, Parcel
from service.storefront.store import record
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday, noon in London
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

PLAIN = "notifications: {merge_seconds: 0}"


def scan(at, status=Status.IN_TRANSIT, detail=None, **more):
    return TrackingEvent(
        at=at, status=status, detail=detail, code=f"{status}-{detail}", text="scan", **more
    )


class Channel:
    """A channel that is switched on; what it sends is looked at before it is sent."""

    def __init__(self, slug):
        self.manifest = manifest_of(slug)


@dataclass
class Shop:
    """Orders and parcels, scans and the jobs that come of them."""

    sessions: Sessions
    settings: Settings
    channels: dict = field(default_factory=lambda: {"twilio_sms": Channel("twilio_sms")})
    now: datetime = NOW
    made: int = 0

    def wants(self, yaml):
        """Write the shop's ``notifications:``."""
        self.settings.shop_file.write_text(yaml)

    async def order(self, *, parcels=1, **values):
        """An order with parcels that nothing was heard of; its id and theirs."""
        self.made += 1
        given = {
            "email": f"shopper{self.made}@example.com",
            "phone": f"+447700900{self.made:03}",
            "country": "GB",
            "placed_at": self.now - DAY,
            **values,
        }
        async with self.sessions.begin() as session:
            key = str(1000 + self.made)
            row = Order(key=key, number=f"#{key}", source="csv", external_id=key, **given)
            session.add(row)
            await session.flush()
            ids = []
            for number in range(parcels):
                parcel = Parcel(order_id=row.id, carrier="ups", number=f"1Z{key}{number}")
                session.add(parcel)
                await session.flush()
                title = f"Thing {number}"
                session.add(
                    OrderItem(order_id=row.id, parcel_id=parcel.id, title=title, quantity=1)
                )
                ids.append(parcel.id)
        return row.id, ids

    async def hears(self, parcel, *events, whole=False, now=None, **more):
        """A carrier's answer or (not ``whole``) its webhook; events in any order."""
        newest = max(events, key=lambda event: event.at)
        heard = Tracking(
            "ups", "1Z", newest.status, detail=newest.detail, events=tuple(events), **more
        )
        async with self.sessions.begin() as session:
            await record(session, parcel, heard, {}, fetched_at=now or self.now, whole=whole)

    async def moves(self, parcel, status=Status.IN_TRANSIT, detail=None, **more):
        """One scan, now."""
        await self.hears(parcel, scan(self.now, status, detail, **more))

    async def works(self, *, until=None):
        """Run what is due, as workers do, up to a moment; the clock stands there afterwards."""
        until = until or self.now
        while True:
            async with self.sessions.begin() as session:
                job = (
                    await session.execute(
                        text(
                            "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM"
                            " procrastinate_jobs WHERE task_name = 'tell' AND status = 'todo' AND"
                            " coalesce(scheduled_at, :now) <= :until"
                            " ORDER BY coalesce(scheduled_at, :now), id LIMIT 1)"
                            " RETURNING args, scheduled_at"
                        ),
                        {"now": self.now, "until": until},
                    )
                ).one_or_none()
                if job is None:
                    break
                self.now = max(self.now, job.scheduled_at or self.now)
                desk = await dispatch.open_desk(session, self.settings, self.channels, now=self.now)
                await telling.tell(desk, job.args["person"])
        self.now = until

    async def looks_at_clock(self):
        async with self.sessions.begin() as session:
            return await scanning.look_at_clock(session, now=self.now)

    async def looks_for_left(self):
        async with self.sessions.begin() as session:
            return await scanning.look_for_left(session, now=self.now)

    async def looks_for_unsent(self):
        async with self.sessions.begin() as session:
            age = (await self.notices()).max_age
            return await scanning.look_for_unsent(session, after_days=5, max_age=age, now=self.now)

    async def comes_in(self, *order_ids):
        """What an import does with new orders."""
        async with self.sessions.begin() as session:
            await noticing.ordered(session, order_ids, now=self.now)

    async def notices(self):
        return notices_of(self.settings)

    async def settles(self):
        async with self.sessions.begin() as session:
            desk = await dispatch.open_desk(session, self.settings, self.channels, now=self.now)
            return await settling.settle(desk)

    async def chooses(self, order_id, **wanted):
        """What a shopper ticks on the page."""
        async with self.sessions.begin() as session:
            session.add_all(
                NotificationChoice(
                    order_id=order_id, channel=kind, wanted=yes, source="page", at=self.now
                )
                for kind, yes in wanted.items()
            )

    async def milestones(self):
        """``{(trigger, about): (state, why)}`` of the newest order's, and all others'."""
        async with self.sessions() as session:
            rows = await session.scalars(select(MilestoneRow).order_by(MilestoneRow.id))
            return [(row.trigger, str(row.state), row.why) for row in rows]

    async def sendings(self):
        async with self.sessions() as session:
            rows = await session.scalars(select(Sending).order_by(Sending.id))
            return [(row.kind, str(row.state), row.why) for row in rows]

    async def mails(self):
        async with self.sessions() as session:
            return list(await session.scalars(select(Mail).order_by(Mail.id)))

    async def texts(self):
        """What went out to conversations: address and text."""
        async with self.sessions() as session:
            rows = await session.execute(
                select(Conversation.address, Message.text)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .order_by(Message.id)
            )
            return [tuple(row) for row in rows]


def a_shop(sessions, folder):
    """A shop that tells everything by e-mail, at once, and has SMS switched on."""
    file = folder / "shop.yml"
    file.write_text(PLAIN)
    settings = Settings(
        _env_file=None,
        demo=False,
        shop_file=file,
        var=folder,
        shop_name="Northwind",
        smtp_url="smtp://127.0.0.1:9",
        mail_from="Northwind <help@example.com>",
    )
    return Shop(sessions, settings)


@pytest.fixture
def shop(sessions, tmp_path):
    return a_shop(sessions, tmp_path)


OFD = Status.OUT_FOR_DELIVERY
DELIVERED = Status.DELIVERED
__all__ = ["DAY", "DELIVERED", "HOUR", "NOW", "OFD", "Detail", "Shop", "Status", "a_shop", "scan"]
