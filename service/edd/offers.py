"""What a shopper is told before buying: the date on the product page."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, LockedOut
from service.conversations import floods
from service.edd.dates import Dates
from service.storefront.models import Order, OrderItem, Parcel
from tracking_lookup.contract import UNKNOWN_CARRIER
from tracking_lookup.edd.promise import Promise, say

KEPT: Final = timedelta(hours=1)
"""How long an answer is good: a shop's usual dates move by the day, not by the minute."""
MOST_KEPT: Final = 5000
A_MINUTE: Final = 300
"""How many questions one address may ask in a minute."""
LATELY: Final = timedelta(days=90)
ENOUGH: Final = 10
"""Parcels with an item from which its own usual carrier is known."""

_POSTCODE = re.compile(r"[A-Z0-9]{2,10}")


@dataclass(frozen=True, slots=True)
class Offer:
    """When something bought now would arrive; both days are ``None`` where nothing is known."""

    first: date | None
    last: date | None
    text: str
    because: str


NOTHING: Final = Offer(None, None, "", "")


class Offers:
    """The offers of one process, kept for an hour."""

    def __init__(self, dates: Dates) -> None:
        self._dates = dates
        self._kept: OrderedDict[tuple[str, str, str], tuple[datetime, Offer]] = OrderedDict()

    async def offer(
        self, session: AsyncSession, *, postcode: str, sku: str, country: str, now: datetime
    ) -> Offer:
        """When it would arrive if it were ordered now.

        Args:
            sku: Chooses the carrier that usually takes it; one nobody has bought takes the usual.
            country: ISO 3166 alpha-2; empty is the shop's own.

        Raises:
            BadInput: That is no postcode.
        """
        code = re.sub(r"[\s-]", "", postcode).upper()
        if not _POSTCODE.fullmatch(code):
            raise BadInput("postcode: 2 to 10 letters and digits")
        country = country.upper() or self._dates.home.country
        key = (country, code, sku)
        kept = self._kept.get(key)
        if kept and now - kept[0] < KEPT:
            return kept[1]
        carrier = await _usual_carrier(session, sku, country, now=now)
        told = await self._dates.before_purchase(
            carrier=carrier, country=country, postcode=code, now=now
        )
        offer = _offer(told)
        if told is not None:  # a model may come at any moment
            self._kept[key] = (now, offer)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return offer


async def admit(session: AsyncSession, asker: str, *, now: datetime) -> None:
    """Count a question, for all processes together.

    Args:
        asker: A digest of who asks (``visitors``).

    Raises:
        LockedOut: Too many in this minute.
    """
    if await floods.count(session, asker, now=now) > A_MINUTE:
        raise LockedOut("too many questions in this minute")


def _offer(told: Promise | None) -> Offer:
    if told is None or told.is_hidden:
        return NOTHING
    return Offer(told.first, told.last, f"Arrives {say(told)}", told.because)


async def _usual_carrier(session: AsyncSession, sku: str, country: str, *, now: datetime) -> str:
    """Who takes most parcels there lately: those with the item, else all, else nobody knows."""
    lately = (
        select(Parcel.carrier, func.count())
        .join(Order, Order.id == Parcel.order_id)
        .where(Order.country == country, Parcel.created_at > now - LATELY)
        .group_by(Parcel.carrier)
        .order_by(func.count().desc(), Parcel.carrier)
        .limit(1)
    )
    with_item = select(OrderItem.parcel_id).where(
        OrderItem.sku == sku, OrderItem.parcel_id.is_not(None)
    )
    if sku:
        row = (await session.execute(lately.where(Parcel.id.in_(with_item)))).one_or_none()
        if row is not None and row[1] >= ENOUGH:
            return str(row[0])
    row = (await session.execute(lately)).one_or_none()
    return str(row[0]) if row is not None else UNKNOWN_CARRIER
