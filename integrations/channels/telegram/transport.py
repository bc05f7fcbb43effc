"""How python-telegram-bot calls out here: by the one shared client, its failures named by us."""

import json
from typing import Any, Final

import httpx
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from integrations.channels.telegram.errors import failure_of
from kit.errors import Unavailable, Upstream

SLUG: Final = "telegram"
_READ_SECONDS: Final = 10.0


class Failed(TelegramError):
    """A call that failed, with our name for it; the library lets its own kind of error pass."""

    def __init__(self, error: Upstream) -> None:
        super().__init__(error.message)
        self.error = error


class Transport(BaseRequest):
    """The library's calls through the shared client, which is neither opened nor closed here."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @property
    def read_timeout(self) -> float:
        """Seconds an answer may take; the wait of ``getUpdates`` comes on top."""
        return _READ_SECONDS

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. The address holds the bot's token, so no error may quote it.

        Raises:
            Failed: With what ``Channel.send`` is to raise.
        """
        seconds = read_timeout if isinstance(read_timeout, int | float) else _READ_SECONDS
        try:
            answer = await self._http.request(
                method,
                url,
                data=request_data.json_parameters if request_data else None,
                timeout=httpx.Timeout(seconds, connect=3),
            )
        except httpx.TransportError as error:
            why = f"connection failed ({type(error).__name__})"
            raise Failed(Unavailable(SLUG, why)) from None
        if not answer.is_success:
            raise Failed(_named(answer))
        return answer.status_code, answer.content


def _named(answer: httpx.Response) -> Upstream:
    try:
        content: Any = json.loads(answer.content)
    except ValueError:
        content = None
    content = content if isinstance(content, dict) else {}
    parameters = content.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return failure_of(answer.status_code, str(content.get("description", ""))).error(
        SLUG,
        str(answer.status_code),
        retry_after=float(wait) if isinstance(wait, int | float) else None,
    )
