"""Web push: a message for a browser, encrypted for it alone, handed to its push service.

Source: RFC 8030 (the protocol), RFC 8291 (the encryption), RFC 8292 (VAPID, who sends).
"""

import base64
import json
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from procrastinate import JobContext, RetryStrategy
from py_vapid import Vapid02
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from kit.errors import NotFound, Rejected, Upstream
from kit.http import call
from service import jobs
from service.notifications.models import PushMessage, PushSubscription, Sending, Way
from service.notifications.outbox import vapid
from service.runtime import Runtime
from service.settings import Settings

TRIES: Final = 6
LASTS: Final = timedelta(hours=12)
"""How long a push service keeps it for a browser that is away; later it would be old news."""
SIGNED_FOR: Final = timedelta(hours=12)
NOBODY: Final = "nobody@example.com"
"""Whom a push service would write to where the shop has no address for its e-mails."""
GONE: Final = "The browser no longer takes push messages."


@jobs.app.task(
    name="send_push",
    queue="push",
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, exponential_wait=4),
)
async def send_push(context: JobContext, push_id: int) -> None:
    """Send one browser its copy. A browser that is gone is not asked again."""
    runtime = jobs.runtime(context)
    async with runtime.sessions() as session:
        message = await session.get_one(PushMessage, push_id)
        browser = await session.get_one(PushSubscription, message.subscription_id)
    if message.state != Way.QUEUED:
        return
    why: str | None = None
    gone = browser.gone_at is not None
    if not gone:
        try:
            await deliver(runtime, browser, message.payload, now=clock.now())
        except NotFound:
            gone = True
        except Upstream as failure:
            if failure.retryable and context.job.attempts + 1 < TRIES:
                raise
            why = failure.message
    async with runtime.sessions.begin() as session:
        await _settle(session, push_id, GONE if gone else why, gone=gone, now=clock.now())


async def deliver(
    runtime: Runtime, browser: PushSubscription, payload: dict[str, str], *, now: datetime
) -> None:
    """Hand a message to a browser's push service.

    Raises:
        NotFound: The subscription is no more.
        Unavailable, RateLimited: Try again.
        Rejected: The service will never take it.
    """
    answer = await call(
        runtime.http,
        "push",
        "POST",
        browser.endpoint,
        read={404, 410},
        content=encrypted(payload, p256dh=browser.p256dh, auth=browser.auth),
        headers={
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(LASTS.total_seconds())),
            "Urgency": "normal",
            **signature(runtime.settings, browser.endpoint, now=now),
        },
    )
    if not answer.is_success:
        raise NotFound("the push subscription is no more")


def encrypted(payload: dict[str, str], *, p256dh: str, auth: str) -> bytes:
    """A payload that nobody but the browser can read.

    Raises:
        Rejected: The browser's keys are none.
    """
    try:
        return bytes(
            http_ece.encrypt(
                json.dumps(payload, ensure_ascii=False).encode(),
                private_key=ec.generate_private_key(ec.SECP256R1()),
                dh=_bytes(p256dh),
                auth_secret=_bytes(auth),
                version="aes128gcm",
            )
        )
    except (ValueError, http_ece.ECEException) as error:
        raise Rejected("push", "the browser's keys are no keys") from error


def signature(settings: Settings, endpoint: str, *, now: datetime) -> dict[str, str]:
    """The header that says who sends: a token for that push service alone."""
    parts = urlsplit(endpoint)
    signer = Vapid02.from_file(str(vapid.key_file(settings)))
    contact = settings.mail_from.rpartition("<")[2].rstrip(">") or NOBODY
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + SIGNED_FOR).timestamp()),
        "sub": f"mailto:{contact}",
    }
    return dict(signer.sign(claims))


async def _settle(
    session: AsyncSession, push_id: int, why: str | None, *, gone: bool, now: datetime
) -> None:
    """Write down what became of a copy; the message is as well off as its best one."""
    message = await session.get_one(PushMessage, push_id)
    sending = await session.get_one(Sending, message.sending_id, with_for_update=True)
    message.state, message.why = (Way.FAILED, why) if why else (Way.SENT, None)
    if gone:
        browser = await session.get_one(PushSubscription, message.subscription_id)
        browser.gone_at = browser.gone_at or now
    await session.flush()
    copies = await session.scalars(
        select(PushMessage.state).where(PushMessage.sending_id == sending.id)
    )
    states = set(copies)
    if Way.SENT in states:
        sending.state, sending.why = Way.SENT, None
    elif states == {Way.FAILED}:
        sending.state, sending.why = Way.FAILED, why


def _bytes(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
