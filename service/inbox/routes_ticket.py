"""One ticket's page, and what it asks for while an answer is written."""

from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from service.accounts import guard
from service.accounts.guard import AgentDep
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.attachments import service as attachments
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox import files, macros, notes, views
from service.inbox.models import TicketFile
from service.inbox.moments import CHOICES
from service.inbox.pages import is_fragment, render
from service.inbox.preview import preview
from service.inbox.tickets import Done, Refusal
from service.inbox.views import TicketView, seen
from service.runtime import Runtime, runtime

HOME = "/inbox/"

router = APIRouter(dependencies=[Depends(guard.requires(Permission.READ_CONVERSATIONS))])


@router.get("/tickets/{ticket_id:int}")
async def ticket(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    insert: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """One case: what was said, what is known, and a place to answer.

    ``insert`` puts a macro, an article or an unsent answer into the form without JavaScript.
    """
    if not is_fragment(request):
        await _note_who_saw(session, who, ticket_id)
    return await page(request, session, who, ticket_id, insert=insert)


@router.get("/tickets/{ticket_id:int}/answer")
async def composer(
    request: Request, session: SessionDep, who: AgentDep, ticket_id: int
) -> Response:
    """The ticket's page, for a browser that comes back to an act's address."""
    return RedirectResponse(f"/inbox/tickets/{ticket_id}", 303)


@router.post("/tickets/{ticket_id:int}/preview")
async def how_it_looks(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    ticket_id: int,
    text: Annotated[str, Form()] = "",
) -> Response:
    """How an answer will look where the shopper reads it."""
    await seen(session, who, ticket_id)
    view = await views.ticket_view(session, who, ticket_id, now=clock.now())
    channel = runtime(request).channels.get(view.row.channel)
    return render(
        request,
        "_preview.html",
        now=clock.now(),
        who=who,
        preview=preview(text, channel.manifest if channel else None, open_gaps=macros.gaps(text)),
        channel=channel_name(runtime(request), view.row.channel),
    )


@router.get("/tickets/{ticket_id:int}/files/{file_id:int}")
async def file(session: SessionDep, who: AgentDep, ticket_id: int, file_id: int) -> Response:
    """A file that an agent added."""
    await seen(session, who, ticket_id)
    return file_answer(await files.read(session, file_id, ticket_id=ticket_id))


def file_answer(found: TicketFile) -> Response:
    """A file as a browser gets it: shown where that is safe, else downloaded; never run."""
    shown = "inline" if found.content_type in files.SHOWN else "attachment"
    return Response(
        found.content,
        media_type=found.content_type,
        headers={
            "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(found.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
            "Referrer-Policy": "no-referrer",
        },
    )


def channel_name(runtime: Runtime, slug: str) -> str:
    """A channel's name, for people."""
    found = runtime.channels.get(slug)
    return found.manifest.name if found else slug.replace("_", " ")


async def page(
    request: Request,
    session: AsyncSession,
    who: SignedIn,
    ticket_id: int,
    *,
    done: Done | None = None,
    complaint: str = "",
    draft: str = "",
    insert: str = "",
    cleared: bool = False,
) -> Response:
    """A ticket's page or, for htmx, the parts of it that may have changed.

    Args:
        done: The act that was refused. complaint: Why it was, where words say it.
        draft: What was typed.
        cleared: The answer is on its way: its form is made anew, with ``draft``.
    """
    now = clock.now()
    here = runtime(request)
    view = await views.ticket_view(session, who, ticket_id, now=now)
    helpers = await views.helpers(
        session,
        who,
        view,
        here.faq,
        shop=here.settings.shop_name,
        today=now.astimezone(here.settings.zone).date(),
    )
    template = "ticket.html"
    if is_fragment(request):
        template = "_case.html" if request.method == "GET" else "_acted.html"
    status = 200
    if complaint or (done and done.refusal is Refusal.EMPTY):
        status = 422
    elif done and done.refusal is not None:
        status = 409
    return render(
        request,
        template,
        now=now,
        who=who,
        status=status,
        file_link=partial(attachments.path, here.settings),
        view=view,
        helpers=helpers,
        colleagues=await notes.who_is_here(session, ticket_id, who.agent, now=now),
        names={slug: channel_name(here, slug) for slug in [*here.channels, view.row.channel]},
        channel=channel_name(here, view.row.channel),
        carriers=here.lookup.carriers,
        moments=CHOICES,
        done=done,
        complaint=complaint,
        draft=draft or _inserted(view, helpers, insert),
        cleared=cleared,
    )


def _inserted(view: TicketView, helpers: views.Helpers, insert: str) -> str:
    kind, _, which = insert.partition(":")
    if kind == "macro":
        return next((m.text for m in helpers.macros if str(m.macro.id) == which), "")
    if kind == "answer":
        return next(
            (e.unsent.text for e in view.story if e.unsent and str(e.unsent.id) == which), ""
        )
    if kind == "article":
        return next((h.article.short for h in helpers.hits if h.article.slug == which), "")
    return ""


async def _note_who_saw(session: AsyncSession, who: SignedIn, ticket_id: int) -> None:
    """Write down who opened this case and its order, and that they saw where they are named."""
    now = clock.now()
    found = await seen(session, who, ticket_id)
    await notes.seen(session, ticket_id, who.agent, now=now)
    await audit.record(session, who, Act.TICKET_SEEN, f"ticket:{ticket_id}", now=now)
    if found.order_id is not None:
        await audit.record(session, who, Act.ORDER_SEEN, f"order:{found.order_id}", now=now)
