"""What every HTTP answer shares: errors in one shape, a limit on bodies."""

from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.errors import AppError, RateLimited
from service.attachments.pictures import MAX_PICTURE_BYTES

log = structlog.get_logger()

MAX_BODY_BYTES = 256 * 1024
# Where larger bodies are right: a photo comes as it is, Meta puts up to 3 MB into one webhook, an
# e-mail brings its files, and an agent attaches five to an answer.
LARGER_BODIES: Final = {
    "/channels/": 3 * 1024 * 1024,
    "/chat/attachments": MAX_PICTURE_BYTES + 64 * 1024,
    "/mail/replies": 16 * 1024 * 1024,
    "/inbox/tickets/": 5 * 8 * 1024 * 1024 + 64 * 1024,
}


class BodyLimit:
    """Answers 413 to a request body that is too large, while it comes in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        limit = next(
            (limit for start, limit in LARGER_BODIES.items() if path.startswith(start)),
            MAX_BODY_BYTES,
        )
        too_large = HTTPException(413, f"the body is larger than {limit // 1024} KiB")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            answer = error_answer(413, "too_large", too_large.detail)
            await answer(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise too_large
            return message

        await self._app(scope, counted, send)


def error_answer(
    status: int, kind: str, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """The one shape of an error: ``{"error": {"kind", "message"}}``."""
    return JSONResponse(
        {"error": {"kind": kind, "message": message}}, status_code=status, headers=headers
    )


def install(app: FastAPI) -> None:
    """Give an app the shared error answers and the body limit."""
    app.add_middleware(BodyLimit)

    @app.exception_handler(AppError)
    async def _app_error(request: Request, error: AppError) -> JSONResponse:
        log.info("refused", path=_path(request), kind=error.kind, reason=error.message)
        headers = None
        if isinstance(error, RateLimited) and error.retry_after is not None:
            headers = {"Retry-After": str(max(1, round(error.retry_after)))}
        return error_answer(error.http_status, error.kind, error.message, headers)

    @app.exception_handler(RequestValidationError)
    async def _bad_input(request: Request, error: RequestValidationError) -> JSONResponse:
        return error_answer(422, "bad_input", "; ".join(_words(e) for e in error.errors()))

    @app.exception_handler(HTTPException)
    async def _http_error(request: Request, error: HTTPException) -> JSONResponse:
        kinds = {
            401: "not_verified",
            404: "not_found",
            405: "method_not_allowed",
            413: "too_large",
        }
        return error_answer(
            error.status_code,
            kinds.get(error.status_code, "refused"),
            str(error.detail),
            dict(error.headers) if error.headers else None,
        )

    @app.exception_handler(Exception)
    async def _defect(request: Request, error: Exception) -> JSONResponse:
        log.error("defect", path=_path(request))  # the server logs the traceback after this
        return error_answer(500, "defect", "something went wrong here; it has been logged")


def _path(request: Request) -> str:
    """The path for the log: with its variables' names, as a link's token is a secret."""
    route = request.scope.get("route")
    return str(getattr(route, "path", request.url.path))


def _words(error: dict[str, Any]) -> str:
    """One complaint, without the input: it may hold anything."""
    where = ".".join(str(part) for part in error["loc"] if part != "body")
    return f"{where or 'body'}: {error['msg']}"
