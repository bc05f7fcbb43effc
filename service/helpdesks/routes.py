"""The help desks' door: ``/helpdesks/webhooks/{slug}``."""

from fastapi import APIRouter, Request, Response

from integrations.messages import RawRequest
from kit import clock
from kit.errors import NotFound
from service import jobs
from service.helpdesks import queue
from service.runtime import runtime

router = APIRouter(tags=["webhooks"])


@router.post("/helpdesks/webhooks/{slug}", status_code=204)
async def receive(slug: str, request: Request) -> Response:
    """Take in a help desk's webhook: verify, note that there is news, answer; it is read later.

    204 is sent only after the commit. A ticket that is not ours gets the same answer.
    """
    own = runtime(request)
    helpdesk = own.helpdesk
    if helpdesk is None or helpdesk.manifest.slug != slug:
        raise NotFound("no such help desk is switched on")
    query = f"?{request.url.query}" if request.url.query else ""
    raw = RawRequest(
        f"{own.settings.base_url}{request.url.path}{query}",
        dict(request.headers),
        await request.body(),  # limited by ``service.web``
    )
    now = clock.now()
    helpdesk.verify(raw, now=now)
    async with own.sessions.begin() as session:
        for ticket in helpdesk.parse(raw):
            if await queue.ring(session, slug, ticket, now=now):
                await jobs.defer(session, "sync_helpdesk")
    return Response(status_code=204)
