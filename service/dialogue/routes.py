"""The action endpoint: Rasa calls, an action runs here, its events and answers go back."""

import hmac
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.actions.registry import actions
from kit.errors import BadWebhook
from service.dialogue.desk import ServiceDesk
from service.runtime import Runtime

log = structlog.get_logger()
router = APIRouter(tags=["internal"])


def make_executor(runtime: Runtime) -> ActionExecutor:
    """An executor that knows every action of the bot, each with this process's desk."""
    executor = ActionExecutor()
    for action in actions(ServiceDesk(runtime), runtime.faq, runtime.settings.zone):
        executor.register_action(action)
    return executor


@router.post("/internal/rasa/actions", include_in_schema=False)
async def run_action(request: Request) -> JSONResponse:
    """Run one action.

    Protocol: https://rasa.com/docs/rasa/action-server/ ; 400 says that a form refuses to go on,
    404 that no action has that name.
    """
    expected = f"Bearer {request.app.state.runtime.settings.rasa_token}"
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise BadWebhook("action endpoint: wrong token")
    executor: ActionExecutor = request.app.state.actions
    # Rasa leaves the domain out (bot/endpoints.yml) and no action asks for it.
    payload: dict[str, Any] = {"domain": {}, **await request.json()}
    try:
        result = await executor.run(payload)
    except ActionExecutionRejection as refusal:
        return JSONResponse(
            {"error": str(refusal), "action_name": refusal.action_name}, status_code=400
        )
    except ActionNotFoundException as missing:
        log.error("unknown_action", action=missing.action_name)
        return JSONResponse(
            {"error": str(missing), "action_name": missing.action_name}, status_code=404
        )
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})
