"""Web push: encrypted for one browser, signed by us, and not sent again to one that is gone."""

import base64
import json
from dataclasses import dataclass, field

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI, Request, Response
from py_vapid import Vapid02
from sqlalchemy import select

from kit import clock
from service.notifications.messages.rendering import Rendered
from service.notifications.models import (
    Notification,
    PushMessage,
    PushSubscription,
    Sending,
)
from service.notifications.outbox import transport, vapid
from service.storefront.models import Order
from tests.service.notifications.running.waiting import until
from tests.support.serving import serve


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class PushService:
    """A browser vendor's push service: what it took, and how it answers each path."""

    answers: dict
    taken: list = field(default_factory=list)
    url: str = ""

    def app(self):
        app = FastAPI()

        @app.post("/{browser}")
        async def push(browser: str, request: Request):
            self.taken.append((browser, dict(request.headers), await request.body()))
            return Response(status_code=self.answers.get(browser, 201))

        return app


@pytest.fixture
async def vendor():
    """Knows one browser, has lost another, and is out of order for a third."""
    replay = PushService({"gone": 410, "wrong": 403})
    async with serve(replay.app()) as replay.url:
        yield replay


@pytest.fixture
def told(sessions, service, moved):
    """Tells the order's browsers; gives the row and each browser's copy once all are settled."""

    async def tell(browsers, key, auth):
        now = clock.now()
        async with sessions.begin() as session:
            order = (await session.scalars(select(Order).filter_by(number="#1001"))).one()
            for endpoint in browsers:
                session.add(
                    PushSubscription(
                        order_id=order.id,
                        endpoint=endpoint,
                        p256dh=key,
                        auth=auth,
                        lang="en",
                        created_at=now,
                    )
                )
            notification = Notification(
                order_id=order.id,
                person="p",
                trigger="delivered",
                news=[],
                lang="en",
                urgent=False,
                at=now,
            )
            session.add(notification)
            await session.flush()
            row = Sending(
                notification_id=notification.id,
                order_id=order.id,
                way=0,
                kind="push",
                lang="en",
                at=now,
                look_at=now,
            )
            session.add(row)
            await session.flush()
            link = f"{service.state.url}/t/1-0.abc.def"
            rendered = Rendered("It is here.", "Shop: delivered", link=link)
            await transport.hand_over(session, service.state.settings, None, row, rendered, now=now)
            row_id = row.id

        async def settled():
            async with sessions() as session:
                copies = (
                    await session.scalars(select(PushMessage).filter_by(sending_id=row_id))
                ).all()
                row = await session.get_one(Sending, row_id)
            states = {copy.state for copy in copies}
            return (row, copies) if "queued" not in states else None

        return await until(settled)

    return tell


async def test_a_push_message_is_the_browsers_alone_and_a_browser_may_go(
    told, vendor, sessions, service
):
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    auth = b"0123456789abcdef"
    names = ("here", "gone", "wrong")
    row, copies = await told([f"{vendor.url}/{name}" for name in names], url64(point), url64(auth))
    assert row.state == "sent"
    assert sorted(copy.state for copy in copies) == ["failed", "failed", "sent"]

    [(_, headers, body)] = [one for one in vendor.taken if one[0] == "here"]
    assert b"It is here" not in body
    said = json.loads(http_ece.decrypt(body, private_key=private, auth_secret=auth))
    assert said == {"title": "Shop: delivered", "body": "It is here.", "url": "/t/1-0.abc.def"}
    assert Vapid02.verify(headers["authorization"])
    assert vapid.public_key(service.state.settings) in headers["authorization"]
    assert int(headers["ttl"]) > 0

    async with sessions() as session:
        browsers = {
            each.endpoint.rpartition("/")[2]: each.gone_at
            for each in await session.scalars(select(PushSubscription))
        }
    assert browsers["gone"] is not None
    assert browsers["here"] is None
    vendor.taken.clear()
    again, _ = await told([], url64(point), url64(auth))
    assert again.state == "sent"
    assert {one[0] for one in vendor.taken} == {"here", "wrong"}
