"""The notifications' pages: figures, texts with preview and test, what was held back and why."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from kit.errors import BadInput, NotFound
from service.accounts import guard
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox.pages import render
from service.notifications.messages import rendering, revisions
from service.notifications.messages.texts import ALWAYS, BRINGS, NAMES, SOMETIMES, shipped, text_of
from service.notifications.models import MilestoneRow, SavedText, Told
from service.notifications.news import MUST_ACT, Kind, Trigger
from service.notifications.pages import desk_outbox, figures, preview, story, words
from service.notifications.policy.shop import notices_of
from service.runtime import runtime
from service.storefront.models import Order, Parcel
from service.storefront.normal import order_key
from service.tracking_page import links

HOME: Final = "/inbox/notifications"
DAYS: Final = 30
HELD_SHOWN: Final = 30

router = APIRouter(prefix="/notifications")

ReaderDep = Annotated[SignedIn, Depends(guard.requires(Permission.READ_FIGURES))]
OrderReaderDep = Annotated[SignedIn, Depends(guard.requires(Permission.READ_CONVERSATIONS))]
AnswererDep = Annotated[SignedIn, Depends(guard.requires(Permission.ANSWER))]
EditorDep = Annotated[SignedIn, Depends(guard.requires(Permission.EDIT_MACROS))]

Lang = Annotated[str, Query(pattern="^[a-z]{2}$")]
Number = Annotated[str, Query(max_length=60)]


@router.get("")
async def overview(
    request: Request,
    session: SessionDep,
    who: ReaderDep,
    days: Annotated[int, Query(ge=1, le=366)] = DAYS,
) -> Response:
    """What messages do, which there are, and what was held back lately."""
    now, settings = clock.now(), runtime(request).settings
    found = await figures.of_triggers(session, since=now - timedelta(days=days), until=now, now=now)
    held = await _held(session) if who.may(Permission.READ_CONVERSATIONS) else None
    shop = await rendering.shop_of(session, settings)
    return render(
        request,
        "notifications.html",
        now=now,
        who=who,
        days=days,
        found=found,
        sql=figures.SQL,
        held=held,
        shop_texts=shop,
        langs=sorted(shop.catalogues),
        notices=notices_of(settings),
        words=words,
        Trigger=Trigger,
        must_act=MUST_ACT,
    )


@router.get("/order")
async def of_order(
    request: Request,
    session: SessionDep,
    who: OrderReaderDep,
    number: Number = "",
    ended: bool = False,
) -> Response:
    """What was told of one order and its parcels, what was held back, and why."""
    order = await session.scalar(select(Order).filter_by(key=order_key(number)))
    lines = await story.of_order(session, order.id) if order else ()
    parcels = (
        dict(
            (
                await session.execute(select(Parcel.id, Parcel.number).filter_by(order_id=order.id))
            ).all()
        )
        if order
        else {}
    )
    return render(
        request,
        "notifications_order.html",
        ended=ended,
        now=clock.now(),
        who=who,
        number=number,
        order=order,
        lines=lines,
        parcels=parcels,
        words=words,
        Told=Told,
    )


@router.post("/order/links")
async def end_links(
    session: SessionDep, who: AnswererDep, number: Annotated[str, Form(max_length=60)]
) -> Response:
    """End all links to an order's page, where somebody has one who should not."""
    now = clock.now()
    order = await session.scalar(select(Order).filter_by(key=order_key(number)))
    if order is None:
        raise NotFound("no such order")
    await links.revoke(session, order.id, now=now)
    await audit.record(session, who, Act.LINKS_ENDED, f"order:{order.id}", now=now)
    shown = urlencode({"number": order.number, "ended": True})
    return RedirectResponse(f"{HOME}/order?{shown}", 303)


@router.get("/{trigger}")
async def one(
    request: Request,
    session: SessionDep,
    who: ReaderDep,
    trigger: Trigger,
    lang: Lang = "en",
    parcel: Number = "",
    said: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """A trigger's texts in one language, as each kind of message would show them."""
    return await _page(request, session, who, trigger, lang=lang, parcel=parcel, said=said)


@router.get("/{trigger}/page")
async def letter(
    request: Request,
    session: SessionDep,
    who: ReaderDep,
    trigger: Trigger,
    lang: Lang = "en",
    parcel: Number = "",
) -> Response:
    """The e-mail, for a frame of ours."""
    if not who.may(Permission.READ_CONVERSATIONS):
        parcel = ""
    shown = await preview.of(
        session, runtime(request).settings, trigger, lang, parcel=parcel, now=clock.now()
    )
    return desk_outbox.framed(shown.kinds[Kind.EMAIL].html or "")


@router.post("/{trigger}")
async def save(
    request: Request,
    session: SessionDep,
    who: EditorDep,
    trigger: Trigger,
    lang: Annotated[str, Form(pattern="^[a-z]{2}$")],
    reset: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a trigger's texts, once they are as texts must be; or go back to those of Wismo."""
    if lang not in shipped():
        raise NotFound("no such language")
    form = await request.form()
    given = {name: str(form.get(name, "")) for name in NAMES}
    now = clock.now()
    try:
        text = None if reset else text_of(trigger, given)
    except BadInput as error:
        return await _page(
            request, session, who, trigger, lang=lang, draft=given, wrong=error.message.splitlines()
        )
    await revisions.save(session, lang, trigger, text, agent_id=who.agent.id, now=now)
    await audit.record(
        session, who, Act.TEXT_CHANGED, f"notification:{trigger}:{lang}", now=now, reset=reset
    )
    return RedirectResponse(f"{HOME}/{trigger}?lang={lang}&said=saved", 303)


@router.post("/{trigger}/test")
async def send_test(
    request: Request,
    session: SessionDep,
    who: EditorDep,
    trigger: Trigger,
    lang: Annotated[str, Form(pattern="^[a-z]{2}$")],
    kind: Annotated[Kind, Form()],
    to: Annotated[str, Form(max_length=254)],
    parcel: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Send it to an address of one's own, as it would reach a shopper."""
    now, parts = clock.now(), runtime(request)
    try:
        await preview.send(
            session,
            parts.settings,
            parts.channels,
            trigger,
            lang,
            kind=kind,
            to=to,
            parcel=parcel,
            now=now,
        )
    except BadInput as error:
        return await _page(
            request, session, who, trigger, lang=lang, parcel=parcel, wrong=[error.message]
        )
    await audit.record(
        session, who, Act.MESSAGE_SENT, f"notification:{trigger}:{lang}", now=now, test=kind
    )
    return RedirectResponse(f"{HOME}/{trigger}?lang={lang}&said=sent", 303)


async def _held(session: AsyncSession) -> Sequence[Any]:
    """The newest milestones that were held back, each with its order's and its parcel's number."""
    found = await session.execute(
        select(MilestoneRow, Order.number, Parcel.number)
        .join(Order, Order.id == MilestoneRow.order_id)
        .outerjoin(Parcel, Parcel.id == MilestoneRow.parcel_id)
        .where(MilestoneRow.state == Told.HELD)
        .order_by(MilestoneRow.decided_at.desc().nulls_last())
        .limit(HELD_SHOWN)
    )
    return found.all()


async def _page(
    request: Request,
    session: SessionDep,
    who: SignedIn,
    trigger: Trigger,
    *,
    lang: str,
    parcel: str = "",
    said: str = "",
    draft: dict[str, str] | None = None,
    wrong: list[str] | None = None,
) -> Response:
    now, parts = clock.now(), runtime(request)
    if lang not in shipped():
        raise NotFound("no such language")
    if not who.may(Permission.READ_CONVERSATIONS):
        parcel = ""  # its facts are an order's
    shown = await preview.of(session, parts.settings, trigger, lang, parcel=parcel, now=now)
    text = shown.shop.catalogue(lang).texts[trigger]
    saved: Any = await session.scalar(
        select(SavedText)
        .filter_by(lang=lang, trigger=trigger)
        .order_by(SavedText.id.desc())
        .limit(1)
    )
    return render(
        request,
        "notification.html",
        now=now,
        who=who,
        status=422 if wrong else 200,
        trigger=trigger,
        lang=lang,
        langs=sorted(shown.shop.catalogues),
        shown=shown,
        parcel=parcel,
        text=draft or {name: getattr(text, name) for name in NAMES},
        changed=saved if saved is not None and saved.text is not None else None,
        wrong=wrong or [],
        said=said,
        sure=sorted(ALWAYS | BRINGS.get(trigger, frozenset())),
        unsure=sorted(SOMETIMES - BRINGS.get(trigger, frozenset())),
        approvals=preview.approvals(shown.shop, trigger, lang),
        for_approval=preview.for_approval(text),
        testable=preview.testable(parts.channels, parts.settings),
        notices=notices_of(parts.settings),
        words=words,
    )
