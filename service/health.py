"""Is it alive, is it ready, what are its figures."""

import asyncio
import math

import httpx
import sqlalchemy
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from service.inbox.assignment import count_orphans
from service.runtime import Runtime

router = APIRouter(tags=["operations"])

ORPHANED = Gauge("wismo_orphaned_tickets", "Open tickets that are nobody's. Must stay 0.")


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process answers. Says nothing of what it depends on."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """200 where a shopper would be answered now; else 503, with what is missing."""
    runtime: Runtime = request.app.state.runtime
    database, rasa = await asyncio.gather(_database(runtime), _rasa(runtime))
    parts = {"database": database, "rasa": rasa}
    return JSONResponse(parts, status_code=200 if set(parts.values()) == {"ok"} else 503)


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus. Those of the database are read now; without it they are ``NaN``."""
    runtime: Runtime = request.app.state.runtime
    try:
        async with asyncio.timeout(2), runtime.sessions() as session:
            ORPHANED.set(await count_orphans(session))
    except (SQLAlchemyError, OSError, TimeoutError):
        ORPHANED.set(math.nan)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _database(runtime: Runtime) -> str:
    try:
        async with asyncio.timeout(2), runtime.sessions() as session:
            await session.execute(sqlalchemy.text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return "away"
    return "ok"


async def _rasa(runtime: Runtime) -> str:
    try:
        answer = await runtime.http.get(f"{runtime.settings.rasa_url}/", timeout=2)
    except httpx.HTTPError:
        return "away"
    return "ok" if answer.is_success else "away"
