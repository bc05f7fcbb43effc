"""The sandbox carrier's own records. Nothing of the shop's: the shop asks over HTTP."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class SandboxParcel(Base):
    """One parcel the sandbox carrier knows.

    Attributes:
        laid_out_at: When its scans were written; ``seed`` writes them anew once they are old.
    """

    __tablename__ = "sandbox_parcels"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[Key]
    number: Mapped[str]
    promised_from: Mapped[datetime | None]
    promised_to: Mapped[datetime | None]
    laid_out_at: Mapped[datetime]


class SandboxScan(Base):
    """One scan. Those with a time to come are what will happen: a parcel moves by the clock alone.

    Attributes:
        code: The sandbox carrier's own code.
    """

    __tablename__ = "sandbox_scans"
    __table_args__ = (Index("ix_sandbox_scans_parcel_id_at", "parcel_id", "at"),)

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("sandbox_parcels.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    code: Mapped[str]
    place: Mapped[str | None]


class CaughtMail(Base):
    """An e-mail that the demo's mail server took, as it came over the wire.

    Attributes:
        message_id: With its angle brackets; a second delivery of one is the same e-mail.
    """

    __tablename__ = "caught_mails"
    __table_args__ = (UniqueConstraint("message_id"),)

    id: Mapped[Key]
    message_id: Mapped[str]
    raw: Mapped[bytes]
    at: Mapped[datetime]


class SandboxFault(Base):
    """How the carrier misbehaves when it is asked for ``number``; ``*`` stands for every number."""

    __tablename__ = "sandbox_faults"

    number: Mapped[str] = mapped_column(primary_key=True)
    delay_seconds: Mapped[float]
    status: Mapped[int | None]
    retry_after: Mapped[int | None]
    body: Mapped[str | None]
