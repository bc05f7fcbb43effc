"""The tracking page: ``/t/<link>`` for an order, ``/track`` to find one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Form, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from kit import clock
from kit.errors import LockedOut, NotFound, NotVerified
from service.news import parcel_topic
from service.notifications.outbox import vapid
from service.notifications.policy.shop import notices_of
from service.runtime import Runtime
from service.statements import bare
from service.storefront import identity
from service.storefront.normal import order_key, tracking_number_of
from service.tracking_page import choices, links, preview, tries
from service.tracking_page.brand import MEDIA_TYPES
from service.tracking_page.choices import Subscription
from service.tracking_page.links import Link
from service.tracking_page.reading import order_known, parcel_ids, parcel_known
from service.tracking_page.render import (
    PRIVATE,
    STATIC,
    chat_identity,
    look_of,
    render,
    runtime,
    words_for,
)
from service.tracking_page.view import PageView, movement, order_page
from service.visitors import who

router = APIRouter(include_in_schema=False)

HEARTBEAT_SECONDS: Final = 15
# While a page is open its parcels are looked at again this often; fresh ones cost no call.
LOOK_AGAIN_SECONDS: Final = 300
# How long "ask the carrier again" may take, and an open page's first look.
PATIENT_SECONDS: Final = 2.5
MAX_FIELD: Final = 300
_YEAR: Final = {"Cache-Control": "public, max-age=31536000, immutable"}

Lang = Annotated[str, Query(max_length=8)]


def mount(app: FastAPI) -> None:
    """Give an app the page, and agents its preview. Before the inbox, whose path it shares."""
    app.include_router(router)
    app.include_router(preview.router)


@router.get("/track/static/{name}")
async def static(name: str) -> Response:
    """A style sheet or script; its address changes with its content."""
    if name not in STATIC:
        raise NotFound("no such file")
    return FileResponse(STATIC[name], headers=_YEAR)


@router.get("/track/brand.css")
async def brand_css(request: Request) -> Response:
    """The shop's colours and typeface; its address changes with them."""
    return Response(look_of(runtime(request).settings).css, media_type="text/css", headers=_YEAR)


@router.get("/track/shop/{name}")
async def shop_file(request: Request, name: str) -> Response:
    """A file that ``shop.yml`` names, and no other. A picture runs no script."""
    look = look_of(runtime(request).settings)
    if name not in look.versions:
        raise NotFound("no such file")
    file = look.folder / name
    sandboxed = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return FileResponse(
        file,
        media_type=MEDIA_TYPES[file.suffix],
        headers={**_YEAR, "Content-Security-Policy": sandboxed},
    )


@router.get("/t/push-worker.js")
async def push_worker() -> Response:
    """The service worker that shows push messages; a browser asks for it anew by itself."""
    return FileResponse(STATIC["push-worker.js"], headers={"Cache-Control": "no-cache"})


@router.get("/track")
async def find(
    request: Request, number: Annotated[str, Query(max_length=60)] = "", part: bool = False
) -> Response:
    """The form; with a tracking number, where that parcel is and nothing of its order."""
    now = clock.now()
    wanted = tracking_number_of(number)
    if not wanted:
        return _form(request, now=now)
    parts = runtime(request)
    visitor = who(request, parts.settings.keys[0])
    try:
        await _admit(parts, visitor, now=now)
        known = await parcel_known(parts, wanted, now=now)
        if known is None:
            await _count_failure(parts, [visitor], now=now)
            return _form(request, now=now, status=404, number=number, wrong_number="number_wrong")
    except LockedOut:
        return _wait(request, now=now)
    page = movement(known, words_for(request), zone=parts.settings.zone, now=now)
    return _page(request, page, now=now, part=part, live=_at("/track/live", {"number": wanted}))


@router.get("/track/live")
async def live_parcel(
    request: Request, number: Annotated[str, Query(max_length=60)], since: float = 0
) -> Response:
    """``changed`` whenever the parcel did since the page was made."""
    parts, now = runtime(request), clock.now()
    visitor = who(request, parts.settings.keys[0])
    await _admit(parts, visitor, now=now)
    ids = await parcel_ids(parts, number=tracking_number_of(number))
    if not ids:
        await _count_failure(parts, [visitor], now=now)
        raise NotFound("no such parcel")
    return _events(parts, ids[:1], since)


@router.post("/track")
async def prove(
    request: Request,
    order: Annotated[str, Form(max_length=MAX_FIELD)] = "",
    proof: Annotated[str, Form(max_length=MAX_FIELD)] = "",
) -> Response:
    """Check an order number with an e-mail, phone or postcode, and go to the order's page.

    Unknown and not proven are the same answer after the same work.
    """
    now, parts = clock.now(), runtime(request)
    key = order_key(order)
    if not key or not proof.strip():
        return _form(request, now=now, status=422, order=order, wrong="form_empty")
    secret = parts.settings.keys[0]
    counted = [(who(request, secret), tries.TRIES_PER_ADDRESS)]
    counted.append((tries.what(key, secret), tries.TRIES_PER_ORDER))
    try:
        async with parts.sessions.begin() as session:
            for digest, most in counted:
                await tries.admit(session, digest, most, now=now)
            found = await identity.check(session, order, proof)
            if found is None:
                for digest, most in counted:
                    await tries.failed(session, digest, most, now=now)
                target = None
            else:
                target = await links.for_order(session, parts.settings, found.id, now=now)
    except LockedOut:
        return _wait(request, now=now)
    if target is None:
        return _form(request, now=now, status=403, order=order, wrong="form_wrong")
    path = target.removeprefix(parts.settings.base_url)
    return RedirectResponse(_at(path, _kept(request)), 303, PRIVATE)


@router.get("/t/{token}")
async def order_of_link(
    request: Request, token: str, part: bool = False, fresh: bool = False, saved: bool = False
) -> Response:
    """An order's page. A link that was guessed, altered, revoked or is over: the form."""
    now, parts = clock.now(), runtime(request)
    try:
        link = await _read(request, token, now=now)
    except LockedOut:
        return _wait(request, now=now)
    except NotVerified:
        return _form(request, now=now, status=404, notice="link_wrong")
    patience = {"patience": PATIENT_SECONDS} if fresh else {}
    known = await order_known(parts, link.order_id, now=now, **patience)
    if known is None:
        return _form(request, now=now, status=404, notice="link_wrong")
    if link.ref is not None and not part:
        async with parts.sessions.begin() as session:
            await links.opened(session, link.ref, link.order_id, now=now)
    look, words = look_of(parts.settings), words_for(request)
    async with bare(parts.sessions) as connection:
        chosen = await choices.of_order(
            connection, link.order_id, notices_of(parts.settings).agreed_at_checkout
        )
    page = order_page(known, look.brand, words, zone=parts.settings.zone, now=now)
    return _page(
        request,
        page,
        now=now,
        part=part,
        live=f"/t/{token}/live",
        token=token,
        chosen=chosen,
        saved=saved,
        identity=chat_identity(parts.settings, known.number, now=now),
        push_key=vapid.public_key(parts.settings),
    )


@router.get("/t/{token}/live")
async def live_order(request: Request, token: str, since: float = 0) -> Response:
    """``changed`` whenever one of the order's parcels did since the page was made."""
    link = await _read(request, token, now=clock.now())
    parts = runtime(request)
    return _events(parts, await parcel_ids(parts, order_id=link.order_id), since)


@router.get("/t/{token}/order.pdf")
async def pdf(request: Request, token: str) -> Response:
    """The page as a document to keep."""
    from service.tracking_page.pdf import as_pdf  # half a second, for the one page that needs it

    now, parts = clock.now(), runtime(request)
    link = await _read(request, token, now=now)
    known = await order_known(parts, link.order_id, now=now)
    if known is None:
        raise NotFound("no such order")
    look, words = look_of(parts.settings), words_for(request)
    page = order_page(known, look.brand, words, zone=parts.settings.zone, now=now)
    shop = look.brand.name or parts.settings.shop_name
    content = await asyncio.to_thread(
        as_pdf, page, words, shop=shop, colour=look.brand.colour, zone=parts.settings.zone, now=now
    )
    return Response(content, media_type="application/pdf", headers=PRIVATE)


@router.post("/t/{token}/choices")
async def choose(request: Request, token: str) -> Response:
    """Keep how the shopper wants to be told: the channels that are ticked."""
    now = clock.now()
    link = await _read(request, token, now=now)
    ticked = (await request.form()).keys()
    wanted = {channel: channel in ticked for channel in choices.DEFAULTS}
    parts = runtime(request)
    async with parts.sessions.begin() as session:
        await choices.choose(
            session, link.order_id, wanted, notices_of(parts.settings).agreed_at_checkout, now=now
        )
    there = _at(f"/t/{token}", {**_kept(request), "saved": "1"})
    return RedirectResponse(f"{there}#tell", 303, PRIVATE)


@router.post("/t/{token}/push", status_code=204)
async def push_on(request: Request, token: str, given: Subscription) -> None:
    """Let this browser be told."""
    now = clock.now()
    link = await _read(request, token, now=now)
    async with runtime(request).sessions.begin() as session:
        if not await choices.subscribe(session, link.order_id, given, now=now):
            raise NotVerified("too many browsers for this order")


@router.delete("/t/{token}/push", status_code=204)
async def push_off(request: Request, token: str, given: Subscription) -> None:
    """Let this browser be told no longer."""
    now = clock.now()
    link = await _read(request, token, now=now)
    async with runtime(request).sessions.begin() as session:
        await choices.unsubscribe(session, link.order_id, given.endpoint, now=now)


async def _read(request: Request, token: str, *, now: datetime) -> Link:
    """What a link says. Raises ``NotVerified`` or, after too many that failed, ``LockedOut``."""
    parts = runtime(request)
    visitor = who(request, parts.settings.keys[0])
    async with bare(parts.sessions) as connection:
        await tries.still_welcome(connection, visitor, tries.TRIES_PER_ADDRESS, now=now)
        try:
            return await links.read(connection, parts.settings, token, now=now)
        except NotVerified as error:
            refused = error
    await _count_failure(parts, [visitor], now=now)
    raise refused


async def _admit(parts: Runtime, visitor: str, *, now: datetime) -> None:
    async with bare(parts.sessions) as connection:
        await tries.still_welcome(connection, visitor, tries.TRIES_PER_ADDRESS, now=now)


async def _count_failure(parts: Runtime, digests: Sequence[str], *, now: datetime) -> None:
    async with parts.sessions.begin() as session:
        for digest in digests:
            await tries.failed(session, digest, tries.TRIES_PER_ADDRESS, now=now)


def _page(
    request: Request,
    page: PageView,
    *,
    now: datetime,
    part: bool,
    live: str,
    **context: Any,
) -> Response:
    around: dict[str, Any] = {
        "token": None,
        "chosen": {},
        "saved": False,
        "identity": None,
        "push_key": None,
    }
    return render(
        request,
        "_content.html" if part else "page.html",
        now=now,
        page=page,
        live=live,
        since=now.timestamp(),
        kept=_kept(request),
        **around | context,
    )


def _form(
    request: Request,
    *,
    now: datetime,
    status: int = 200,
    order: str = "",
    number: str = "",
    wrong: str = "",
    wrong_number: str = "",
    notice: str = "",
) -> Response:
    return render(
        request,
        "find.html",
        now=now,
        status=status,
        order=order,
        number=number,
        wrong=wrong,
        wrong_number=wrong_number,
        notice=notice,
        minutes=None,
    )


def _wait(request: Request, *, now: datetime) -> Response:
    seconds = int(tries.TRIES_COUNT_FOR.total_seconds())
    return render(
        request,
        "find.html",
        now=now,
        status=429,
        headers={"Retry-After": str(seconds)},
        order="",
        number="",
        wrong="",
        wrong_number="",
        notice="",
        minutes=seconds // 60,
    )


def _kept(request: Request) -> dict[str, str]:
    """What of the address stays from page to page: the visitor's language and direction."""
    asked = request.query_params
    return {name: asked[name][:8] for name in ("lang", "dir") if asked.get(name)}


def _at(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _events(parts: Runtime, ids: Sequence[int], since: float) -> Response:
    return EventSourceResponse(
        _changes(parts, ids, since),
        ping=HEARTBEAT_SECONDS,
        headers={**PRIVATE, "X-Accel-Buffering": "no"},
    )


async def _changes(
    parts: Runtime, ids: Sequence[int], since: float
) -> AsyncIterator[ServerSentEvent]:
    """News of parcels, as long as somebody watches; watching also keeps them fresh."""
    shown = datetime.fromtimestamp(min(max(since, 0), 2**40), UTC) - timedelta(milliseconds=1)
    async with parts.news.subscribe(*map(parcel_topic, ids)) as changed:
        yield ServerSentEvent("", event="open")
        while not parts.news.closing.is_set():
            changed.clear()
            found = await asyncio.gather(
                *(parts.lookup.where_is(each, now=clock.now()) for each in ids)
            )
            heard = [each.known.fetched_at for each in found if each.known.fetched_at]
            if max(heard, default=shown) > shown:
                shown = max(heard)
                yield ServerSentEvent("", event="changed")
            try:
                await asyncio.wait_for(changed.wait(), LOOK_AGAIN_SECONDS)
            except TimeoutError:
                continue
