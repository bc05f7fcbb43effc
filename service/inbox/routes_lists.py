"""The lists of tickets, the search, and the macros, as pages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from kit import clock
from kit.errors import BadInput
from service.accounts import guard
from service.accounts.guard import AgentDep
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox import lists, macros, search
from service.inbox.lists import Filters, Queue, Row
from service.inbox.pages import is_fragment, line, render
from service.runtime import runtime

MACROS = "/inbox/macros"

router = APIRouter(dependencies=[Depends(guard.requires(Permission.READ_CONVERSATIONS))])
editing = APIRouter(dependencies=[Depends(guard.requires(Permission.EDIT_MACROS))])


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a list.

    Attributes:
        lines: Its rows drawn, by ticket, as they are for whoever they do not concern.
    """

    rows: Sequence[Row]
    more: bool
    lines: Mapping[int, Markup]

    def to(self, who: SignedIn, named: Collection[int]) -> "Shown":
        """The same for one reader: what is theirs, or names them, is drawn for them."""
        rows = [replace(row, named=True) if row.ticket.id in named else row for row in self.rows]
        own = {row.ticket.id for row in rows if row.named or row.ticket.owner_id == who.agent.id}
        lines = {number: drawn for number, drawn in self.lines.items() if number not in own}
        return Shown(rows, self.more, lines)


@router.get("/")
async def tickets(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    filters: Annotated[Filters, Depends()],
    queue: Queue = Queue.UNASSIGNED,
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """One list of tickets."""
    now, here = clock.now(), runtime(request)
    names = {slug: c.manifest.name for slug, c in here.channels.items()}

    async def read() -> Shown:
        rows, more = await lists.rows(session, queue, who, filters, page=page, now=now)
        lines = {row.ticket.id: line(row, now=now, zone=here.settings.zone, names=names)
                 for row in rows}  # fmt: skip
        return Shown(rows, more, lines)

    counts = await lists.counts(session, who, now=now, shared=here.shared)
    if lists.is_own(queue):
        shown = (await read()).to(who, ())
    else:
        key = (queue, page, *sorted(filters.given().items()), lists.scope(who))
        named = await lists.named(session, who) if counts[Queue.MENTIONS] else ()
        shown = (await here.shared.get(key, read)).to(who, named)
    fragment = is_fragment(request)
    return render(
        request,
        "_list.html" if fragment else "list.html",
        now=now,
        who=who,
        queue=queue,
        counts=counts,
        rows=shown.rows,
        lines=shown.lines,
        page=page,
        more=shown.more,
        filters=filters.given(),
        # They stand outside the part that is refreshed.
        choices=None if fragment else await lists.choices(session, who),
        names=names,
    )


@router.get("/search")
async def find(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    q: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """What a search finds."""
    now = clock.now()
    results = None
    if q.strip():
        country = runtime(request).settings.shop_country
        results = await search.search(session, who, q, country=country, now=now)
        await audit.record(session, who, Act.SEARCHED, "inbox", now=now)
    return render(
        request,
        "search.html",
        now=now,
        who=who,
        typed=q,
        results=results,
        queue=None,
        counts=await lists.counts(session, who, now=now, shared=runtime(request).shared),
        names={slug: c.manifest.name for slug, c in runtime(request).channels.items()},
    )


@editing.get("/macros")
async def all_macros(
    request: Request, session: SessionDep, who: AgentDep, edit: int | None = None
) -> Response:
    """Every macro, and a form to write one."""
    return await _macros_page(request, session, who, edit=edit)


@editing.post("/macros")
async def save_macro(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    name: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    macro: Annotated[str, Form(max_length=18, pattern=r"^\d*$")] = "",
) -> Response:
    """Write a macro."""
    now = clock.now()
    try:
        saved = await macros.save(
            session, int(macro) if macro else None, name=name, text=text, agent=who.agent, now=now
        )
    except BadInput as error:
        return await _macros_page(
            request, session, who, edit=int(macro or 0), wrong=error.message, draft=(name, text)
        )
    await audit.record(session, who, Act.MACRO_CHANGED, f"macro:{saved}", now=now)
    return RedirectResponse(MACROS, 303)


@editing.post("/macros/{macro_id:int}/delete")
async def drop_macro(session: SessionDep, who: AgentDep, macro_id: int) -> Response:
    """Delete a macro."""
    await macros.drop(session, macro_id)
    await audit.record(
        session, who, Act.MACRO_CHANGED, f"macro:{macro_id}", now=clock.now(), deleted=True
    )
    return RedirectResponse(MACROS, 303)


async def _macros_page(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    *,
    edit: int | None,
    wrong: str = "",
    draft: tuple[str, str] | None = None,
) -> Response:
    everything = await macros.everything(session)
    edited = next((macro for macro in everything if macro.id == edit), None)
    name, text = draft or ((edited.name, edited.text) if edited else ("", ""))
    return render(
        request,
        "macros.html",
        now=clock.now(),
        who=who,
        status=422 if wrong else 200,
        macros=everything,
        edited=edited,
        name=name,
        text=text,
        wrong=wrong,
        placeholders=macros.PLACEHOLDERS,
    )
