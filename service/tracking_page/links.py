"""Signed links to an order's page. Functions take a session and never commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotVerified
from kit.signing import LinkSigner
from service.settings import Settings
from service.statements import Bare, Statement
from service.tracking_page.models import OpenedLink, RevokedLinks

PURPOSE = "order-page"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says.

    Attributes:
        ref: The message it was sent in, as its sender calls it; ``None``: in none.
    """

    order_id: int
    generation: int
    ref: int | None = None


async def for_order(
    session: AsyncSession,
    settings: Settings,
    order_id: int,
    *,
    now: datetime,
    ref: int | None = None,
) -> str:
    """The address of an order's page, for whoever may see that order.

    It holds for ``TRACKING_LINK_DAYS``, until ``SECRET_KEY`` forgets the key that signed it, or
    until ``revoke``.

    Args:
        ref: Names the message it goes into, so that its opening can be counted (``OpenedLink``).
    """
    generation = await _generation(session, order_id)
    return address(settings, Link(order_id, generation, ref), now=now)


def address(settings: Settings, link: Link, *, now: datetime) -> str:
    """The address that a link stands for; its generation is that of ``generation_of``."""
    return f"{settings.base_url}/t/{write(settings, link, now=now)}"


def generation_of(order_id: ColumnElement[int]) -> ColumnElement[int]:
    """The generation of an order's links that hold now, for a statement that reads more."""
    row = select(RevokedLinks.generation).where(RevokedLinks.order_id == order_id)
    return func.coalesce(row.scalar_subquery(), 0)


def write(settings: Settings, link: Link, *, now: datetime) -> str:
    """A link's token. See ``for_order``."""
    parts = (link.order_id, link.generation, *((link.ref,) if link.ref is not None else ()))
    until = now + timedelta(days=settings.tracking_link_days)
    return LinkSigner(settings.keys, PURPOSE).write("-".join(map(str, parts)), until=until)


async def read(
    session: AsyncSession | Bare, settings: Settings, token: str, *, now: datetime
) -> Link:
    """What a token says.

    Raises:
        NotVerified: Guessed, altered, over or revoked; which of them is never said.
    """
    parts = LinkSigner(settings.keys, PURPOSE).read(token, now=now).split("-")
    link = Link(*map(int, parts))
    if await _generation(session, link.order_id) != link.generation:
        raise NotVerified("link refused")
    return link


async def opened(session: AsyncSession, ref: int, order_id: int, *, now: datetime) -> None:
    """Remember that a message's link was opened, the first time alone."""
    row = insert(OpenedLink).values(ref=ref, order_id=order_id, at=now)
    await session.execute(row.on_conflict_do_nothing())


async def revoke(session: AsyncSession, order_id: int, *, now: datetime) -> None:
    """End all links to an order's page that were made so far, wherever they are."""
    row = insert(RevokedLinks).values(order_id=order_id, generation=1, at=now)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["order_id"],
            set_={"generation": RevokedLinks.generation + 1, "at": now},
        )
    )


async def _generation(session: AsyncSession | Bare, order_id: int) -> int:
    return await _GENERATION.one(session, order_id=order_id) or 0


_GENERATION: Final = Statement(select(generation_of(bindparam("order_id"))), int)
