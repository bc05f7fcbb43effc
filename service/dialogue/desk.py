"""The desk the bot's actions work at: proof of identity, orders, a record, a human."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    SQLColumnExpression,
    bindparam,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import OrderAnswer, ParcelAnswer, Reason, Request
from faq.model import Answer
from kit import clock
from kit.errors import NotVerified
from kit.text import clean
from service.consent import service as consent
from service.conversations.service import lock
from service.edd.dates import with_window
from service.faq import service as faq
from service.inbox import handover
from service.runtime import Runtime
from service.statements import Bare, Statement, bare
from service.storefront import identity
from service.storefront.models import OrderItem, Parcel
from service.storefront.normal import order_key
from service.storefront.parcels import parcels_of
from service.tracking_page import links
from tracking_lookup.model import Status


class ServiceDesk:
    """``bot.actions.contract.Desk`` over the database and the carriers.

    Each call is one short transaction of its own, and none is open while a carrier is asked.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._sessions = runtime.sessions

    async def prove(self, conversation: int, order_number: str, proof: str) -> None:
        """See ``Desk.prove``."""
        async with self._sessions.begin() as session:
            order_id = await identity.prove(
                session, conversation, order_number, proof, now=clock.now()
            )
        if order_id is None:  # after the commit, which keeps the failure
            raise _not_verified()

    async def covers(self, conversation: int, order_number: str) -> bool:
        """See ``Desk.covers``."""
        async with self._sessions.begin() as session:
            return await identity.covers(session, conversation, order_number, now=clock.now())

    async def proven(self, conversation: int) -> tuple[str, ...]:
        """See ``Desk.proven``."""
        async with bare(self._sessions) as connection:
            orders = await identity.proven(connection, conversation, now=clock.now())
        return tuple(order.number for order in orders)

    async def order(self, conversation: int, order_number: str) -> OrderAnswer:
        """See ``Desk.order``. The parcels are asked about at the same time."""
        now = clock.now()
        async with bare(self._sessions) as connection:
            order = await _proven(connection, conversation, order_number, now=now)
            [contents] = await _CONTENTS.all(connection, order_id=order.id)
        items, parcels = contents.items, contents.parcels
        link = links.Link(order.id, contents.generation)
        page = links.address(self._runtime.settings, link, now=now)
        lookups = await asyncio.gather(
            *(self._runtime.lookup.where_is(parcel.id, now=now) for parcel in parcels)
        )
        told = await self._runtime.dates.told([parcel.id for parcel in parcels], now=now)
        return OrderAnswer(
            number=order.number,
            placed_at=order.placed_at,
            promised_to=order.promised_to,
            cancelled=order.cancelled_at is not None,
            unshipped=_lines(items, None),
            parcels=tuple(
                ParcelAnswer(
                    number=parcel.number,
                    carrier_name=self._carrier_name(parcel.carrier),
                    items=_lines(items, parcel.id),
                    lookup=with_window(lookup, told.get(parcel.id), now=now),
                    link=page,
                )
                for parcel, lookup in zip(parcels, lookups, strict=True)
            ),
        )

    async def dispute(self, conversation: int, order_number: str) -> None:
        """See ``Desk.dispute``. The first dispute of a parcel stays."""
        now = clock.now()
        async with self._sessions.begin() as session:
            order = await _proven(session, conversation, order_number, now=now)
            await session.execute(
                update(Parcel)
                .where(
                    Parcel.id.in_(parcels_of(literal(order.id))),
                    Parcel.status == Status.DELIVERED,
                    Parcel.disputed_at.is_(None),
                )
                .values(disputed_at=now)
            )

    async def record(self, conversation: int, request: Request) -> None:
        """See ``Desk.record``."""
        async with self._sessions.begin() as session:
            locked = await lock(session, conversation)
            await consent.record(session, locked, request, now=clock.now())

    async def asked(self, conversation: int, text: str, answer: Answer) -> None:
        """See ``Desk.asked``."""
        async with self._sessions.begin() as session:
            await faq.asked(
                session, text, answer, lang="en", now=clock.now(), conversation_id=conversation
            )

    async def rated(self, conversation: int, *, helped: bool) -> None:
        """See ``Desk.rated``."""
        async with self._sessions.begin() as session:
            await faq.rated(session, conversation, helped=helped, now=clock.now())

    async def hand_over(
        self, conversation: int, reason: Reason, *, note: str = "", order_number: str | None = None
    ) -> str:
        """See ``Desk.hand_over``. An order that was not proven is named in the note only."""
        now = clock.now()
        async with self._sessions.begin() as session:
            locked = await lock(session, conversation)
            order_id = None
            if order_number is not None:
                try:
                    order_id = (await _proven(session, conversation, order_number, now=now)).id
                except NotVerified:
                    named = clean(order_number, limit=60)
                    note = f"{note}\nOrder named but not proven: {named}".strip()
            terms = self._runtime.terms
            ticket = await handover.hand_over(
                session, locked, reason, terms=terms, note=note, order_id=order_id, now=now
            )
            return handover.told(ticket, terms, now=now)

    def _carrier_name(self, slug: str) -> str:
        carrier = self._runtime.lookup.carriers.get(slug)
        return carrier.manifest.name if carrier else slug.replace("_", " ").title()


def _not_verified() -> NotVerified:
    """One error for all: no such order, wrong proof, expired proof."""
    return NotVerified("order and proof do not fit together")


async def _proven(
    session: AsyncSession | Bare, conversation: int, order_number: str, *, now: datetime
) -> identity.Proven:
    key = order_key(order_number)
    for order in await identity.proven(session, conversation, now=now):
        if order.key == key:
            return order
    raise _not_verified()


class _Item(NamedTuple):
    parcel_id: int | None
    quantity: int
    title: str


class _Parcel(NamedTuple):
    id: int
    number: str
    carrier: str


class _Contents(NamedTuple):
    items: list[_Item]
    parcels: list[_Parcel]
    generation: int


def _rows(
    *columns: SQLColumnExpression[Any], order: SQLColumnExpression[Any], where: ColumnElement[bool]
) -> ColumnElement[Any]:
    """Rows as one value: a list of lists, ``None`` where there are none."""
    rows = func.jsonb_agg(aggregate_order_by(func.jsonb_build_array(*columns), order))
    return select(rows).where(where).scalar_subquery()


def _contents(
    items: list[list[Any]] | None, parcels: list[list[Any]] | None, generation: int
) -> _Contents:
    """What an order holds, from the row of ``_CONTENTS``."""
    return _Contents(
        [_Item(*item) for item in items or ()],
        [_Parcel(*parcel) for parcel in parcels or ()],
        generation,
    )


_ORDER_ID: Final[BindParameter[int]] = bindparam("order_id")
_CONTENTS: Final = Statement(
    select(
        _rows(
            OrderItem.parcel_id,
            OrderItem.quantity,
            OrderItem.title,
            order=OrderItem.id,
            where=OrderItem.order_id == _ORDER_ID,
        ),
        _rows(
            Parcel.id,
            Parcel.number,
            Parcel.carrier,
            order=Parcel.id,
            where=Parcel.id.in_(parcels_of(_ORDER_ID)),
        ),
        links.generation_of(_ORDER_ID),
    ),
    _contents,
)


def _lines(items: Sequence[_Item], parcel_id: int | None) -> tuple[str, ...]:
    return tuple(f"{i.quantity} × {i.title}" for i in items if i.parcel_id == parcel_id)  # noqa: RUF001
