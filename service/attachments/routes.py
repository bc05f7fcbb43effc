"""Showing a kept file: ``/attachments/{token}``, the token being proof enough, for an hour."""

from fastapi import APIRouter, Request, Response

from service.attachments import service
from service.db import SessionDep

router = APIRouter(tags=["attachments"])


@router.get("/attachments/{token}", response_class=Response)
async def show(token: str, request: Request, session: SessionDep) -> Response:
    """A picture that a shopper sent. The link is signed and ends an hour after it was made."""
    attachment_id = service.read_link(request.app.state.runtime.settings, token)
    content_type, content = await service.content(session, attachment_id)
    return Response(
        content,
        media_type=content_type,
        headers={
            "Cache-Control": "private, max-age=3600, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-site",
            "Referrer-Policy": "no-referrer",
        },
    )
