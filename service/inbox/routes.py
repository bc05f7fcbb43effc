"""The inbox's pages, at ``/inbox``. Each answers a whole page, or the part that htmx asked for."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Depends, FastAPI, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException

from kit import clock
from kit.errors import AppError, LockedOut, NotFound, NotVerified
from service.attachments import service as attachments
from service.db import SessionDep
from service.inbox import accounts, guard, service, views
from service.inbox.guard import AgentDep, FormRefused, SignInNeeded
from service.inbox.pages import FILES, error_page, is_fragment, render, runtime
from service.inbox.service import Done, Refusal
from service.inbox.views import Queue
from service.news import INBOX, conversation_topic
from service.runtime import Runtime

log = structlog.get_logger()

HOME = "/inbox/"
SIGN_IN = "/inbox/sign-in"
HEARTBEAT_SECONDS = 15

# ``mount`` puts the check before all of ``router``; what anybody may see is on ``entrance``.
entrance = APIRouter()
router = APIRouter()


def mount(app: FastAPI, *more: APIRouter) -> None:
    """Give an app the inbox. Its errors are pages; the rest of the app's stay what they are.

    Args:
        more: Pages of other folders, behind the same check.
    """
    inbox = FastAPI(openapi_url=None)
    inbox.state = app.state
    inbox.include_router(entrance)
    for each in (router, *more):
        inbox.include_router(each, dependencies=[Depends(guard.signed_in)])
    inbox.add_exception_handler(SignInNeeded, _ask_to_sign_in)
    for kind in (AppError, HTTPException, RequestValidationError, Exception):
        inbox.add_exception_handler(kind, _show_error)
    app.mount("/inbox", inbox)


@entrance.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet or script; its address changes with its content."""
    if name not in FILES:
        raise NotFound("no such file")
    return FileResponse(
        FILES[name], headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@entrance.get("/sign-in")
async def sign_in_page(request: Request, next: str = HOME) -> Response:
    """The door."""
    return _sign_in_page(request, next=next)


@entrance.post("/sign-in")
async def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,
) -> Response:
    """Begin a session and go where the agent wanted to."""
    try:
        await guard.check_sign_in_form(request)
        session_id = await accounts.sign_in(
            runtime(request).sessions,
            email,
            password,
            address=request.client.host if request.client else "",
            now=clock.now(),
        )
    except (NotVerified, LockedOut, FormRefused) as error:
        return _sign_in_page(request, next=next, email=email, error=error)
    response = RedirectResponse(_inside(next), 303)
    guard.start(request, response, session_id)
    return response


@router.post("/sign-out")
async def sign_out(session: SessionDep, who: AgentDep) -> Response:
    """End the session, everywhere its cookie may have got to."""
    await accounts.sign_out(session, who.session_id)
    response = RedirectResponse(SIGN_IN, 303)
    guard.end(response)
    return response


@router.get("/")
async def tickets(
    request: Request, session: SessionDep, who: AgentDep, queue: Queue = Queue.UNASSIGNED
) -> Response:
    """The tickets of one list."""
    now = clock.now()
    return render(
        request,
        "_list.html" if is_fragment(request) else "list.html",
        now=now,
        agent=who.agent,
        csrf=guard.form_token(request, who),
        queue=queue,
        counts=await views.counts(session, who.agent),
        rows=await views.rows(session, queue, who.agent, now=now),
    )


@router.get("/events")
async def inbox_events(request: Request) -> Response:
    """``changed`` whenever a ticket came or changed, and once at the start."""
    return _events(runtime(request), INBOX)


@router.get("/tickets/{ticket_id:int}")
async def ticket(request: Request, session: SessionDep, who: AgentDep, ticket_id: int) -> Response:
    """One case: what was said, what is known, and a place to answer."""
    return await _ticket_page(request, session, who, ticket_id)


@router.get("/tickets/{ticket_id:int}/events")
async def ticket_events(request: Request, session: SessionDep, ticket_id: int) -> Response:
    """``changed`` whenever something in this case did, and once at the start."""
    found = await service.find(session, ticket_id)
    return _events(runtime(request), INBOX, conversation_topic(found.conversation_id))


@router.post("/tickets/{ticket_id:int}/claim")
async def claim(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    seen_owner: Annotated[str, Form(max_length=18, pattern=r"^\d*$")] = "",
) -> Response:
    """Take a ticket that nobody has, or that the colleague shown on the page has."""
    done = await service.claim(
        session, ticket_id, who.agent, seen_owner_id=int(seen_owner) if seen_owner else None
    )
    return await _after(request, session, who, ticket_id, done)


@router.post("/tickets/{ticket_id:int}/answer")
async def answer(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Send an answer to where the shopper wrote."""
    done = await service.answer(session, ticket_id, who.agent, text, now=clock.now())
    return await _after(request, session, who, ticket_id, done, draft=text)


@router.post("/tickets/{ticket_id:int}/messages/{message_id:int}/again")
async def send_again(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int, message_id: int
) -> Response:
    """Send once more what could not be delivered; nothing, where it is being sent already."""
    await service.send_again(session, ticket_id, message_id)
    return await _after(request, session, who, ticket_id, Done())


@router.post("/tickets/{ticket_id:int}/close")
async def close(request: Request, session: SessionDep, who: AgentDep, ticket_id: int) -> Response:
    """Close a case and go on to the next."""
    done = await service.close(session, ticket_id, who.agent, now=clock.now())
    return await _after(request, session, who, ticket_id, done, home=True)


async def _after(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    done: Done,
    *,
    draft: str = "",
    home: bool = False,
) -> Response:
    """What an agent sees after an act: the case as it is now, and why it was refused if it was."""
    if done.refusal is not None:
        return await _ticket_page(request, session, who, ticket_id, done=done, draft=draft)
    if not is_fragment(request):
        return RedirectResponse(HOME if home else f"/inbox/tickets/{ticket_id}", 303)
    if home:
        return Response(status_code=204, headers={"HX-Redirect": HOME})
    return await _ticket_page(request, session, who, ticket_id)


async def _ticket_page(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    *,
    done: Done | None = None,
    draft: str = "",
) -> Response:
    now = clock.now()
    view = await views.ticket_view(session, ticket_id, now=now)
    found = runtime(request).channels.get(view.row.channel)
    template = "ticket.html"
    if is_fragment(request):
        template = "_case.html" if request.method == "GET" else "_acted.html"
    return render(
        request,
        template,
        now=now,
        status=200 if done is None else 422 if done.refusal is Refusal.EMPTY else 409,
        agent=who.agent,
        csrf=guard.form_token(request, who),
        view=view,
        channel=found.manifest.name if found else view.row.channel,
        carriers=runtime(request).lookup.carriers,
        file_link=partial(attachments.path, runtime(request).settings),
        done=done,
        draft=draft,
    )


def _events(runtime: Runtime, *topics: str) -> Response:
    return EventSourceResponse(
        _changes(runtime, *topics),
        ping=HEARTBEAT_SECONDS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _changes(runtime: Runtime, *topics: str) -> AsyncIterator[ServerSentEvent]:
    async with runtime.news.subscribe(*topics) as changed:
        while not runtime.news.closing.is_set():
            # Once at the start too: something may have happened since the page was made.
            changed.clear()
            yield ServerSentEvent("", event="changed")
            await changed.wait()


def _sign_in_page(
    request: Request, *, next: str, email: str = "", error: AppError | None = None
) -> Response:
    token, nonce = guard.new_sign_in_form(request)
    response = render(
        request,
        "sign_in.html",
        now=clock.now(),
        status=error.http_status if error else 200,
        agent=None,
        csrf=token,
        next=_inside(next),
        email=email,
        refused=error.kind if error else None,
    )
    guard.keep_sign_in_form(request, response, nonce)
    return response


def _inside(path: str) -> str:
    """Where to go after signing in: a page of the inbox, never another site's."""
    return path if path.startswith(HOME) and path.isprintable() and "\\" not in path else HOME


async def _ask_to_sign_in(request: Request, error: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" else HOME
    door = f"{SIGN_IN}?next={quote(wanted)}"
    if is_fragment(request):
        return PlainTextResponse("Sign in first.", 401, headers={"HX-Redirect": door})
    if request.url.path.endswith("/events"):
        return PlainTextResponse("Sign in first.", 401)
    return RedirectResponse(door, 303)


async def _show_error(request: Request, error: Exception) -> Response:
    """The page for an error. What happened goes to the log, what to do about it on the page."""
    match error:
        case AppError():
            status = error.http_status
            log.info("refused", path=request.url.path, kind=error.kind, reason=error.message)
        case HTTPException():
            status = error.status_code
        case RequestValidationError():
            status = 422
        case _:
            status = 500
            log.error("defect", path=request.url.path, exc_info=error)
    return error_page(request, status=status, now=clock.now())
