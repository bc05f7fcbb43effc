"""What an agent does at a ticket's page. Each act answers the page as it is then."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from kit.errors import BadInput
from service.accounts import guard
from service.accounts.guard import AgentDep
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox import files, later, notes, service
from service.inbox.models import LaterAnswer
from service.inbox.moments import moment
from service.inbox.pages import is_fragment
from service.inbox.routes_ticket import HOME, page
from service.inbox.tickets import Done
from service.inbox.views import seen
from service.runtime import runtime

Number = Annotated[str, Form(max_length=18, pattern=r"^\d*$")]
"""An id in a form; empty for none."""

router = APIRouter(dependencies=[Depends(guard.requires(Permission.ANSWER))])


@router.post("/tickets/{ticket_id:int}/claim")
async def claim(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    seen_owner: Number = "",
) -> Response:
    """Take a ticket that nobody has, or that the colleague shown on the page has."""
    await seen(session, who, ticket_id)
    done = await service.claim(
        session, ticket_id, who.agent, seen_owner_id=_number(seen_owner), now=clock.now()
    )
    return await _after(request, session, who, ticket_id, done, what="claimed")


@router.post("/tickets/{ticket_id:int}/assign")
async def assign(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    to: Annotated[str, Form(pattern=r"^(agent|team):\d{1,18}$")],
    version: Number = "",
) -> Response:
    """Give a ticket to a colleague or to a team."""
    await seen(session, who, ticket_id)
    kind, _, which = to.partition(":")
    done = await service.assign(
        session,
        ticket_id,
        who.agent,
        to_id=int(which) if kind == "agent" else None,
        team_id=int(which) if kind == "team" else None,
        seen_version=_number(version),
        now=clock.now(),
    )
    return await _after(request, session, who, ticket_id, done, what="assigned", to=to)


@router.post("/tickets/{ticket_id:int}/answer")
async def answer(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    text: Annotated[str, Form()] = "",
    version: Number = "",
    seen_id: Number = "",
    when: Annotated[str, Form(max_length=20)] = "",
    at: Annotated[str, Form(max_length=40)] = "",
    then: Annotated[str, Form(max_length=20)] = "",
    added: Annotated[list[UploadFile] | None, Form()] = None,
) -> Response:
    """Have an answer sent to where the shopper wrote: in five seconds, or when it says.

    Files become links in it, so that they reach a shopper on any channel.
    """
    await seen(session, who, ticket_id)
    now, settings = clock.now(), runtime(request).settings
    for upload in added or ():
        if upload.filename:
            content = await upload.read(files.LARGEST + 1)
            await files.add(session, ticket_id, who.agent, upload.filename, content, now=now)
    waiting = await files.waiting(session, ticket_id, who.agent)
    links = [f"{file.name}: {files.link(settings, file)}" for file in waiting]
    send_at = now + later.UNDO
    if when or at:
        send_at = moment(when if when != "at" else "", at, zone=settings.zone, now=now)
    done = await later.write(
        session,
        ticket_id,
        who.agent,
        "\n\n".join(part for part in (text.strip(), "\n".join(links)) if part),
        send_at=send_at,
        seen_version=_number(version),
        seen_id=_number(seen_id),
        then_close=then == "close",
        now=now,
    )
    if done.refusal is None:
        for file in waiting:
            file.answer_id = done.answer_id
        await audit.record(session, who, Act.MESSAGE_SENT, f"ticket:{ticket_id}", now=now)
    return await _after(
        request, session, who, ticket_id, done, draft=text, cleared=done.refusal is None
    )


@router.post("/tickets/{ticket_id:int}/answers/{answer_id:int}/undo")
async def undo(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int, answer_id: int
) -> Response:
    """Take an answer back while it has not gone out; its words go back into the form."""
    await seen(session, who, ticket_id)
    done = await later.undo(session, answer_id, who.agent, now=clock.now())
    words = ""
    if done.refusal is None:
        words = (await session.get_one(LaterAnswer, answer_id)).text
    return await _after(
        request, session, who, ticket_id, done, draft=words, cleared=bool(words), stay=True
    )


@router.post("/tickets/{ticket_id:int}/files/{file_id:int}/drop")
async def drop_file(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int, file_id: int
) -> Response:
    """Take back a file that has not been sent."""
    await seen(session, who, ticket_id)
    await files.drop(session, ticket_id, who.agent, file_id)
    return await _after(request, session, who, ticket_id, Done())


@router.post("/tickets/{ticket_id:int}/close")
async def close(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    version: Number = "",
    seen_id: Number = "",
) -> Response:
    """Close a case and go on to the next."""
    await seen(session, who, ticket_id)
    now = clock.now()
    done = await service.close(
        session,
        ticket_id,
        who.agent,
        seen_version=_number(version),
        seen_id=_number(seen_id),
        now=now,
    )
    if done.refusal is None:
        await audit.record(session, who, Act.TICKET_CLOSED, f"ticket:{ticket_id}", now=now)
    return await _after(request, session, who, ticket_id, done, home=True)


@router.post("/tickets/{ticket_id:int}/snooze")
async def snooze(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    when: Annotated[str, Form(max_length=20)] = "",
    at: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Put a ticket out of the lists for a while."""
    await seen(session, who, ticket_id)
    now = clock.now()
    until = moment(when if when != "at" else "", at, zone=runtime(request).settings.zone, now=now)
    done = await service.snooze(session, ticket_id, who.agent, until=until, now=now)
    return await _after(request, session, who, ticket_id, done, home=True, what="snoozed")


@router.post("/tickets/{ticket_id:int}/wake")
async def wake(request: Request, session: SessionDep, who: AgentDep, ticket_id: int) -> Response:
    """Put a snoozed ticket back into the lists."""
    await seen(session, who, ticket_id)
    done = await service.wake(session, ticket_id, who.agent, now=clock.now())
    return await _after(request, session, who, ticket_id, done, what="woken")


@router.post("/tickets/{ticket_id:int}/merge")
async def merge(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    into: Annotated[str, Form(pattern=r"^#?\d{1,18}$")],
) -> Response:
    """Make one ticket of two, and go on with the other."""
    await seen(session, who, ticket_id)
    other = await seen(session, who, int(into.lstrip("#")))
    done = await service.merge(session, ticket_id, who.agent, into_id=other.id, now=clock.now())
    shown = other.id if done.refusal is None else ticket_id
    return await _after(
        request, session, who, shown, done, what="merged", go=f"/inbox/tickets/{shown}"
    )


@router.post("/tickets/{ticket_id:int}/note")
async def note(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Write something for colleagues only; ``@name`` tells one of them."""
    await seen(session, who, ticket_id)
    now = clock.now()
    written = await notes.add(session, ticket_id, who.agent, text, now=now)
    await audit.record(
        session, who, Act.NOTE_WRITTEN, f"ticket:{ticket_id}", now=now, note=written.id
    )
    return await _after(request, session, who, ticket_id, Done())


@router.post("/tickets/{ticket_id:int}/tag")
async def tag(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Put a tag on a ticket, or several between commas."""
    await seen(session, who, ticket_id)
    for each in name.split(","):
        await notes.tag(session, ticket_id, each)
    return await _after(request, session, who, ticket_id, Done())


@router.post("/tickets/{ticket_id:int}/untag")
async def untag(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Take a tag off a ticket."""
    await seen(session, who, ticket_id)
    for each in await notes.tags(session, ticket_id):
        if each.name == name:
            await notes.untag(session, ticket_id, each.id)
    return await _after(request, session, who, ticket_id, Done())


async def _after(
    request: Request,
    session: AsyncSession,
    who: SignedIn,
    ticket_id: int,
    done: Done,
    *,
    draft: str = "",
    cleared: bool = False,
    home: bool = False,
    stay: bool = False,
    go: str = "",
    what: str = "",
    **details: str,
) -> Response:
    """What an agent sees after an act: the case as it is now, and why it was refused if it was.

    Args:
        home: The act is done with this ticket: on to the list. go: To another page.
        stay: The page itself shows what came of it, without JavaScript too.
        what: Written into the audit log as a change of the ticket; empty: it is in there already.
    """
    if done.refusal is not None:
        return await page(request, session, who, ticket_id, done=done, draft=draft)
    if what:
        await audit.record(
            session,
            who,
            Act.TICKET_CHANGED,
            f"ticket:{ticket_id}",
            now=clock.now(),
            what=what,
            **details,
        )
    to = go or (HOME if home else "")
    if is_fragment(request):
        if to:
            return Response(status_code=204, headers={"HX-Redirect": to})
        # What was typed stays in the browser, unless the answer took it along or gives it back.
        return await page(
            request, session, who, ticket_id, draft=draft if stay else "", cleared=cleared
        )
    if stay:
        return await page(request, session, who, ticket_id, draft=draft)
    return RedirectResponse(to or f"/inbox/tickets/{ticket_id}", 303)


async def complain(request: Request, error: BadInput) -> Response:
    """An act that could not be: its page with what is wrong, nothing typed is lost.

    The act's own transaction is rolled back by then.
    """
    ticket_id = int(request.path_params["ticket_id"])
    text = (await request.form()).get("text")
    here = runtime(request)
    async with here.sessions.begin() as session:
        who = await guard.signed_in(request, session)
        return await page(
            request,
            session,
            who,
            ticket_id,
            complaint=error.message,
            draft=text if isinstance(text, str) else "",
        )


def _number(typed: str) -> int | None:
    return int(typed) if typed else None
