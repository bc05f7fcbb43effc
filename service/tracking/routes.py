"""The carriers' door: ``/tracking/webhooks/{source}``."""

from fastapi import APIRouter, Request, Response

from kit import clock
from service.runtime import Runtime
from service.tracking import service

router = APIRouter(tags=["webhooks"])


@router.post("/tracking/webhooks/{source}", status_code=204)
async def receive(source: str, request: Request) -> Response:
    """Take in a carrier's webhook: verify, store, answer. The reading happens later.

    204 is sent only after the commit, so a carrier never believes in a webhook we lost. A repeat
    gets the same answer.
    """
    runtime: Runtime = request.app.state.runtime
    carrier = service.push_carrier(runtime.lookup.carriers, source)
    body = await request.body()  # raw, and limited by ``service.web``
    carrier.verify(_headers(request), body)
    async with runtime.sessions.begin() as session:
        await service.accept(session, source, body, now=clock.now())
    return Response(status_code=204)


def _headers(request: Request) -> dict[str, str]:
    """The headers, and a ``token`` of the address among them: some carriers can sign only there."""
    token = request.query_params.get("token")
    return {**request.headers, **({"x-webhook-token": token} if token else {})}
