"""``/api/promise`` for the product page, and the inbox's pages about dates and carriers."""

import csv
import io
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from kit import clock
from service.accounts import guard
from service.accounts.guard import AgentDep
from service.accounts.permissions import Permission
from service.db import SessionDep
from service.edd import carriers, training
from service.edd.models import Training
from service.edd.offers import Offers, admit
from service.inbox.pages import render
from service.runtime import runtime
from service.visitors import digest, who
from tracking_lookup.edd import card as cards
from tracking_lookup.edd.store import Store

router = APIRouter(prefix="/api", tags=["delivery dates"])
# Before these stands the agents' check, as before all of the inbox.
pages = APIRouter(dependencies=[Depends(guard.requires(Permission.READ_FIGURES))])

TRAININGS_SHOWN = 10


class PromiseOut(BaseModel):
    """When something bought now would arrive; all of it ``null`` or empty where nobody knows."""

    first: date | None
    last: date | None
    text: str
    because: str


@router.get("/promise")
async def promise(
    request: Request,
    response: Response,
    session: SessionDep,
    postcode: Annotated[str, Query(max_length=20)],
    sku: Annotated[str, Query(max_length=100)] = "",
    country: Annotated[str, Query(pattern=r"^([A-Za-z]{2})?$")] = "",
) -> PromiseOut:
    """The date for a product page: ``Arrives Thursday 26 to Saturday 28 November``.

    Any page of ``SHOP_ORIGINS`` may ask. Answers are kept for an hour; an address may ask 300 times
    a minute, and gets 429 beyond that.
    """
    parts = runtime(request)
    given = parts.settings
    origin = request.headers.get("origin", "")
    response.headers["Vary"] = "Origin"
    allowed = [one.strip().rstrip("/") for one in given.shop_origins.split(",") if one.strip()]
    if not allowed or _is_among(origin, allowed):
        response.headers["Access-Control-Allow-Origin"] = origin if allowed else "*"
    offers: Offers = request.app.state.offers
    now = clock.now()
    asker = digest("promise", who(request, given.keys[0]), given.keys[0])
    async with parts.sessions.begin() as counting:
        await admit(counting, asker, now=now)
    offer = await offers.offer(session, postcode=postcode, sku=sku, country=country, now=now)
    response.headers["Cache-Control"] = "public, max-age=600" if offer.last else "no-store"
    return PromiseOut(first=offer.first, last=offer.last, text=offer.text, because=offer.because)


@pages.get("/edd")
async def report_card(request: Request, session: SessionDep, who: AgentDep) -> Response:
    """How good the delivery dates are, which model runs, and how its trainings went."""
    folder = training.models(runtime(request).settings)
    card = await run_in_threadpool(training.last_report, folder)
    trainings = await session.scalars(
        select(Training).order_by(Training.id.desc()).limit(TRAININGS_SHOWN)
    )
    return render(
        request,
        "edd.html",
        now=clock.now(),
        who=who,
        report=cards.body(card) if card else None,
        made_at=training.made_at(card) if card else None,
        trainings=trainings.all(),
        versions=await run_in_threadpool(Store(folder).versions),
    )


@pages.get("/carriers")
async def performance(request: Request, session: SessionDep, who: AgentDep) -> Response:
    """What each carrier did in the last 30 days, against the 30 before and a year ago."""
    now = clock.now()
    return render(
        request,
        "carriers.html",
        now=now,
        who=who,
        carriers=await carriers.performance(session, runtime(request).settings, now=now),
        names={slug: one.manifest.name for slug, one in runtime(request).lookup.carriers.items()},
    )


@pages.get("/carriers.csv")
async def performance_csv(request: Request, session: SessionDep) -> Response:
    """The same figures as a file, a row for each carrier, lane and period."""
    now = clock.now()
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(carriers.COLUMNS)
    for carrier in await carriers.performance(session, runtime(request).settings, now=now):
        rows.writerows(carrier.as_rows())
    name = f"carriers-{now:%Y-%m-%d}.csv"
    return PlainTextResponse(
        text.getvalue(),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _is_among(origin: str, allowed: list[str]) -> bool:
    """Whether an origin is one of the shop's; ``https://*.shop.example`` stands for its hosts."""
    for one in allowed:
        scheme, _, host = one.partition("://*")
        if origin == one or (host and origin.startswith(f"{scheme}://") and origin.endswith(host)):
            return True
    return False
