"""The inbox's pages, at ``/inbox``. Each answers a whole page, or the part that htmx asked for."""

from urllib.parse import quote

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from kit import clock
from kit.errors import AppError, BadInput, NotFound
from service.accounts import routes_admin, routes_door, routes_own
from service.accounts.guard import NotAllowed, SignInNeeded
from service.accounts.routes_door import HOME, SIGN_IN
from service.audit import routes as audit
from service.figures import routes as figures
from service.inbox import routes_acts, routes_case, routes_lists, routes_live, routes_ticket
from service.inbox.pages import FILES, error_page, is_fragment

log = structlog.get_logger()

# What anybody may see; a check stands before all that the other routers have.
entrance = APIRouter()


def mount(app: FastAPI, *more: APIRouter) -> None:
    """Give an app the inbox. Its errors are pages; the rest of the app's stay what they are.

    Args:
        more: Pages of other folders, behind the same check.
    """
    inbox = FastAPI(openapi_url=None)
    inbox.state = app.state
    for part in (
        entrance,
        routes_door.router,
        routes_lists.router,
        routes_lists.editing,
        routes_live.router,
        routes_ticket.router,
        routes_acts.router,
        routes_case.router,
        routes_own.router,
        routes_admin.router,
        audit.router,
        figures.router,
        *more,
    ):
        inbox.include_router(part)
    inbox.add_exception_handler(SignInNeeded, _ask_to_sign_in)
    inbox.add_exception_handler(NotAllowed, _not_allowed)
    for kind in (AppError, HTTPException, RequestValidationError, Exception):
        inbox.add_exception_handler(kind, _show_error)
    app.mount("/inbox", inbox)


@entrance.get("/static/{name}")
async def static(name: str) -> Response:
    """A style sheet or script; its address changes with its content."""
    if name not in FILES:
        raise NotFound("no such file")
    return FileResponse(
        FILES[name], headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


async def _ask_to_sign_in(request: Request, error: Exception) -> Response:
    wanted = request.url.path if request.method == "GET" else HOME
    door = f"{SIGN_IN}?next={quote(wanted)}"
    if is_fragment(request):
        return PlainTextResponse("Sign in first.", 401, headers={"HX-Redirect": door})
    if request.url.path.endswith("/events"):
        return PlainTextResponse("Sign in first.", 401)
    return RedirectResponse(door, 303)


async def _not_allowed(request: Request, error: Exception) -> Response:
    if request.url.path == HOME:  # an editor, for whom the inbox begins with the figures
        return RedirectResponse("/inbox/figures", 303)
    return error_page(request, status=403, kind="not_allowed", now=clock.now())


async def _show_error(request: Request, error: Exception) -> Response:
    """The page for an error. What happened goes to the log, what to do about it on the page."""
    match error:
        case BadInput() if request.method == "POST" and "ticket_id" in request.path_params:
            return await routes_acts.complain(request, error)
        case AppError():
            status = error.http_status
            log.info("refused", path=request.url.path, kind=error.kind, reason=error.message)
        case HTTPException():
            status = error.status_code
        case RequestValidationError():
            status = 422
        case _:
            status = 500
            log.error("defect", path=request.url.path, exc_info=error)
    return error_page(request, status=status, now=clock.now())
