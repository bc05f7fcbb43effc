"""How a rendered message leaves: through the doors that other messages leave by. Never commits.

Whatever is written here is written in the transaction that decided to tell: the message, its job
and the outbox's row are there together, or none of them is.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.signing import LinkSigner
from service import jobs
from service.conversations import service as conversations
from service.conversations.models import Author, Purpose
from service.dialogue import context
from service.mail import service as mail
from service.notifications.messages import rendering
from service.notifications.messages.letter import STOP_HERE
from service.notifications.messages.rendering import Rendered
from service.notifications.models import PushMessage, PushSubscription, Sending, Way
from service.notifications.news import Kind
from service.settings import Settings

STOP_PURPOSE: Final = "stop-mails"
STOP_LASTS: Final = timedelta(days=365)
NO_BROWSER: Final = "No browser takes push messages of this order any more."


async def hand_over(
    session: AsyncSession,
    settings: Settings,
    channel: str | None,
    row: Sending,
    rendered: Rendered,
    *,
    now: datetime,
) -> None:
    """Put a message on its way, and write into its row where it went.

    Args:
        channel: The slug of the channel that a conversation's message goes through; ``None`` for
            e-mail and push.
        row: With its id, which goes into what is sent; the caller adds it to the session.
    """
    match Kind(row.kind):
        case Kind.EMAIL:
            await _mail(session, settings, row, rendered, now=now)
        case Kind.PUSH:
            await _push(session, row, rendered, now=now)
        case _:
            await _message(session, channel or row.kind, row, rendered, now=now)


def stop_link(settings: Settings, sending_id: int, *, now: datetime) -> str:
    """Where the reader of an e-mail ends these e-mails."""
    signer = LinkSigner(settings.keys, STOP_PURPOSE)
    return f"{settings.base_url}/e/{signer.write(str(sending_id), until=now + STOP_LASTS)}"


async def _mail(
    session: AsyncSession, settings: Settings, row: Sending, rendered: Rendered, *, now: datetime
) -> None:
    """An e-mail that its reader can end with one press in the mail program.

    Source: https://www.rfc-editor.org/rfc/rfc8058 (one-click unsubscription).
    """
    stop = stop_link(settings, row.id, now=now)
    row.mail_id = await mail.queue(
        session,
        key=f"notification:{row.id}",
        to=row.address,
        subject=rendered.subject,
        text=rendered.text.replace(STOP_HERE, stop),
        html=rendered.html.replace(STOP_HERE, stop) if rendered.html else None,
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        now=now,
    )


async def _message(
    session: AsyncSession, channel: str, row: Sending, rendered: Rendered, *, now: datetime
) -> None:
    """A message in the shopper's conversation there, so that a reply has the order in view."""
    conversation = await conversations.open_conversation(session, channel, row.address)
    message = await conversations.post(
        session,
        conversation,
        Author.SYSTEM,
        rendered.text,
        template=rendered.template,
        purpose=Purpose.UPDATE,
        now=now,
    )
    row.message_id = message.id
    await context.spoke_of(session, conversation, row.order_id, now=now)


async def _push(session: AsyncSession, row: Sending, rendered: Rendered, *, now: datetime) -> None:
    """A copy for each browser that asked."""
    browsers = await session.scalars(
        select(PushSubscription.id).where(
            PushSubscription.order_id == row.order_id, PushSubscription.gone_at.is_(None)
        )
    )
    payload = {
        "title": rendered.subject,
        "body": rendered.text,
        "url": rendering.path_of(rendered.link),
    }
    copies = [
        PushMessage(sending_id=row.id, subscription_id=browser, payload=payload, at=now)
        for browser in browsers
    ]
    if not copies:
        row.state, row.why = Way.FAILED, NO_BROWSER
        return
    session.add(row)
    await session.flush()
    session.add_all(copies)
    await session.flush()
    for copy in copies:
        await jobs.defer(session, "send_push", push_id=copy.id)
