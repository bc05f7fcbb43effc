"""The chat API that the widget and the command line speak."""

from asyncio import to_thread
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent

from integrations.messages import InboundMessage, Kind
from kit import clock
from kit.errors import NotFound
from service.attachments import service as attachments
from service.attachments.pictures import read as read_picture
from service.conversations import devices, door, service
from service.conversations.floods import not_flooding
from service.conversations.models import Handler
from service.conversations.schemas import (
    ClientId,
    DeviceLink,
    LinkOpened,
    MessageOut,
    NewMessage,
    SessionOut,
    State,
    Stored,
    Transcript,
    public_id,
)
from service.conversations.sessions import (
    COOKIE,
    ClaimOrNone,
    SessionOrNone,
    WebSession,
    new_session,
    same_origin,
    set_cookie,
)
from service.conversations.storing import BURST
from service.db import SessionDep
from service.news import conversation_topic
from service.pages.texts import texts
from service.runtime import Runtime
from service.settings import Settings
from service.storefront import signed_in
from service.storefront.signed_in import Claim
from service.web import error_answer

router = APIRouter(prefix="/chat", tags=["chat"], dependencies=[Depends(same_origin)])

WEB = "web"
TOO_FAST: Final[dict[int | str, dict[str, Any]]] = {
    429: {"description": "Too many messages; `Retry-After` says when to go on. In words only once."}
}
PHOTO: Final[dict[str, Any]] = {
    "required": True,
    "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
}
# A 64-bit id, as the database has it.
After = Annotated[int, Query(ge=0, lt=2**63)]


@router.post(
    "/messages",
    status_code=202,
    dependencies=[Depends(not_flooding)],
    response_model=Stored,
    responses=TOO_FAST,
)
async def say(
    message: NewMessage,
    session: SessionDep,
    request: Request,
    response: Response,
    shopper: SessionOrNone,
    claim: ClaimOrNone,
) -> Stored | Response:
    """Say something. Acknowledged after it is stored; the answer comes by ``/chat/events``.

    Without a session a new one is made and set as a cookie. ``X-Wismo-Identity`` holds the shop's
    token for a signed-in shopper: their orders then need no other proof.
    """
    who = shopper or new_session(claim)
    accepted = await door.accept(
        session,
        InboundMessage(
            channel=WEB,
            external_id=message.id or uuid4().hex,
            address=who.address,
            text=message.text,
            display=message.display,
            received_at=clock.now(),
        ),
        request.app.state.runtime.settings,
    )
    return await _stored(session, request, response, who, claim, accepted)


@router.post(
    "/attachments",
    dependencies=[Depends(not_flooding)],
    status_code=202,
    response_model=Stored,
    responses=TOO_FAST,
    openapi_extra={"requestBody": PHOTO},
)
async def show_photo(
    session: SessionDep,
    request: Request,
    response: Response,
    shopper: SessionOrNone,
    claim: ClaimOrNone,
    id: Annotated[ClientId | None, Query(description="as of a message")] = None,
) -> Stored | Response:
    """Send a photo: the body is the file, JPEG, PNG, WebP or GIF, 8 MB at most.

    What it is is decided by its content. It is kept without its metadata and shown by signed links.
    """
    picture = await to_thread(read_picture, await request.body())
    now = clock.now()
    who = shopper or new_session(claim)
    accepted = await door.accept(
        session,
        InboundMessage(
            channel=WEB,
            external_id=id or uuid4().hex,
            address=who.address,
            text="",
            kind=Kind.MEDIA,
            received_at=now,
        ),
        request.app.state.runtime.settings,
    )
    if accepted.new and accepted.message_id is not None:
        kept = await attachments.keep_upload(
            session, accepted.conversation_id, picture, name="", now=now
        )
        await attachments.attach(session, accepted.conversation_id, accepted.message_id, [kept.id])
    return await _stored(session, request, response, who, claim, accepted)


@router.get("/messages")
async def read(
    session: SessionDep, request: Request, shopper: SessionOrNone, after: After = 0
) -> Transcript:
    """What was said after message ``after``, oldest first; at most the newest 1,000."""
    if shopper is None:
        return Transcript.empty()
    conversation = await service.find(session, WEB, shopper.address)
    if conversation is None:
        return Transcript.empty()
    pending = await service.is_pending(session, conversation.id)
    settings = request.app.state.runtime.settings
    return Transcript(
        conversation=public_id(conversation),
        handler=Handler(conversation.handler),
        pending=pending,
        messages=await _said(session, settings, conversation.id, after),
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


@router.post("/link", status_code=201)
async def link(session: SessionDep, request: Request, shopper: SessionOrNone) -> DeviceLink:
    """A link that continues this conversation on another device: once, within ten minutes.

    Raises:
        NotFound: There is no conversation yet.
    """
    if shopper is None or await service.find(session, WEB, shopper.address) is None:
        raise NotFound("no conversation to continue")
    settings = request.app.state.runtime.settings
    return DeviceLink(url=devices.make_link(settings, shopper.address))


@router.post("/link/open")
async def open_link(
    opened: LinkOpened, session: SessionDep, request: Request, response: Response
) -> SessionOut:
    """Exchange a link for a session. The conversation says so, and its proofs of identity end.

    Raises:
        NotVerified: Altered, over, or used before.
    """
    settings = request.app.state.runtime.settings
    notice = texts(opened.locale)["carried_on"]
    address = await devices.open_link(
        session, settings, WEB, opened.token, notice=notice, now=clock.now()
    )
    token = WebSession(address).token(settings)
    set_cookie(response, token, settings)
    return SessionOut(session=token)


@router.delete("/session", status_code=204)
async def forget(response: Response) -> None:
    """Forget the session in this browser; the conversation stays with the shop."""
    response.delete_cookie(COOKIE, path="/chat")


async def _stored(
    session: AsyncSession,
    request: Request,
    response: Response,
    who: WebSession,
    claim: Claim | None,
    accepted: door.Accepted,
) -> Stored | Response:
    settings = request.app.state.runtime.settings
    if accepted.message_id is None:  # answered, not raised: what was counted and said is to stay
        wait = str(round(BURST.total_seconds()))
        return error_answer(429, "too_fast", accepted.told, {"Retry-After": wait})
    if claim is not None:
        await signed_in.vouch(session, accepted.conversation_id, claim, now=clock.now())
    token = who.token(settings)
    set_cookie(response, token, settings)
    return Stored(id=accepted.message_id, conversation=str(accepted.conversation_id), session=token)


async def _said(
    session: AsyncSession, settings: Settings, conversation_id: int, after: int
) -> list[MessageOut]:
    messages = await service.transcript(session, conversation_id, after=after)
    photos = await attachments.of_messages(session, [message.id for message in messages])
    return [MessageOut.of(message, photos.get(message.id, ()), settings) for message in messages]


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
                messages = await _said(session, runtime.settings, conversation.id, last)
            if messages and messages[-1].id > current.fetched_id:
                async with runtime.sessions.begin() as session:
                    await service.fetched(session, conversation.id, messages[-1].id)
            for message in messages:
                last = message.id
                yield ServerSentEvent(message.model_dump_json(), event="message", id=str(last))
            if state != told:
                told = state
                yield ServerSentEvent(state.model_dump_json(), event="state")
            await changed.wait()
