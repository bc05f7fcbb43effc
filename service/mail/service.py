"""E-mail out: queued with what it is about, sent by a job. Functions take a session."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import Misconfigured, Rejected, Unavailable
from service import jobs
from service.db import insert_new
from service.mail.models import Mail
from service.mail.reading import MARK

SECONDS: Final = 20


class Mailer(Protocol):
    """Whoever takes e-mails."""

    async def send(self, message: EmailMessage) -> None:
        """Hand one e-mail over; ``From`` is filled in.

        Raises:
            Unavailable: Try again.
            Rejected: The server will never take it.
        """
        ...


class SmtpMailer:
    """The shop's SMTP server.

    Args:
        url: ``smtps://user:password@host:465`` (TLS from the start) or ``smtp://host:587``
            (STARTTLS, which a server on another machine must offer where a password is sent).
        sender: ``Northwind Outfitters <help@example.com>``.

    Raises:
        Misconfigured: The address is not of that shape.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise Misconfigured("SMTP_URL must look like smtps://user:password@host:465")
        if "@" not in sender:
            raise Misconfigured("MAIL_FROM must be the address that e-mails come from")
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender

    async def send(self, message: EmailMessage) -> None:
        """See ``Mailer.send``."""
        message["From"] = self._sender
        # A password never goes out in clear: with one, TLS is a must; without, it is used if there.
        start_tls = None if self._tls or self._user is None else True
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                use_tls=self._tls,
                start_tls=False if self._tls else start_tls,
                username=self._user,
                password=self._password,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            _refuse(max((r.code for r in error.recipients), default=550))
        except aiosmtplib.SMTPAuthenticationError as error:
            raise Unavailable("smtp", "user or password refused; see SMTP_URL") from error
        except aiosmtplib.SMTPResponseException as error:
            _refuse(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable("smtp", type(error).__name__) from error


async def queue(
    session: AsyncSession,
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
    conversation_id: int | None = None,
    now: datetime,
) -> int | None:
    """Have an e-mail sent, once for its key, if this transaction commits.

    Args:
        key: What it is about: ``"message:12"``.
        to: One address.
        text: Plain text.
        html: The same as HTML, for mail programs that show it.
        headers: More headers, by name.

    Returns:
        Its id; ``None`` where one with this key was queued before.
    """
    mail_id = await insert_new(
        session,
        Mail,
        key=key,
        conversation_id=conversation_id,
        to=to,
        subject=" ".join(subject.split()),
        text=text,
        html=html,
        headers=dict(headers or {}),
        name=uuid.uuid4().hex,
        created_at=now,
    )
    if mail_id is not None:
        await jobs.defer(session, "send_mail", mail_id=mail_id)
    return mail_id


def compose(mail: Mail, *, host: str, replies: str = "") -> EmailMessage:
    """An e-mail as it goes over the wire, without its sender. The same row, the same message.

    Args:
        host: What the ``Message-ID`` ends in: the service's public host.
        replies: The address for answers, ``MAIL_REPLIES``; empty: they go to the sender.
    """
    message = EmailMessage(policy=SMTP)
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.name}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    if replies and mail.conversation_id is not None:
        box, _, domain = replies.partition("@")
        message["Reply-To"] = f"{box}+{mail.name}@{domain}"
    for name, value in (mail.headers or {}).items():
        message[name] = value
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    return message


def answer_text(answers: Sequence[str], *, shop: str, replies: bool) -> str:
    """The e-mail to a shopper who left before the answer came.

    Args:
        replies: Answers to it come back into the conversation.
    """
    return "\n\n".join(
        [
            *([MARK] if replies else []),
            f"You wrote to {shop}, and left before our answer came. Here it is:",
            *answers,
            "To answer, just reply to this e-mail."
            if replies
            else "To answer, please open the chat on our site again, in the same browser. Answers "
            "to this e-mail are not read.",
            shop,
        ]
    )


def _refuse(code: int) -> None:
    """What an SMTP code means: 4xx may pass, 5xx never will."""
    if 400 <= code < 500:
        raise Unavailable("smtp", f"answered {code}")
    raise Rejected("smtp", f"answered {code}")
