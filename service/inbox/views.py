"""What a ticket's page shows, read in few queries. Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.model import Hit
from faq.search import Faq
from kit.errors import NotFound
from service.accounts.models import Agent, Team
from service.accounts.sessions import SignedIn
from service.accounts.teams import visible
from service.attachments import service as attachments
from service.attachments.models import Attachment
from service.conversations.models import Author, Message
from service.inbox import case as cases
from service.inbox import files, macros
from service.inbox.case import Case, Given
from service.inbox.lists import Row, of_tickets
from service.inbox.models import (
    AnswerState,
    LaterAnswer,
    Macro,
    Rating,
    Ticket,
    TicketEvent,
    TicketFile,
    TicketNote,
    TicketStatus,
    WrongAnswer,
)
from service.inbox.summary import Summary, summarise
from service.inbox.tickets import history

SUGGESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the story of a case: something said, noted, or that happened.

    Attributes:
        message, note, event, unsent: One of the four; ``unsent`` is an answer that did not go out.
        by: Who noted or wrote it, or made it happen; ``None``: the service itself.
        files: What went out with the message.
        pictures: What the shopper sent with it.
        wrong: An agent called it wrong.
    """

    at: datetime
    message: Message | None = None
    note: TicketNote | None = None
    event: TicketEvent | None = None
    unsent: LaterAnswer | None = None
    by: str | None = None
    files: Sequence[TicketFile] = ()
    pictures: Sequence[Attachment] = ()
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class FilledMacro:
    """A macro with this case's words in its gaps."""

    macro: Macro
    text: str


@dataclass(frozen=True, slots=True)
class Helpers:
    """What helps to write an answer.

    Attributes:
        hits: Articles that may answer the shopper's last question, best first.
        waiting: Files for the next answer.
    """

    macros: Sequence[FilledMacro]
    hits: Sequence[Hit]
    waiting: Sequence[TicketFile]


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything on a ticket's page.

    Attributes:
        story: Oldest first.
        leaving: The answer that is on its way; ``None``: none.
        leaving_by: Who wrote it.
        people: Who may be given the ticket: names by id. teams: the same.
        merged: Tickets that were merged into this one.
        order_tickets: Other open tickets about the same order.
    """

    row: Row
    case: Case
    summary: Summary
    given: Sequence[Given]
    story: Sequence[Entry]
    leaving: LaterAnswer | None
    leaving_by: str | None
    people: Mapping[int, str]
    teams: Mapping[int, str]
    merged: Sequence[int]
    order_tickets: Sequence[int]
    rating: Rating | None


async def seen(session: AsyncSession, who: SignedIn, ticket_id: int) -> Ticket:
    """A ticket, if somebody may see it.

    Raises:
        NotFound: There is none, or it is not for their eyes: the two are never told apart.
    """
    # An id beyond bigint is asked for by hand only; the database would call it an error.
    found: Ticket | None = None
    if ticket_id < 2**63:
        found = await session.scalar(
            select(Ticket)
            .where(Ticket.id == ticket_id, visible(who, Ticket.team_id))
            .execution_options(populate_existing=True)
        )
    if found is None:
        raise NotFound("no such ticket")
    return found


async def ticket_view(
    session: AsyncSession, who: SignedIn, ticket_id: int, *, now: datetime
) -> TicketView:
    """A ticket's page.

    Raises:
        NotFound: See ``seen``.
    """
    ticket = await seen(session, who, ticket_id)
    [row] = await of_tickets(session, [ticket.id], who, now=now)
    case = await cases.read(session, ticket, now=now)
    agents = await _agents(session)
    teams = await session.execute(select(Team.id, Team.name).order_by(Team.name))
    leaving = await session.scalar(
        select(LaterAnswer)
        .filter_by(ticket_id=ticket.id, state=AnswerState.WAITING)
        .execution_options(populate_existing=True)
    )
    return TicketView(
        row=row,
        case=case,
        summary=summarise(case, now=now),
        given=cases.given(case),
        story=await _story(session, case, {agent.id: agent.name for agent in agents}),
        leaving=leaving,
        leaving_by=next((a.name for a in agents if leaving and a.id == leaving.agent_id), None),
        people={agent.id: agent.name for agent in agents if agent.active},
        teams=dict(teams.all()),
        merged=(
            await session.scalars(select(Ticket.id).where(Ticket.merged_into_id == ticket.id))
        ).all(),
        order_tickets=await _of_order(session, who, ticket),
        rating=await session.scalar(select(Rating).filter_by(ticket_id=ticket.id)),
    )


async def helpers(
    session: AsyncSession, who: SignedIn, view: TicketView, faq: Faq, *, shop: str, today: date
) -> Helpers:
    """What helps to answer: macros filled in, articles on the last question, files added."""
    known = _known(view.case, who, shop=shop)
    said = view.case.said
    hits = faq.search(said[-1], at=today, limit=SUGGESTIONS).hits if said else ()
    return Helpers(
        macros=[
            FilledMacro(macro, macros.fill(macro.text, known))
            for macro in await macros.offered(session, who)
        ],
        hits=hits,
        waiting=await files.waiting(session, view.row.ticket.id, who.agent),
    )


def _known(case: Case, who: SignedIn, *, shop: str) -> dict[str, str | None]:
    """What macros may say of a case."""
    order = case.order
    parcel = case.parcels[0].parcel if case.parcels else None
    # Whose name it is was proven, or it is not said.
    name = order.name.split()[0] if order and order.name and case.proof else None
    return {
        "shopper": name,
        "order": order.number if order else None,
        "item": order.items[0].title if order and order.items else None,
        "carrier": parcel.carrier.upper() if parcel else None,
        "tracking": parcel.number if parcel else None,
        "agent": who.agent.name,
        "shop": shop,
    }


async def _agents(session: AsyncSession) -> Sequence[Agent]:
    return (await session.scalars(select(Agent).order_by(Agent.name))).all()


async def _story(session: AsyncSession, case: Case, names: Mapping[int, str]) -> list[Entry]:
    ticket = case.ticket
    notes = await session.scalars(select(TicketNote).filter_by(ticket_id=ticket.id))
    events = await history(session, ticket.id)
    added = await files.of_ticket(session, ticket.id)
    bots = [message.id for message in case.messages if message.author == Author.BOT]
    called_wrong = set(
        await session.scalars(
            select(WrongAnswer.message_id).where(WrongAnswer.message_id.in_(bots))
        )
    )
    answers = (
        await session.scalars(
            select(LaterAnswer).filter_by(ticket_id=ticket.id).order_by(LaterAnswer.id)
        )
    ).all()
    authors = {a.message_id: names.get(a.agent_id) for a in answers if a.message_id}
    pictures = await attachments.of_messages(session, [m.id for m in case.messages])
    entries = [
        Entry(
            m.at,
            message=m,
            by=authors.get(m.id),
            files=added.get(m.id, ()),
            pictures=pictures.get(m.id, ()),
            wrong=m.id in called_wrong,
        )
        for m in case.messages
    ]
    entries += [Entry(n.at, note=n, by=names.get(n.agent_id or 0)) for n in notes]
    entries += [Entry(e.at, event=e, by=names.get(e.agent_id or 0)) for e in events]
    entries.sort(key=lambda entry: entry.at)
    # What did not go out stands last until something is sent after it: its words are still owed.
    went = max((a.id for a in answers if a.state != AnswerState.CANCELLED), default=0)
    for a in answers:
        if a.cancelled_why and a.id > went:
            entries.append(Entry(a.created_at, unsent=a, by=names.get(a.agent_id)))
    return entries


async def _of_order(session: AsyncSession, who: SignedIn, ticket: Ticket) -> Sequence[int]:
    if ticket.order_id is None:
        return []
    return (
        await session.scalars(
            select(Ticket.id)
            .where(
                Ticket.order_id == ticket.order_id,
                Ticket.id != ticket.id,
                Ticket.status == TicketStatus.OPEN,
                visible(who, Ticket.team_id),
            )
            .order_by(Ticket.id)
        )
    ).all()
