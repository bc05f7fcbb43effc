"""What the look-up remembers besides the parcels: calls made, parcels watched, scans taken back."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Index, Interval, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class Source(Base):
    """A source that has been called. Its row is the lock under which calls are counted.

    Attributes:
        rest_until: It asked to be left alone until then; ``None`` if never.
    """

    __tablename__ = "tracking_sources"

    slug: Mapped[str] = mapped_column(Text, primary_key=True)
    rest_until: Mapped[datetime | None]


class SourceCall(Base):
    """A call to a source, kept while it counts against the source's limit."""

    __tablename__ = "tracking_calls"
    __table_args__ = (Index("ix_tracking_calls_source_at", "source", "at"),)

    id: Mapped[Key]
    source: Mapped[str]
    at: Mapped[datetime]


class ParcelWatch(Base):
    """When a parcel is asked about again, and whether somebody is asking now.

    Attributes:
        due_at: ``None``: its way has ended, and it is asked about only when a person asks.
        asking_until: A process is calling; if it dies, its claim ends then. ``None``: nobody.
    """

    __tablename__ = "parcel_watches"
    __table_args__ = (Index("ix_parcel_watches_due_at", "due_at"),)

    parcel_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("parcels.id", ondelete="CASCADE"), primary_key=True
    )
    due_at: Mapped[datetime | None]
    asking_until: Mapped[datetime | None]


class WithdrawnEvent(Base):
    """A scan its carrier has taken back: it was in one whole answer and not in a later one."""

    __tablename__ = "withdrawn_tracking_events"

    event_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tracking_events.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]


class NormalGap(Base):
    """How long a carrier's parcels normally go without a scan, learned from this shop's own.

    Attributes:
        leg: ``domestic`` or ``international``.
        gap: Working time that 95 in 100 delivered parcels never exceeded.
        parcels: How many that was learned from; at least 30.
    """

    __tablename__ = "normal_gaps"

    carrier: Mapped[str] = mapped_column(Text, primary_key=True)
    leg: Mapped[str] = mapped_column(Text, primary_key=True)
    gap: Mapped[timedelta] = mapped_column(Interval)
    parcels: Mapped[int]
    learned_at: Mapped[datetime]
