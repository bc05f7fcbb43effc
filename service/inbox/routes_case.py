"""What an agent mends from a ticket's page: a carrier, a bot's answer, a failed delivery."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from kit import clock
from kit.errors import BadInput, NotFound
from service.accounts import guard
from service.accounts.guard import AgentDep
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.conversations import delivery
from service.conversations.models import Message
from service.db import SessionDep
from service.inbox import wrong
from service.inbox.models import Ticket
from service.inbox.pages import is_fragment
from service.inbox.routes_ticket import page
from service.inbox.tickets import conversations_of
from service.inbox.views import seen
from service.news import announce, conversation_topic
from service.runtime import Runtime, runtime
from service.storefront import carriers
from service.storefront.models import Parcel
from service.storefront.store import known_of
from tracking_lookup.budget import Urgency

router = APIRouter(dependencies=[Depends(guard.requires(Permission.ANSWER))])


@router.post("/tickets/{ticket_id:int}/parcels/{parcel_id:int}/refresh")
async def refresh(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int, parcel_id: int
) -> Response:
    """Ask a parcel's carrier now. The page shows the answer when it is there."""
    ticket = await seen(session, who, ticket_id)
    await _parcel(session, ticket, parcel_id)
    return await _asked(request, session, who, ticket, parcel_id)


@router.post("/tickets/{ticket_id:int}/parcels/{parcel_id:int}/carrier")
async def correct(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    parcel_id: int,
    carrier: Annotated[str, Form(max_length=60)],
) -> Response:
    """Say who carries a parcel; that one is asked at once."""
    ticket = await seen(session, who, ticket_id)
    await _parcel(session, ticket, parcel_id)
    if carrier not in runtime(request).lookup.carriers:
        raise BadInput("There is no such carrier here.")
    now = clock.now()
    await carriers.correct(session, parcel_id, carrier, now=now)
    await audit.record(
        session, who, Act.PARCEL_CORRECTED, f"parcel:{parcel_id}", now=now, carrier=carrier
    )
    await announce(session, conversation_topic(ticket.conversation_id))
    return await _asked(request, session, who, ticket, parcel_id)


@router.post("/tickets/{ticket_id:int}/messages/{message_id:int}/wrong")
async def wrong_answer(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    message_id: int,
    comment: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Call a message of the bot wrong, with what would have been right."""
    ticket = await seen(session, who, ticket_id)
    await wrong.report(session, ticket.id, message_id, who.agent, comment, now=clock.now())
    await announce(session, conversation_topic(ticket.conversation_id))
    return await _shown(request, session, who, ticket_id)


@router.post("/tickets/{ticket_id:int}/messages/{message_id:int}/again")
async def send_again(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int, message_id: int
) -> Response:
    """Have a message sent once more that did not arrive; of two who press, one is heard."""
    ticket = await seen(session, who, ticket_id)
    message = await session.get(Message, message_id) if message_id < 2**63 else None
    if message is None or message.conversation_id not in await conversations_of(session, ticket):
        raise NotFound("no such message")
    if await delivery.send_again(session, message_id):
        await audit.record(
            session, who, Act.MESSAGE_SENT, f"ticket:{ticket_id}", now=clock.now(), again=True
        )
    return await _shown(request, session, who, ticket_id)


async def _parcel(session: AsyncSession, ticket: Ticket, parcel_id: int) -> Parcel:
    """A parcel of the ticket's order, or nothing: an id in a form can be anyone's."""
    found = await session.get(Parcel, parcel_id) if parcel_id < 2**63 else None
    if found is None or found.order_id is None or found.order_id != ticket.order_id:
        raise NotFound("no such parcel of this ticket")
    return found


async def _shown(
    request: Request, session: AsyncSession, who: SignedIn, ticket_id: int
) -> Response:
    if is_fragment(request):
        return await page(request, session, who, ticket_id)
    return RedirectResponse(f"/inbox/tickets/{ticket_id}", 303)


async def _asked(
    request: Request, session: AsyncSession, who: SignedIn, ticket: Ticket, parcel_id: int
) -> Response:
    """The page, and the question to the carrier once the request's transaction is over."""
    response = await _shown(request, session, who, ticket.id)
    response.background = BackgroundTask(
        _ask, runtime(request), parcel_id, conversation_topic(ticket.conversation_id)
    )
    return response


async def _ask(runtime: Runtime, parcel_id: int, topic: str) -> None:
    """Ask a carrier, then tell the pages that show the parcel."""
    async with runtime.sessions() as session:
        known = await known_of(session, await session.get_one(Parcel, parcel_id))
    source = runtime.lookup.source_for(known)
    if source is not None:
        await runtime.lookup.refresh(source, [parcel_id], Urgency.ASKED, now=clock.now())
    async with runtime.sessions.begin() as session:
        await announce(session, topic)
