"""Writing the audit log, reading it, and checking that nobody changed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput
from service.accounts.sessions import SignedIn
from service.audit.models import AuditEntry, AuditLink

PAGE: Final = 100
COMMAND_LINE: Final = "command line"


class Act(StrEnum):
    """What is written down. Its words are for people; the value stays as it is."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name, no password
    TOTP_ON = "totp_on"
    TOTP_OFF = "totp_off"
    ACCOUNT_MADE = "account_made"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_CLOSED = "account_closed"
    INVITED = "invited"
    TEAM_CHANGED = "team_changed"
    ORDER_SEEN = "order_seen"
    TICKET_SEEN = "ticket_seen"
    TICKET_CHANGED = "ticket_changed"
    TICKET_CLOSED = "ticket_closed"
    MESSAGE_SENT = "message_sent"
    MESSAGE_SEEN = "message_seen"
    NOTE_WRITTEN = "note_written"
    SEARCHED = "searched"
    PARCEL_CORRECTED = "parcel_corrected"
    MACRO_CHANGED = "macro_changed"
    TEXT_CHANGED = "text_changed"
    LINKS_ENDED = "links_ended"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class Check:
    """Whether the log is whole.

    Attributes:
        length: How many entries are in the chain.
        head: The last position and digest, ``"120:9f86d0…"``; empty for an empty log. Kept
            elsewhere, it shows later that the end was not cut off.
        broken_at: The first position that does not fit; ``None`` where all do.
        unlinked: Entries outside the chain, which only a hand in the database can make.
    """

    length: int
    head: str
    broken_at: int | None
    unlinked: int

    @property
    def whole(self) -> bool:
        """Nothing was changed, left out or slipped in."""
        return self.broken_at is None and not self.unlinked


async def record(
    session: AsyncSession,
    who: SignedIn | None,
    act: Act,
    subject: str,
    *,
    now: datetime,
    **details: Any,
) -> None:
    """Write down what somebody does, in the transaction that does it: both are kept, or neither.

    Args:
        who: ``None`` for the command line.
        subject: ``"order:12"``, ``"ticket:7"``.
        details: JSON values; ids and settings, never a shopper's data or what was said.
    """
    session.add(
        AuditEntry(
            at=now,
            actor_id=who.agent.id if who else None,
            actor=who.agent.email if who else COMMAND_LINE,
            act=act,
            subject=subject,
            details=details,
            address=who.address if who else "",
        )
    )
    await session.flush()


async def entries(
    session: AsyncSession,
    *,
    before: int | None = None,
    actor: str = "",
    act: str = "",
    subject: str = "",
    limit: int | None = PAGE,
) -> Sequence[AuditEntry]:
    """Entries newest first, those that fit every filter given.

    Args:
        before: Only what is older than this entry's id, for the next page.
        actor: An e-mail, whole.
        limit: ``None`` for all of them.
    """
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    for column, wanted in (
        (AuditEntry.actor, actor),
        (AuditEntry.act, act),
        (AuditEntry.subject, subject),
    ):
        if wanted:
            query = query.where(column == wanted)
    return (await session.scalars(query)).all()


async def holds(session: AsyncSession, head: str) -> bool:
    """Whether the log goes through a head that was kept elsewhere: nothing up to it is cut off.

    Args:
        head: ``"120:9f86d0…"``, as ``Check.head`` gave it.

    Raises:
        BadInput: Not of that form.
    """
    position, _, digest = head.partition(":")
    if not position.isdecimal() or len(position) > 18 or not digest:
        raise BadInput("a head is a position and a digest, such as 120:9f86d0…")
    link = await session.get(AuditLink, int(position))
    return link is not None and link.digest == digest


async def check(session: AsyncSession) -> Check:
    """Compute every digest again. Reads the whole log."""
    row = (
        await session.execute(
            text(
                """
                WITH chain AS (
                  SELECT position, digest,
                         row_number() OVER (ORDER BY position) = position
                         AND digest = audit_digest(
                           coalesce(lag(digest) OVER (ORDER BY position), ''), e) AS fits
                  FROM audit_links JOIN audit_entries e ON e.id = entry_id)
                SELECT count(*), min(position) FILTER (WHERE NOT fits),
                       (SELECT digest FROM audit_links ORDER BY position DESC LIMIT 1),
                       (SELECT count(*) FROM audit_entries e
                        WHERE NOT EXISTS (SELECT FROM audit_links l WHERE l.entry_id = e.id))
                FROM chain
                """
            )
        )
    ).one()
    length, broken_at, head, unlinked = row
    return Check(length, f"{length}:{head}" if head else "", broken_at, unlinked)
