"""Keeping files and showing them. Functions take a session and never commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from integrations import messages
from kit.errors import NotFound
from kit.signing import Signer
from kit.text import clean
from service import jobs
from service.attachments.models import Attachment, AttachmentContent, Fetch
from service.attachments.pictures import Picture
from service.settings import Settings

LINK_SECONDS = 3600
MAX_FILES = 10  # of one message; what a shopper sends beyond is not kept


async def keep_upload(
    session: AsyncSession, conversation_id: int, picture: Picture, *, name: str, now: datetime
) -> Attachment:
    """Keep a picture somebody uploaded, until its message names it (``attach``).

    Args:
        picture: From ``pictures.read``, run in a thread before the transaction is opened.
        name: As the shopper's side gave it; shown, never used as a path.
    """
    attachment = Attachment(
        conversation_id=conversation_id,
        state=Fetch.WAITING,
        content_type="",
        name=clean(name, limit=100),
        created_at=now,
    )
    session.add(attachment)
    await session.flush()
    await keep(session, attachment, picture)
    return attachment


async def keep(session: AsyncSession, attachment: Attachment, picture: Picture) -> None:
    """Keep a picture's bytes with its row."""
    attachment.state = Fetch.KEPT
    attachment.content_type = picture.content_type
    attachment.width, attachment.height = picture.width, picture.height
    session.add(AttachmentContent(attachment_id=attachment.id, content=picture.content))
    await session.flush()


async def attach(
    session: AsyncSession, conversation_id: int, message_id: int, uploads: Sequence[int]
) -> None:
    """Give uploads to their message. Another conversation's, or one given before, is left alone."""
    await session.execute(
        update(Attachment)
        .where(
            Attachment.id.in_(uploads),
            Attachment.conversation_id == conversation_id,
            Attachment.message_id.is_(None),
        )
        .values(message_id=message_id)
    )


async def expect(
    session: AsyncSession,
    conversation_id: int,
    message_id: int,
    files: Iterable[messages.Attachment],
    *,
    now: datetime,
) -> None:
    """Note files that the provider holds, and have each fetched by a job."""
    for file in list(files)[:MAX_FILES]:
        attachment = Attachment(
            conversation_id=conversation_id,
            message_id=message_id,
            state=Fetch.WAITING,
            reference=file.reference,
            content_type=clean(file.content_type, limit=100),
            name=clean(file.name, limit=100),
            created_at=now,
        )
        session.add(attachment)
        await session.flush()
        await jobs.defer(session, "fetch_attachment", attachment_id=attachment.id)


async def of_messages(
    session: AsyncSession, message_ids: Sequence[int]
) -> dict[int, list[Attachment]]:
    """The files of messages, in the order sent, by message; a message without one is left out."""
    found: dict[int, list[Attachment]] = {}
    rows = await session.scalars(
        select(Attachment).where(Attachment.message_id.in_(message_ids)).order_by(Attachment.id)
    )
    for attachment in rows:
        if attachment.message_id is not None:
            found.setdefault(attachment.message_id, []).append(attachment)
    return found


async def content(session: AsyncSession, attachment_id: int) -> tuple[str, bytes]:
    """A kept file's type and bytes.

    Raises:
        NotFound: There is none, or it is not kept.
    """
    row = (
        await session.execute(
            select(Attachment.content_type, AttachmentContent.content)
            .join(AttachmentContent, AttachmentContent.attachment_id == Attachment.id)
            .where(Attachment.id == attachment_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("no such file")
    return row[0], row[1]


def path(settings: Settings, attachment: Attachment) -> str | None:
    """A link to a file that ends after ``LINK_SECONDS``: path only; ``None``: not kept."""
    if attachment.state != Fetch.KEPT:
        return None
    return f"/attachments/{_signer(settings).write(str(attachment.id))}"


def read_link(settings: Settings, token: str) -> int:
    """The id of the file a link is to.

    Raises:
        NotVerified: Altered, of another installation, or too old.
    """
    return int(_signer(settings).read(token, max_age=LINK_SECONDS))


def _signer(settings: Settings) -> Signer:
    return Signer(settings.keys, "attachment")
