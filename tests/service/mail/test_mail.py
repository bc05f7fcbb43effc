"""E-mail out: once for what it is about, tried again where that can help."""

from datetime import UTC, datetime

import pytest

from kit.errors import Misconfigured, Rejected, Unavailable
from service.mail import service
from service.mail.models import Mail
from service.mail.service import SmtpMailer, compose
from tests.support.smtp import smtp_sink

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SENDER = "Shop <help@example.com>"


def mail(**values):
    return Mail(
        **{
            "key": "message:1",
            "to": "jo@example.com",
            "subject": "Your message",
            "text": "It’s on the van.\n.\nBye",
            "name": "abc",
            "created_at": NOW,
            **values,
        }
    )


async def test_an_e_mail_arrives_as_it_was_written():
    async with smtp_sink() as sink:
        mailer = SmtpMailer(sink.url, SENDER)
        for _ in range(2):
            await mailer.send(compose(mail(), host="shop.example"))
    first, second = sink.mails
    assert first["From"] == SENDER
    assert first["To"] == "jo@example.com"
    assert first["Message-ID"] == second["Message-ID"] == "<abc@shop.example>"
    assert first.get_content().split() == ["It’s", "on", "the", "van.", ".", "Bye"]


@pytest.mark.parametrize(("code", "error"), [(451, Unavailable), (550, Rejected)])
async def test_whether_a_retry_helps_is_the_servers_word(code, error):
    async with smtp_sink() as sink:
        sink.refusals = [code]
        with pytest.raises(error):
            await SmtpMailer(sink.url, SENDER).send(compose(mail(), host="x.example"))


async def test_a_server_that_is_away_is_tried_again():
    with pytest.raises(Unavailable):
        await SmtpMailer("smtp://127.0.0.1:9", SENDER).send(compose(mail(), host="x.example"))


async def test_a_password_never_goes_out_in_clear():
    async with smtp_sink() as sink:  # offers no TLS
        url = sink.url.replace("smtp://", "smtp://user:secret@")
        with pytest.raises(Unavailable):
            await SmtpMailer(url, SENDER).send(compose(mail(), host="x.example"))
    assert sink.mails == []


@pytest.mark.parametrize(
    ("url", "sender", "named"),
    [("mail.example.com", SENDER, "SMTP_URL"), ("smtp://x.example", "nobody", "MAIL_FROM")],
)
def test_wrong_settings_are_named(url, sender, named):
    with pytest.raises(Misconfigured, match=named):
        SmtpMailer(url, sender)


async def test_one_e_mail_for_one_thing_and_no_header_smuggled_in(sessions):
    async def queue(to="jo@example.com"):
        async with sessions.begin() as session:
            return await service.queue(
                session, key="message:7", to=to, subject="Hi\r\nBcc: x@x.test", text="t", now=NOW
            )

    first = await queue()
    assert await queue() is None
    async with sessions() as session:
        kept = await session.get_one(Mail, first)
    assert compose(kept, host="x.example")["Bcc"] is None
