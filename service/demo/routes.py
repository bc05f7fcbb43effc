"""The sandbox carrier's HTTP API under ``/sandbox``: tracking, and knobs to make it misbehave.

Anyone may ask where a parcel is, as with any carrier. The knobs ask for this installation's
sandbox token: ``curl -H "Authorization: Bearer $(cat var/sandbox_token)" …``.
"""

import asyncio
import hmac
import json
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from kit import clock
from kit.errors import NotFound, NotVerified, Upstream
from kit.http import call
from service.db import SessionDep
from service.demo import carrier
from service.demo.models import SandboxFault
from service.runtime import Runtime
from tracking_lookup.carriers.sandbox.adapter import SIGNATURE_HEADER, signature


def _in_control(request: Request) -> None:
    """Asked of every knob. A loopback check would not do: behind a proxy everybody is loopback."""
    expected = f"Bearer {request.app.state.runtime.settings.sandbox_token}"
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise NotVerified("sandbox: wrong token")


router = APIRouter(prefix="/sandbox", tags=["sandbox"])
control = APIRouter(dependencies=[Depends(_in_control)])

Number = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,40}$")]


class Fault(BaseModel):
    """How to misbehave. Parts combine: slow, then broken.

    Attributes:
        delay_seconds: Wait before answering.
        status: Answer with this status in place of the parcel.
        retry_after: Seconds for the ``Retry-After`` header of that answer.
        body: Answer 200 with JSON of another shape, an HTML page, or the first half of the body.
    """

    model_config = ConfigDict(extra="forbid")

    delay_seconds: float = Field(0, ge=0, le=60)
    status: Literal[401, 429, 500, 503] | None = None
    retry_after: int | None = Field(None, ge=0, le=86_400)
    body: Literal["malformed", "html", "half"] | None = None


class Scan(BaseModel):
    """A scan to add. ``code`` may be one that nobody has heard of."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^[A-Z0-9-]{1,20}$")
    place: str | None = Field(None, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")


class Push(BaseModel):
    """How to send a parcel's webhooks: one for each scan so far.

    Attributes:
        times: How often each is sent.
        order: Oldest scan first, or newest first.
    """

    model_config = ConfigDict(extra="forbid")

    times: int = Field(1, ge=1, le=10)
    order: Literal["given", "reversed"] = "given"


class Pushed(BaseModel):
    """How many webhooks were acknowledged, and how many were refused or got no answer."""

    acknowledged: int
    failed: int


@router.get("/track/{number}")
async def track(number: str, request: Request) -> Response:
    """Where a parcel is, as the sandbox carrier says it, or as badly as it was told to."""
    runtime: Runtime = request.app.state.runtime
    number = number.replace("\0", "")  # which the database refuses
    async with runtime.sessions() as session:
        fault = await carrier.fault_for(session, number)
    if fault is not None:
        await asyncio.sleep(fault.delay_seconds)  # with no transaction open
        if fault.status is not None:
            wait = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
            return JSONResponse({"error": {"code": "told_to_fail"}}, fault.status, headers=wait)
    try:
        async with runtime.sessions() as session:
            payload = await carrier.answer(session, number, now=clock.now())
    except NotFound:
        return JSONResponse({"error": {"code": "unknown_number"}}, 404)
    whole = json.dumps(payload)
    match fault.body if fault else None:
        case "malformed":
            return JSONResponse({"parcel": {"number": number, "scans": "soon"}})
        case "html":
            return Response("<h1>Down for maintenance</h1>", media_type="text/html")
        case "half":
            return Response(whole[: len(whole) // 2], media_type="application/json")
        case _:
            return Response(whole, media_type="application/json")


@control.post("/faults", status_code=204)
async def set_faults(
    faults: dict[Literal["*"] | Number, Fault | None], session: SessionDep
) -> None:
    """Misbehave for these numbers (``*``: for all); ``null`` takes a fault away."""
    for number, fault in faults.items():
        row = SandboxFault(number=number, **fault.model_dump()) if fault else None
        await carrier.misbehave(session, number, row)


@control.delete("/faults", status_code=204)
async def clear_faults(session: SessionDep) -> None:
    """Behave again, for every number."""
    await carrier.behave(session)


@control.post("/parcels/{number}/advance", status_code=204)
async def advance(number: Number, session: SessionDep) -> None:
    """Let a parcel's next scan happen now."""
    await carrier.advance(session, number, clock=clock.now)


@control.post("/parcels/{number}/scan", status_code=204)
async def add_scan(number: Number, scan: Scan, session: SessionDep) -> None:
    """Scan a parcel now."""
    await carrier.scan(session, number, scan.code, scan.place, now=clock.now())


@control.post("/parcels/{number}/push")
async def push(number: Number, how: Push, request: Request) -> Pushed:
    """Send a parcel's scans to the shop as signed webhooks, as often and in the order asked for."""
    runtime: Runtime = request.app.state.runtime
    async with runtime.sessions() as session:
        payloads = await carrier.webhooks(session, number, now=clock.now())
    if how.order == "reversed":
        payloads.reverse()
    bodies = [json.dumps(payload).encode() for payload in payloads]
    acknowledged = 0
    for body in _repeated(bodies, how.times):
        acknowledged += await _send(runtime, body)
    return Pushed(acknowledged=acknowledged, failed=len(bodies) * how.times - acknowledged)


async def _send(runtime: Runtime, body: bytes) -> bool:
    url = f"{runtime.settings.local_url}/tracking/webhooks/sandbox"
    headers = {
        "content-type": "application/json",
        SIGNATURE_HEADER: signature(runtime.settings.sandbox_token, body),
    }
    try:
        await call(runtime.http, "sandbox", "POST", url, content=body, headers=headers)
    except (Upstream, NotFound):
        return False
    return True


def _repeated(bodies: list[bytes], times: int) -> Iterable[bytes]:
    """The whole series again and again: a repeat comes late, as a provider's retry does."""
    for _ in range(times):
        yield from bodies


router.include_router(control)
