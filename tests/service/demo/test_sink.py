from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import aiosmtplib
from sqlalchemy import select, update

from service.demo import sink
from service.demo.models import CaughtMail

NOW = datetime(2026, 5, 6, 14, 30, tzinfo=UTC)


def letter(name):
    message = EmailMessage()
    message["From"], message["To"] = "shop@example.com", "ana@example.com"
    message["Message-ID"] = f"<{name}@shop.example>"
    message.set_content("On its way")
    return message


async def test_each_email_is_caught_once_and_not_for_ever(sessions):
    async with sink.catching(sessions) as url:
        host, _, port = url.removeprefix("smtp://").partition(":")
        for name in ("old", "new", "new"):
            await aiosmtplib.send(letter(name), hostname=host, port=int(port))
    async with sessions.begin() as session:
        for name, age in (("old", 31), ("new", 29)):
            await session.execute(
                update(CaughtMail)
                .where(CaughtMail.message_id == f"<{name}@shop.example>")
                .values(at=NOW - timedelta(days=age))
            )
        await sink.forget(session, before=NOW - timedelta(days=30))
        assert list(await session.scalars(select(CaughtMail.message_id))) == ["<new@shop.example>"]
