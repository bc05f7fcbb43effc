"""The providers' door: ``/channels/{slug}``."""

from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from prometheus_client import Counter

from integrations.contract import Challenged, Channel
from integrations.messages import Answer, RawRequest
from kit import clock
from kit.errors import BadWebhook, NotFound
from service.runtime import Runtime

log = structlog.get_logger()
router = APIRouter(prefix="/channels", tags=["webhooks"])

TAKEN: Final = Counter("wismo_channel_webhooks_total", "Webhooks of channels, stored", ["channel"])
REFUSED: Final = Counter(
    "wismo_channel_webhooks_refused_total",
    "Webhooks of channels that were not the provider's: forged, replayed, of no known shape",
    ["channel"],
)


@router.post("/{slug}", status_code=204)
async def receive(slug: str, request: Request) -> Response:
    """Take in a channel's webhook: verify, store, answer. The thinking happens later.

    What the provider expects is answered only after the commit, so it never believes in a message
    we lost; a repeat gets the same answer. A crash between two things that one webhook brings makes
    the provider bring both again.
    """
    runtime: Runtime = request.app.state.runtime
    channel = _channel(runtime, slug)
    raw = _raw(runtime, request, await request.body())  # limited by ``service.web``
    try:
        channel.verify(raw)
        events = channel.parse(raw, now=clock.now())
    except BadWebhook:
        REFUSED.labels(slug).inc()
        raise
    await request.app.state.intake.take(events)
    TAKEN.labels(slug).inc()
    return _response(channel.manifest.acknowledgement)


@router.get("/{slug}")
async def challenge(slug: str, request: Request) -> Response:
    """Answer a provider that checks this address before it uses it."""
    runtime: Runtime = request.app.state.runtime
    channel = _channel(runtime, slug)
    if not isinstance(channel, Challenged):
        raise NotFound(f"{slug}: its provider sends no challenge")
    try:
        return _response(channel.challenge(_raw(runtime, request)))
    except BadWebhook:
        REFUSED.labels(slug).inc()
        raise


def _channel(runtime: Runtime, slug: str) -> Channel:
    channel = runtime.channels.get(slug)
    if channel is None:
        raise NotFound("no channel of this name is switched on")
    return channel


def _raw(runtime: Runtime, request: Request, body: bytes = b"") -> RawRequest:
    """The request as the provider signed it: its address is from settings, never from ``Host``."""
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{runtime.settings.base_url}{request.url.path}{query}"
    return RawRequest(url, dict(request.headers), body)


def _response(answer: Answer) -> Response:
    return Response(answer.body or None, answer.status, media_type=answer.media_type)
