"""The demo's mail server: takes every e-mail, delivers none, keeps them to be read in the inbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from service.db import Sessions, insert_new
from service.demo.models import CaughtMail

MAX_BYTES: Final = 1024 * 1024


class _Keeper:
    """aiosmtpd's handler: one row for each e-mail."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def handle_DATA(  # aiosmtpd finds it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = bytes(envelope.original_content or b"")
        message = message_from_bytes(raw, _class=EmailMessage, policy=default)
        async with self._sessions.begin() as opened:
            await insert_new(
                opened,
                CaughtMail,
                message_id=str(message["Message-ID"] or ""),
                raw=raw,
                at=clock.now(),
            )
        return "250 kept, and goes nowhere"


@asynccontextmanager
async def catching(sessions: Sessions) -> AsyncIterator[str]:
    """A mail server on a port of its own, on this machine alone; gives its URL."""

    def talk() -> SMTP:
        return SMTP(_Keeper(sessions), data_size_limit=MAX_BYTES, hostname="sink.invalid")

    server = await asyncio.get_running_loop().create_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def forget(session: AsyncSession, *, before: datetime) -> None:
    """Drop what was taken before a moment. The outbox then shows it as it was handed over."""
    await session.execute(delete(CaughtMail).where(CaughtMail.at < before))
