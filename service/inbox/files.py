"""Files that agents add to their answers and notes. Functions take a session and never commit."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from kit.errors import BadInput, NotFound
from kit.signing import Signer
from kit.text import clean
from service.accounts.models import Agent
from service.inbox.models import TicketFile
from service.settings import Settings

MOST: Final = 5
LARGEST: Final = 8 * 1024 * 1024
LINK_SECONDS: Final = 30 * 24 * 3600
# What a browser may show by itself; everything else is only ever downloaded.
SHOWN: Final = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "application/pdf": b"%PDF-",
}


def content_type_of(content: bytes) -> str:
    """What a file is, by how it begins, whatever its sender says."""
    return next(
        (kind for kind, start in SHOWN.items() if content.startswith(start)),
        "application/octet-stream",
    )


def bare_name(name: str) -> str:
    """A file's name for people: no path, nothing that could end a header."""
    return re.sub(r'[\\/"\r\n\t]+', "_", clean(name, limit=120)).strip(". ") or "file"


async def add(
    session: AsyncSession, ticket_id: int, agent: Agent, name: str, content: bytes, *, now: datetime
) -> TicketFile:
    """Keep a file for an agent's next answer or note.

    Raises:
        BadInput: It is empty or too large, or there are enough files already.
    """
    if not content:
        raise BadInput("The file is empty.")
    if len(content) > LARGEST:
        raise BadInput(f"A file may have {LARGEST // 2**20} MB.")
    if len(await waiting(session, ticket_id, agent)) >= MOST:
        raise BadInput(f"An answer may have {MOST} files.")
    made = TicketFile(
        ticket_id=ticket_id,
        agent_id=agent.id,
        name=bare_name(name),
        content_type=content_type_of(content),
        content=content,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made


async def waiting(session: AsyncSession, ticket_id: int, agent: Agent) -> Sequence[TicketFile]:
    """An agent's files for the next answer, in the order they were added."""
    return (
        await session.scalars(
            select(TicketFile)
            .where(
                TicketFile.ticket_id == ticket_id,
                TicketFile.agent_id == agent.id,
                TicketFile.answer_id.is_(None),
                TicketFile.note_id.is_(None),
                TicketFile.message_id.is_(None),
            )
            .order_by(TicketFile.id)
        )
    ).all()


async def drop(session: AsyncSession, ticket_id: int, agent: Agent, file_id: int) -> None:
    """Take back a file that has not been sent. One that is not there any more is no matter."""
    ids = {file.id for file in await waiting(session, ticket_id, agent)}
    if file_id in ids:
        await session.execute(delete(TicketFile).where(TicketFile.id == file_id))


async def of_ticket(session: AsyncSession, ticket_id: int) -> dict[int, list[TicketFile]]:
    """The files that went out with messages of a ticket, by message."""
    found: dict[int, list[TicketFile]] = {}
    for file in await session.scalars(
        select(TicketFile)
        .where(TicketFile.ticket_id == ticket_id, TicketFile.message_id.is_not(None))
        .order_by(TicketFile.id)
    ):
        if file.message_id is not None:
            found.setdefault(file.message_id, []).append(file)
    return found


async def read(session: AsyncSession, file_id: int, *, ticket_id: int | None = None) -> TicketFile:
    """A file with its content.

    Args:
        ticket_id: Whose it must be; ``None``: any ticket's, for who holds a signed link.

    Raises:
        NotFound: There is no such file of that ticket.
    """
    file = (
        await session.get(TicketFile, file_id, options=[undefer(TicketFile.content)])
        if file_id < 2**63
        else None
    )
    if file is None or ticket_id not in {None, file.ticket_id}:
        raise NotFound("no such file")
    return file


def link(settings: Settings, file: TicketFile) -> str:
    """Where the shopper finds a file, for 30 days: a whole address, signed."""
    return f"{settings.base_url}/files/{_signer(settings).write(str(file.id))}"


def read_link(settings: Settings, token: str) -> int:
    """The id of the file that a link leads to.

    Raises:
        NotVerified: Altered, of another installation, or too old.
    """
    return int(_signer(settings).read(token, max_age=LINK_SECONDS))


def _signer(settings: Settings) -> Signer:
    return Signer(settings.keys, "ticket-file")
