"""The door of the e-mail provider: what bounced, and who complained."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from kit.errors import NotFound
from service.db import SessionDep
from service.mail import mailgun
from service.mail.mailgun import MailEvent
from service.mail.models import Mail, MailState
from service.notifications.models import Sending
from service.notifications.policy import optouts
from service.runtime import runtime

router = APIRouter(prefix="/mail/webhooks", tags=["webhooks"])

_ORDER: Final = tuple(MailState)


@router.post("/mailgun", status_code=204)
async def from_mailgun(request: Request, session: SessionDep) -> None:
    """Take in an event of Mailgun's; a repeat changes nothing."""
    key = runtime(request).settings.mailgun_signing_key
    if not key:
        raise NotFound("no key for Mailgun's webhooks is set")
    event = mailgun.read(await request.body(), key)
    if event is not None:
        await take(session, event, now=clock.now())


async def take(session: AsyncSession, event: MailEvent, *, now: datetime) -> None:
    """Write down how far an e-mail got, and heed who wants no more of them. Never commits."""
    mail = await session.scalar(select(Mail).filter_by(name=event.name).with_for_update())
    if mail is None or mail.state == MailState.FAILED:
        return
    if _ORDER.index(event.state) > _ORDER.index(MailState(mail.state)):
        mail.state, mail.error = event.state, event.words or None
    elif not event.ends or mail.error == event.words:
        return
    if not event.ends:
        return
    sending = await session.scalar(select(Sending).filter_by(mail_id=mail.id))
    if sending is not None:
        await optouts.record(session, sending, wanted=False, source=optouts.PROVIDER, now=now)
