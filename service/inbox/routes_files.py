"""Files that agents sent, for shoppers: ``/files/{token}``, the token being proof enough."""

from fastapi import APIRouter, Request, Response

from service.db import SessionDep
from service.inbox import files
from service.inbox.routes_ticket import file_answer
from service.runtime import runtime

router = APIRouter(tags=["files"])


@router.get("/files/{token}", response_class=Response)
async def show(token: str, request: Request, session: SessionDep) -> Response:
    """A file that an agent sent. The link is signed, and ends 30 days after it was made."""
    file_id = files.read_link(runtime(request).settings, token)
    return file_answer(await files.read(session, file_id))
