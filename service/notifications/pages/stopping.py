"""The way out of e-mails, ``/e/<link>``: one press in the mail program, or two on a page.

A ``GET`` changes nothing, as mail programs and virus scanners open links by themselves.

Source: https://www.rfc-editor.org/rfc/rfc8058.
"""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from kit import clock
from kit.errors import LockedOut, NotVerified
from kit.signing import LinkSigner
from service.notifications.messages.texts import fill, shipped
from service.notifications.models import Sending
from service.notifications.outbox import transport
from service.notifications.policy import optouts
from service.tracking_page import tries
from service.tracking_page.render import look_of, render, runtime, words_for
from service.visitors import who

router = APIRouter(include_in_schema=False)


@router.get("/e/{token}")
async def ask(request: Request, token: str) -> Response:
    """Ask whether e-mails to the address shall end."""
    return await _answer(request, token, wanted=None)


@router.post("/e/{token}")
async def stop(request: Request, token: str) -> Response:
    """End them: the one press. The body, ``List-Unsubscribe=One-Click``, says nothing more."""
    return await _answer(request, token, wanted=False)


@router.post("/e/{token}/on")
async def resume(request: Request, token: str) -> Response:
    """Let them come again."""
    return await _answer(request, token, wanted=True)


async def _answer(request: Request, token: str, *, wanted: bool | None) -> Response:
    now, parts = clock.now(), runtime(request)
    catalogues = shipped()
    common = (catalogues.get(words_for(request).lang) or catalogues["en"]).common
    try:
        row = await _read(request, token, now=now)
    except (NotVerified, LockedOut) as error:
        said = common["unsubscribe_gone"]
        return render(
            request, "stop.html", now=now, status=error.http_status, said=said, common=common
        )
    if wanted is not None:
        async with parts.sessions.begin() as session:
            await optouts.record(session, row, wanted=wanted, source=optouts.UNSUBSCRIBED, now=now)
    name = {None: "unsubscribe_ask", False: "unsubscribe_done", True: "resume_done"}[wanted]
    shop = look_of(parts.settings).brand.name or parts.settings.shop_name
    return render(
        request,
        "stop.html",
        now=now,
        said=fill(common[name], {"shop": shop, "address": _hidden(row.address)}),
        common=common,
        token=token,
        on=wanted is not False,
    )


async def _read(request: Request, token: str, *, now: datetime) -> Sending:
    """The e-mail that a link is of. Raises ``NotVerified``, or ``LockedOut`` after many guesses."""
    parts = runtime(request)
    visitor = who(request, parts.settings.keys[0])
    async with parts.sessions() as session:
        await tries.still_welcome(session, visitor, tries.TRIES_PER_ADDRESS, now=now)
        try:
            found = LinkSigner(parts.settings.keys, transport.STOP_PURPOSE).read(token, now=now)
            row = await session.get(Sending, int(found))
            if row is None:
                raise NotVerified("link refused")
            return row
        except NotVerified as error:
            refused = error
    async with parts.sessions.begin() as session:
        await tries.failed(session, visitor, tries.TRIES_PER_ADDRESS, now=now)
    raise refused


def _hidden(address: str) -> str:
    """An address that its owner knows again: ``an…@example.com``."""
    name, _, host = address.partition("@")
    return f"{name[:2]}…@{host}"
