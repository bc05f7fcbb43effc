"""How a shopper wants to be told about an order. Functions take a session and never commit."""

import base64
import binascii
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.notifications.models import NotificationChoice, PushSubscription
from service.statements import Bare, Statement
from service.storefront.models import Order

SOURCE: Final = "tracking_page"
# Without a word of the shopper: what belongs to the purchase comes by e-mail, the rest when asked.
DEFAULTS: Final = {"email": True, "sms": False, "whatsapp": False}
MAX_BROWSERS: Final = 20  # of one order
# Whom browsers name as their push service. We call what a visitor gives us, so nobody else.
# Source: the endpoints of Chrome and its kin, Firefox, Safari and Edge.
PUSH_SERVICES: Final = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)


class Keys(BaseModel):
    """A browser's part of the encryption, base64url. Source: RFC 8291."""

    model_config = ConfigDict(extra="ignore")

    p256dh: Annotated[str, Field(max_length=120)]
    auth: Annotated[str, Field(max_length=60)]

    @field_validator("p256dh", "auth")
    @classmethod
    def _decodes(cls, value: str) -> str:
        try:
            base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise ValueError("not base64url") from error
        return value


class Subscription(BaseModel):
    """What ``PushSubscription.toJSON`` gives in a browser."""

    model_config = ConfigDict(extra="ignore")

    endpoint: Annotated[str, Field(max_length=1000)]
    keys: Keys
    lang: str = Field("en", pattern="^[a-z]{2}$")

    @field_validator("endpoint")
    @classmethod
    def _of_a_push_service(cls, value: str) -> str:
        parts = urlsplit(value)
        host = parts.hostname or ""
        known = any(host == name or host.endswith(f".{name}") for name in PUSH_SERVICES)
        if parts.scheme != "https" or not known or parts.port not in {None, 443} or parts.username:
            raise ValueError("not the address of a push service that we know")
        return value


async def of_order(
    session: AsyncSession | Bare, order_id: int, agreed: Collection[str] = ()
) -> dict[str, bool]:
    """What holds now for each channel that the order has an address for; none for no such order.

    Args:
        agreed: Channels that every order comes with consent to, from the shop's checkout.
    """
    rows = await _SAID.all(session, order_id=order_id)
    if not rows:
        return {}
    able = {"email": rows[0].email, "sms": rows[0].phone, "whatsapp": rows[0].phone}
    said: dict[str, bool] = {row.channel: row.wanted for row in rows}  # of each the newest
    return {
        channel: said.get(channel, default or channel in agreed)
        for channel, default in DEFAULTS.items()
        if able[channel]
    }


_SAID: Final = Statement[Any](
    select(Order.email, Order.phone, NotificationChoice.channel, NotificationChoice.wanted)
    .outerjoin(
        NotificationChoice,
        or_(
            NotificationChoice.order_id == Order.id,
            NotificationChoice.address == Order.email,
        ),
    )
    .where(Order.id == bindparam("order_id"))
    .order_by(NotificationChoice.id)
)


async def choose(
    session: AsyncSession,
    order_id: int,
    wanted: Mapping[str, bool],
    agreed: Collection[str] = (),
    *,
    now: datetime,
) -> None:
    """Keep what a shopper wants; what they have not changed adds nothing to the ledger.

    Args:
        agreed: As of ``of_order``.
    """
    for channel, before in (await of_order(session, order_id, agreed)).items():
        if wanted.get(channel, before) != before:
            session.add(
                NotificationChoice(
                    order_id=order_id,
                    channel=channel,
                    wanted=wanted[channel],
                    source=SOURCE,
                    at=now,
                )
            )
    await session.flush()


async def subscribe(
    session: AsyncSession, order_id: int, given: Subscription, *, now: datetime
) -> bool:
    """Let a browser be told; again is once. ``False``: the order has too many browsers already."""
    count = select(func.count()).where(
        PushSubscription.order_id == order_id,
        PushSubscription.gone_at.is_(None),
        PushSubscription.endpoint != given.endpoint,
    )
    if (await session.scalar(count) or 0) >= MAX_BROWSERS:
        return False
    values = {
        "p256dh": given.keys.p256dh,
        "auth": given.keys.auth,
        "lang": given.lang,
        "gone_at": None,
    }
    row = insert(PushSubscription).values(
        order_id=order_id, endpoint=given.endpoint, created_at=now, **values
    )
    await session.execute(
        row.on_conflict_do_update(index_elements=["order_id", "endpoint"], set_=values)
    )
    session.add(
        NotificationChoice(order_id=order_id, channel="push", wanted=True, source=SOURCE, at=now)
    )
    return True


async def unsubscribe(
    session: AsyncSession, order_id: int, endpoint: str, *, now: datetime
) -> None:
    """Forget a browser. One that is not there is no error."""
    gone = await session.execute(
        delete(PushSubscription)
        .filter_by(order_id=order_id, endpoint=endpoint)
        .returning(PushSubscription.id)
    )
    if gone.first() is not None:
        session.add(
            NotificationChoice(
                order_id=order_id, channel="push", wanted=False, source=SOURCE, at=now
            )
        )
