"""``shop.yml`` tried out before it is kept: a sample page that follows each keystroke. For agents.

Nothing is written: what looks right is copied into the file.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from kit import clock
from kit.errors import BadInput
from kit.shop_file import MAX_BYTES
from service.accounts import guard
from service.accounts.guard import SignInNeeded
from service.accounts.sessions import SignedIn
from service.db import SessionDep
from service.pages.headers import content_policy
from service.tracking_page import brand as brands
from service.tracking_page.brand import Look
from service.tracking_page.render import PRIVATE, html, look_of, render, runtime, words_for
from service.tracking_page.view import OrderKnown, ParcelKnown, order_page
from tracking_lookup.contract import Known, Lookup
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.truth import assess

PATH = "/inbox/brand"


async def agent(request: Request, session: SessionDep) -> SignedIn:
    """The agent at the page; others go and sign in. Forms carry the session's token."""
    try:
        return await guard.signed_in(request, session)
    except SignInNeeded as error:
        there = {"Location": f"/inbox/sign-in?next={PATH}"}
        raise HTTPException(303, "no agent is signed in", there) from error


AgentDep = Annotated[SignedIn, Depends(agent)]
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def editor(request: Request, who: AgentDep) -> Response:
    """The file's text beside the page that it makes."""
    settings = runtime(request).settings
    file = settings.shop_file
    return render(
        request,
        "preview.html",
        now=clock.now(),
        text=file.read_text("utf-8") if file.exists() else "page:\n",
        file=file.name,
        path=PATH,
    )


@router.get(f"{PATH}/preview")
async def kept(request: Request, who: AgentDep) -> Response:
    """The sample page as the file makes it."""
    return _sample(request, look_of(runtime(request).settings), now=clock.now())


@router.post(f"{PATH}/preview")
async def draft(
    request: Request, who: AgentDep, text: Annotated[str, Form(max_length=MAX_BYTES)] = ""
) -> Response:
    """The sample page as a draft would make it, or what is wrong with the draft."""
    settings = runtime(request).settings
    now = clock.now()
    try:
        brand = brands.parse(text)
    except BadInput as error:
        problems = error.message.splitlines()
        look = look_of(settings)
        page = html(request, "problems.html", look, now=now, problems=problems)
        return _framed(page, look, status=422)
    return _sample(request, brands.dress(brand, settings.shop_file.parent), now=now)


def _sample(request: Request, look: Look, *, now: datetime) -> Response:
    settings = runtime(request).settings
    words = words_for(request)
    page = order_page(_order(look, now), look.brand, words, zone=settings.zone, now=now)
    text = html(
        request,
        "page.html",
        look,
        now=now,
        inline=True,
        page=page,
        live="",
        since=0,
        kept={},
        token="sample",  # noqa: S106 - of no order
        chosen={"email": True, "sms": False},
        saved=False,
        identity="",
        push_key="",
    )
    return _framed(text, look)


def _framed(text: str, look: Look, *, status: int = 200) -> Response:
    """For our own frame alone, with the draft's colours inside."""
    digest = base64.b64encode(hashlib.sha256(look.css.encode()).digest()).decode()
    policy = f"{content_policy(chr(39) + 'self' + chr(39))}; style-src 'self' 'sha256-{digest}'"
    return HTMLResponse(text, status, {**PRIVATE, "Content-Security-Policy": policy})


def _order(look: Look, now: datetime) -> OrderKnown:
    """A made-up order: one parcel on its way, later than first promised, one to be collected."""

    def scan(
        hours: float, status: Status, place: str, detail: Detail | None = None
    ) -> TrackingEvent:
        return TrackingEvent(now - timedelta(hours=hours), status, detail, place)

    start = (
        scan(52, Status.IN_TRANSIT, "Kendal, GB", Detail.PICKED_UP),
        scan(60, Status.LABEL_CREATED, "Kendal, GB"),
    )
    moving = (scan(3, Status.IN_TRANSIT, "Tamworth, GB", Detail.ARRIVED), *start)
    place = look.brand.pickup_points[0].place if look.brand.pickup_points else "Leeds, GB"
    waiting = (scan(5, Status.AVAILABLE_FOR_PICKUP, place, Detail.AT_PICKUP_POINT), *start)
    day = timedelta(days=1)
    return OrderKnown(
        number="1001",
        placed_at=now - 3 * day,
        cancelled=False,
        promise=None,
        waiting=(),
        parcels=(
            _parcel("SAMPLE0000001", moving, now, ((now, now + day), (now + day, now + 2 * day))),
            _parcel("SAMPLE0000002", waiting, now, ()),
        ),
    )


def _parcel(
    number: str,
    events: tuple[TrackingEvent, ...],
    now: datetime,
    promises: tuple[tuple[datetime, datetime], ...],
) -> ParcelKnown:
    tracking = Tracking("sandbox", number, events[0].status, events[0].detail, events)
    known = Known("sandbox", number, tracking, fetched_at=now - timedelta(minutes=4))
    lookup = Lookup(known, assess(known, now=now))
    return ParcelKnown(number, "Sample Parcels", lookup, promises, items=("1 × Rain jacket",))  # noqa: RUF001
