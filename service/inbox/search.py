"""Search over what was said, noted and ordered: PostgreSQL's full text, newest first."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, TextClause, func, literal, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput
from kit.text import clean
from service.accounts.sessions import SignedIn
from service.accounts.teams import visible
from service.conversations.models import Message
from service.db import full_text
from service.inbox.lists import Row, of_tickets
from service.inbox.models import Ticket, TicketNote
from service.storefront.models import ORDER_TEXT, Order, OrderItem, Parcel
from service.storefront.normal import order_key, phone_of, tracking_number_of

MOST: Final = 30
# So many of the newest places where the words stand are looked at; a ticket may have several.
PLACES: Final = 100
# They are looked for among so many of the newest messages, then among all (``None``): a word that
# is neither common nor rare is slow to find in all, whichever way.
SPANS: Final = (30_000, None)
LONGEST: Final = 200
# Stand around a found word until the page is made; nobody types them (private use area).
OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
_HEADLINE: Final = f"StartSel={OPEN}, StopSel={CLOSE}, MaxWords=30, MinWords=12, MaxFragments=1"
# A last word that may go on: of letters, after a space, and long enough not to be anything.
_UNFINISHED: Final = re.compile(r"(?<!\S)[^\W\d_]{3,}$")


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that a search came to.

    Attributes:
        words: Where the words stand, the found ones between ``OPEN`` and ``CLOSE``; ``None`` where
            it was its order.
        note: They stand in an internal note.
    """

    row: Row
    words: str | None = None
    note: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found.

    Attributes:
        tickets: Those by their order first, then by where the words stand, newest first.
        orders: Orders found that no ticket is about.
        more: There are more than are shown.
    """

    tickets: Sequence[Found]
    orders: Sequence[Order]
    more: bool


async def search(
    session: AsyncSession, who: SignedIn, typed: str, *, country: str, now: datetime
) -> Results:
    """Find tickets by words in their conversations and notes, and orders by what they have.

    Words are stemmed; ``"in quotes"`` stand together, ``-not`` leaves out, the last word may be
    unfinished. An order is found by its number, name, e-mail, phone, items or tracking number.

    Args:
        country: The shop's, in which a phone number without one is read.

    Raises:
        BadInput: Nothing to search for.
    """
    words = clean(typed, limit=LONGEST)
    if not words:
        raise BadInput("nothing to search for")
    await _plan_for_these_words(session)
    orders = await _orders(session, words, country=country)
    places = await _messages(session, who, words)
    notes = await _notes(session, who, words)
    found: dict[int, tuple[str | None, bool]] = {}
    by_order = await _tickets_of(session, who, [order.id for order in orders])
    found |= dict.fromkeys(by_order, (None, False))
    for ticket_id, line in notes:
        found.setdefault(ticket_id, (line, True))
    for ticket_id, line in places:
        found.setdefault(ticket_id, (line, False))
    shown = list(found)[:MOST]
    rows = await of_tickets(session, shown, who, now=now)
    about = {row.ticket.order_id for row in rows}
    return Results(
        tickets=[Found(row, *found[row.ticket.id]) for row in rows],
        orders=[order for order in orders if order.id not in about],
        more=len(found) > MOST,
    )


async def _plan_for_these_words(session: AsyncSession) -> None:
    """Have this transaction's plans made for the words at hand, at what they really cost.

    A common word is found soonest by reading the newest messages, a rare one by the index. A plan
    for any words would be wrong for most, and PostgreSQL takes reading a text's words for twenty
    times cheaper than it is. Its compiler, which sets in at such costs, would take longer than the
    search.
    """
    for setting in (
        "plan_cache_mode = force_custom_plan",
        "cpu_operator_cost = 0.05",
        "jit = off",
    ):
        await session.execute(text(f"SET LOCAL {setting}"))


def query_of(words: str, config: str = "english") -> ColumnElement[Any]:
    """What somebody typed, as PostgreSQL searches for it."""
    how: ColumnElement[Any] = literal_column(f"'{config}'::regconfig")
    whole: ColumnElement[Any] = func.websearch_to_tsquery(how, words)
    unfinished = _UNFINISHED.search(words)
    if unfinished is None:
        return whole
    last: ColumnElement[Any] = func.to_tsquery(how, f"{unfinished[0]}:*")
    if rest := words[: unfinished.start()].strip():
        last = func.websearch_to_tsquery(how, rest).op("&&")(last)
    return whole.op("||")(last)


async def _messages(session: AsyncSession, who: SignedIn, words: str) -> list[tuple[int, str]]:
    query = query_of(words)
    newest = (
        select(Message.id, Message.conversation_id)
        .where(Message.id.in_(await _newest(session, query)))
        .cte("newest")
    )
    # The ticket that is open in the conversation, else its last one.
    ticket = (
        select(Ticket.id)
        .where(Ticket.conversation_id == newest.c.conversation_id, visible(who, Ticket.team_id))
        .order_by(Ticket.id.desc())
        .limit(1)
        .lateral("ticket")
    )
    place = (
        select(ticket.c.id.label("ticket_id"), func.max(newest.c.id).label("message_id"))
        .select_from(newest)
        .join(ticket, literal(True))
        .group_by(ticket.c.id)
        .order_by(func.max(newest.c.id).desc())
        .limit(MOST + 1)
        .subquery()
    )
    found = await session.execute(
        select(place.c.ticket_id, _headline(Message.text, query))
        .join(Message, Message.id == place.c.message_id)
        .order_by(place.c.message_id.desc())
    )
    return [(ticket_id, line) for ticket_id, line in found]


async def _newest(session: AsyncSession, query: ColumnElement[Any]) -> Sequence[int]:
    """Ids of the newest messages with these words."""
    ids: Sequence[int] = []
    last = await session.scalar(select(func.max(Message.id))) or 0
    for span in SPANS:
        where = [_matches(full_text("text", table="messages"), query)]
        if span is not None:
            where.append(Message.id > last - span)
        newest = select(Message.id).where(*where).order_by(Message.id.desc()).limit(PLACES)
        ids = (await session.scalars(newest)).all()
        if len(ids) == PLACES:
            break
    return ids


async def _notes(session: AsyncSession, who: SignedIn, words: str) -> list[tuple[int, str]]:
    query = query_of(words)
    found = await session.execute(
        select(TicketNote.ticket_id, _headline(TicketNote.text, query))
        .join(Ticket, Ticket.id == TicketNote.ticket_id)
        .where(
            _matches(full_text("text", table="ticket_notes"), query), visible(who, Ticket.team_id)
        )
        .order_by(TicketNote.id.desc())
        .limit(MOST + 1)
    )
    return [(ticket_id, line) for ticket_id, line in found]


async def _orders(session: AsyncSession, words: str, *, country: str) -> Sequence[Order]:
    """Orders newest first. Each way is a look into one index, so none spoils another's."""
    bare = words.strip("\"' ")
    ways: list[ColumnElement[bool]] = [_matches(ORDER_TEXT, query_of(words, "simple"))]
    if key := order_key(bare):
        ways.append(Order.key == key)
    with suppress(ValueError):
        ways.append(Order.phone == phone_of(bare, country))
    if number := tracking_number_of(bare):
        ways.append(Order.id.in_(select(Parcel.order_id).where(Parcel.number == number)))
    items = (
        select(OrderItem.order_id)
        .where(_matches(full_text("title"), query_of(words)))
        .order_by(OrderItem.id.desc())
        .limit(MOST)
    )
    ways.append(Order.id.in_(items))
    ids: set[int] = set()
    for way in ways:
        ids |= set(await session.scalars(select(Order.id).where(way).limit(MOST)))
    return (
        await session.scalars(
            select(Order)
            .where(Order.id.in_(ids))
            .order_by(Order.placed_at.desc(), Order.id)
            .limit(MOST)
        )
    ).all()


async def _tickets_of(
    session: AsyncSession, who: SignedIn, order_ids: Sequence[int]
) -> Sequence[int]:
    if not order_ids:
        return []
    return (
        await session.scalars(
            select(Ticket.id)
            .where(Ticket.order_id.in_(order_ids), visible(who, Ticket.team_id))
            .order_by(Ticket.id.desc())
            .limit(MOST)
        )
    ).all()


def _matches(document: TextClause, query: ColumnElement[Any]) -> ColumnElement[bool]:
    found: ColumnElement[Any] = literal_column(document.text)
    return found.bool_op("@@")(query)


def _headline(words: Any, query: ColumnElement[Any]) -> ColumnElement[str]:
    bare = func.translate(words, OPEN + CLOSE, "")
    english: ColumnElement[Any] = literal_column("'english'::regconfig")
    made: ColumnElement[str] = func.ts_headline(english, bare, query, _HEADLINE)
    return made
