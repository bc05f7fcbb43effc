"""The outbox's pages: every message that went out unasked, and the words of each."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from kit import clock
from kit.errors import NotFound
from service.accounts import guard
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox.pages import render
from service.notifications.models import Way
from service.notifications.pages import outgoing, words
from service.runtime import runtime

router = APIRouter(prefix="/outbox")

ReaderDep = Annotated[SignedIn, Depends(guard.requires(Permission.READ_CONVERSATIONS))]


@router.get("")
async def listing(
    request: Request,
    session: SessionDep,
    who: ReaderDep,
    kind: Annotated[str, Query(max_length=40)] = "",
    state: Annotated[str, Query(max_length=20)] = "",
    order: Annotated[str, Query(max_length=60)] = "",
    before: datetime | None = None,
) -> Response:
    """The newest messages first."""
    aware = before if before is not None and before.tzinfo else None
    order = order.strip()
    found = await outgoing.page(session, before=aware, kind=kind, state=state, order=order)
    return render(
        request,
        "outbox.html",
        now=clock.now(),
        who=who,
        rows=found,
        older=found[-1].at if len(found) == outgoing.PAGE else None,
        chosen={"kind": kind, "state": state, "order": order},
        kinds=words.KINDS,
        states=list(Way),
        words=words,
        caught=runtime(request).settings.demo and not runtime(request).settings.smtp_url,
    )


@router.get("/{source}/{out_id:int}")
async def one(
    request: Request, session: SessionDep, who: ReaderDep, source: str, out_id: int
) -> Response:
    """One message as it went out."""
    found = await _whole(session, source, out_id)
    now = clock.now()
    await audit.record(session, who, Act.MESSAGE_SEEN, f"{source}:{out_id}", now=now)
    return render(request, "outbox_one.html", now=now, who=who, whole=found, words=words)


@router.get("/{source}/{out_id:int}/page")
async def page(session: SessionDep, who: ReaderDep, source: str, out_id: int) -> Response:
    """An e-mail's HTML, for a frame of ours: no script, no form, nothing from elsewhere."""
    found = await _whole(session, source, out_id)
    if found.html is None:
        raise NotFound("this message has no HTML")
    return framed(found.html)


def framed(html: str) -> Response:
    """An e-mail as a frame may show it: its links open elsewhere, and it does nothing.

    It is of our origin, as browsers do not paint a stranger's frame until it is scrolled to, so it
    would be missing from paper. That lends it nothing: no script runs there.
    """
    policy = (
        "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; "
        "frame-ancestors 'self'; "
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )
    return HTMLResponse(
        html.replace("<a ", '<a target="_blank" rel="noreferrer" '),
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
        },
    )


async def _whole(session: SessionDep, source: str, out_id: int) -> outgoing.Whole:
    found = await outgoing.one(session, source, out_id) if out_id < 2**63 else None
    if found is None:
        raise NotFound("no such message")
    return found
