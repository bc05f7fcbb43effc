"""The end of e-mails to an address, and their beginning again. Never commits."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from service.notifications.models import NotificationChoice, Sending
from service.notifications.news import Kind

UNSUBSCRIBED: Final = "unsubscribe"
PROVIDER: Final = "provider"


async def record(
    session: AsyncSession, sending: Sending, *, wanted: bool, source: str, now: datetime
) -> None:
    """Keep somebody's word on e-mails to an address: on those of all its orders, and later ones.

    Args:
        sending: The e-mail that it was said of.
        source: ``UNSUBSCRIBED``, or ``PROVIDER`` where it bounced or was called spam.
    """
    session.add(
        NotificationChoice(
            order_id=sending.order_id,
            channel=Kind.EMAIL,
            wanted=wanted,
            source=source,
            address=sending.address,
            at=now,
        )
    )
    await session.flush()
