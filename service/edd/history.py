"""What was told of parcels' dates, and how late they are by it. Functions take a session."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, any_, bindparam, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from service.edd.models import DeliveryDate, DeliveryDateMove
from service.statements import Bare, Statement
from service.storefront.models import Parcel
from service.storefront.parcels import parcels_of


async def moves(on: AsyncSession | Bare, parcel_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Every change of what was told of parcels, oldest first; none for one never told of.

    Returns:
        Rows with the columns of ``DeliveryDateMove``, by parcel.
    """
    found: dict[int, list[Any]] = {}
    for row in await _MOVES.all(on, parcel_ids=list(parcel_ids)):
        found.setdefault(row.parcel_id, []).append(row)
    return found


_MOVES: Final = Statement[Any](
    select(*DeliveryDateMove.__table__.columns)
    .where(DeliveryDateMove.parcel_id == any_(bindparam("parcel_ids", type_=ARRAY(BigInteger))))
    .order_by(DeliveryDateMove.id)
)


async def days_late(session: AsyncSession, order_id: int, *, today: date) -> int | None:
    """How many days ago an order's parcels should have come, of the latest one.

    The shop's day counts before the carrier's, and that before the day that was told first. A
    parcel still in time gives 0 or less; ``None`` where no day is told of any.
    """
    rows = await session.scalars(
        select(DeliveryDate)
        .join(Parcel, Parcel.id == DeliveryDate.parcel_id)
        .where(Parcel.id.in_(parcels_of(literal(order_id))), DeliveryDate.last.is_not(None))
    )
    late = [
        (today - due).days for row in rows if (due := row.shop or row.carrier or row.first_told)
    ]
    return max(late, default=None)
