"""The action endpoint: Rasa calls, an action runs here, its events and answers go back."""

import hmac
from typing import Any, Final

import structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.actions.registry import actions
from kit.errors import BadWebhook
from service.dialogue.desk import ServiceDesk
from service.runtime import Runtime
from service.web import error_answer

log = structlog.get_logger()
PATH: Final = "/internal/rasa/actions"


def make_executor(runtime: Runtime) -> ActionExecutor:
    """An executor that knows every action of the bot, each with this process's desk."""
    executor = ActionExecutor()
    for action in actions(ServiceDesk(runtime), runtime.faq, runtime.settings.zone):
        executor.register_action(action)
    return executor


class Actions:
    """Answers Rasa's calls ahead of what only people's requests need.

    Routing, dependencies, headers, compression and counting the body would take this process longer
    than the action itself, which Rasa calls in most turns.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the action, or pass on what is no call of one."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        answer = await run_action(Request(scope, receive))
        await answer(scope, receive, send)


async def run_action(request: Request) -> JSONResponse:
    """Run one action.

    Protocol: https://rasa.com/docs/rasa/action-server/ ; 400 says that a form refuses to go on,
    404 that no action has that name.
    """
    expected = f"Bearer {request.app.state.runtime.settings.rasa_token}"
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        refusal = BadWebhook("action endpoint: wrong token")
        log.info("refused", path=PATH, kind=refusal.kind, reason=refusal.message)
        return error_answer(refusal.http_status, refusal.kind, refusal.message)
    executor: ActionExecutor = request.app.state.actions
    # Rasa leaves the domain out (bot/endpoints.yml) and no action asks for it.
    payload: dict[str, Any] = {"domain": {}, **await request.json()}
    try:
        result = await executor.run(payload)
    except ActionExecutionRejection as refused:
        return JSONResponse(
            {"error": str(refused), "action_name": refused.action_name}, status_code=400
        )
    except ActionNotFoundException as missing:
        log.error("unknown_action", action=missing.action_name)
        return JSONResponse(
            {"error": str(missing), "action_name": missing.action_name}, status_code=404
        )
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})
