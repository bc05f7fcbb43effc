"""What is told of a parcel's arrival, how that changed, and the trainings behind it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class DeliveryDate(Base):
    """What is told of one parcel, beside what others promised; all three are kept.

    Attributes:
        first: ``None`` together with ``last`` where no date is told.
        first_told: The last day of the first window that was ever told. ``None`` before any was.
        due: The day by which 19 in 20 such parcels had come, as estimated when ``first_told`` was:
            the parcel is late by that where nobody promised anything.
        by: Which predictor said so; see ``tracking_lookup.edd.fitting``.
        shop: The latest day the shop promised. carrier: The carrier's, as last heard.
        estimated_at: When it was last looked at; it is looked at again daily, and once the parcel
            has changed since.
        model: The version of the model that did.
    """

    __tablename__ = "delivery_dates"

    parcel_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("parcels.id", ondelete="CASCADE"), primary_key=True
    )
    first: Mapped[date | None]
    last: Mapped[date | None]
    first_told: Mapped[date | None]
    due: Mapped[date | None]
    because: Mapped[str]
    by: Mapped[str]
    shop: Mapped[date | None]
    carrier: Mapped[date | None]
    estimated_at: Mapped[datetime]
    model: Mapped[str]


class DeliveryDateMove(Base):
    """What is told of a parcel has changed: the one history of its date, whoever gave it.

    Attributes:
        why: One of ``tracking_lookup.edd.promise.Why``.
        first_before: ``None`` together with ``last_before`` where no date was told before.
        because: The model's sentence with the new date.
        matters: Whether the shopper should hear of it unasked.
    """

    __tablename__ = "delivery_date_moves"
    __table_args__ = (Index("ix_delivery_date_moves_parcel_id_at", "parcel_id", "at"),)

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    why: Mapped[str]
    first_before: Mapped[date | None]
    last_before: Mapped[date | None]
    first: Mapped[date | None]
    last: Mapped[date | None]
    because: Mapped[str]
    matters: Mapped[bool]


class TrainingState(StrEnum):
    """How a training stands."""

    RUNNING = "running"
    PROMOTED = "promoted"
    KEPT = "kept"  # but worse than the one that runs
    FAILED = "failed"


class Training(Base):
    """One training of the model.

    Attributes:
        at_work: What it is at, in words; its last ones once it has ended.
        version: The model's name on disk; ``None`` before it is written.
        ended_at: ``None`` while it runs, and where it was killed.
    """

    __tablename__ = "edd_trainings"

    id: Mapped[Key]
    started_at: Mapped[datetime]
    state: Mapped[str]
    at_work: Mapped[str]
    version: Mapped[str | None]
    ended_at: Mapped[datetime | None]
