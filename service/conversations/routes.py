"""The chat API that the widget and the command line speak."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from integrations.contract import InboundMessage
from kit import clock
from service.conversations import service
from service.conversations.models import Handler
from service.conversations.schemas import (
    MessageOut,
    NewMessage,
    State,
    Stored,
    Transcript,
    public_id,
)
from service.conversations.sessions import (
    COOKIE,
    SessionOrNone,
    new_session,
    same_origin,
    set_cookie,
)
from service.db import SessionDep
from service.news import conversation_topic
from service.runtime import Runtime

router = APIRouter(prefix="/chat", tags=["chat"], dependencies=[Depends(same_origin)])

WEB = "web"
# A 64-bit id, as the database has it.
After = Annotated[int, Query(ge=0, lt=2**63)]


@router.post("/messages", status_code=202)
async def say(
    message: NewMessage,
    session: SessionDep,
    request: Request,
    response: Response,
    shopper: SessionOrNone,
) -> Stored:
    """Say something. Acknowledged after it is stored; the answer comes by ``/chat/events``.

    Without a session a new one is made and set as a cookie.
    """
    settings = request.app.state.runtime.settings
    who = shopper or new_session(settings)
    accepted = await service.accept(
        session,
        InboundMessage(
            channel=WEB,
            external_id=message.id or uuid4().hex,
            address=who.address,
            text=message.text,
            display=message.display,
            received_at=clock.now(),
        ),
    )
    set_cookie(response, who.token, settings)
    return Stored(
        id=accepted.message_id, conversation=str(accepted.conversation_id), session=who.token
    )


@router.get("/messages")
async def read(session: SessionDep, shopper: SessionOrNone, after: After = 0) -> Transcript:
    """What was said after message ``after``, oldest first; at most the newest 1,000."""
    if shopper is None:
        return Transcript.empty()
    conversation = await service.find(session, WEB, shopper.address)
    if conversation is None:
        return Transcript.empty()
    pending = await service.is_pending(session, conversation.id)
    messages = await service.transcript(session, conversation.id, after=after)
    return Transcript(
        conversation=public_id(conversation),
        handler=Handler(conversation.handler),
        pending=pending,
        messages=[MessageOut.of(message) for message in messages],
    )


@router.get("/events")
async def events(
    request: Request,
    shopper: SessionOrNone,
    after: After = 0,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**63)] = None,
) -> Response:
    """What is said from now on, and what was said after ``Last-Event-ID``, as it happens.

    Events: ``message`` (its id is the message's; data as in ``GET /chat/messages``) and ``state``
    (``{"handler", "pending"}``). 204 tells a browser not to come back: there is no session.
    """
    if shopper is None:
        return Response(status_code=204)
    start = after if last_event_id is None else last_event_id
    return EventSourceResponse(
        _stream(request.app.state.runtime, shopper.address, start),
        ping=15,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.delete("/session", status_code=204)
async def forget(response: Response) -> None:
    """Forget the session in this browser; the conversation stays with the shop."""
    response.delete_cookie(COOKIE, path="/chat")


async def _stream(runtime: Runtime, address: str, last: int) -> AsyncIterator[ServerSentEvent]:
    async with runtime.sessions.begin() as session:
        conversation = await service.open_conversation(session, WEB, address)
    told: State | None = None
    async with runtime.news.subscribe(conversation_topic(conversation.id)) as changed:
        while not runtime.news.closing.is_set():
            changed.clear()
            async with runtime.sessions() as session:
                current = await service.get(session, conversation.id)
                # The state first: "nothing pending" then means that the answers are read below.
                state = State(
                    handler=Handler(current.handler),
                    pending=await service.is_pending(session, conversation.id),
                )
                messages = await service.transcript(session, conversation.id, after=last)
            for message in messages:
                last = message.id
                yield ServerSentEvent(
                    MessageOut.of(message).model_dump_json(), event="message", id=str(last)
                )
            if state != told:
                told = state
                yield ServerSentEvent(state.model_dump_json(), event="state")
            await changed.wait()
