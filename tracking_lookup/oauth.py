"""Access tokens by OAuth 2.0 client credentials, for every carrier that wants them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import httpx

from kit.clock import now
from kit.errors import NotFound, Rejected
from kit.http import call, json_of

# A token is renewed this long before it ends, so that none ends between us and the carrier.
RENEW_BEFORE: Final = timedelta(seconds=60)


class ClientCredentials(httpx.Auth):
    """Puts a bearer token on each request; gets one when needed, once for all who wait.

    A request answered 401 is sent once more with a new token, since a carrier may end a token
    early; a second 401 goes to the caller.

    Args:
        http: The client that fetches tokens; may be the one this is used with.
        source: Whose token it is, for errors: ``"ups"``.
        token_url: Where ``POST grant_type=client_credentials`` goes.
        credentials_in: Where the id and secret are put: as HTTP ``"basic"``, which the standard
            prefers, among the ``"form"`` fields, or in a ``"json"`` body, which it does not know.
        clock: Reads the present moment, aware.

    Raises (out of the request it is used with):
        Rejected: The client id or secret is refused, or the answer holds no token.
        Unavailable, RateLimited: As ``kit.http.call``.

    Source: RFC 6749, sections 2.3.1 (where credentials go) and 4.4.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        source: str,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        credentials_in: Literal["basic", "form", "json"] = "basic",
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._http = http
        self._source = source
        self._token_url = token_url
        self._request = _token_request(credentials_in, client_id, client_secret)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._until = clock()

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See ``httpx.Auth``."""
        token = await self._valid()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {await self._valid(refused=token)}"
            yield request

    async def _valid(self, *, refused: str | None = None) -> str:
        """A token that has not ended and is not the ``refused`` one."""
        async with self._lock:
            if self._token is None or self._token == refused or self._clock() >= self._until:
                self._token, lifetime = await self._fetch()
                self._until = self._clock() + lifetime - RENEW_BEFORE
            return self._token

    async def _fetch(self) -> tuple[str, timedelta]:
        try:
            response = await call(
                self._http, self._source, "POST", self._token_url, **self._request
            )
        except NotFound as error:
            raise Rejected(self._source, "no token endpoint at its address") from error
        except Rejected as error:
            raise Rejected(self._source, "client id or client secret refused") from error
        answer = json_of(response, self._source)
        try:
            # UPS and FedEx write the seconds as a text, others as a number.
            token, lifetime = answer["access_token"], timedelta(seconds=int(answer["expires_in"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise Rejected(self._source, "unreadable answer to the token request") from error
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Rejected(self._source, "unreadable answer to the token request")
        return token, lifetime


def _token_request(
    credentials_in: Literal["basic", "form", "json"], client_id: str, client_secret: str
) -> dict[str, Any]:
    grant = {"grant_type": "client_credentials"}
    if credentials_in == "basic":
        return {"auth": httpx.BasicAuth(client_id, client_secret), "data": grant}
    body = {**grant, "client_id": client_id, "client_secret": client_secret}
    return {"data": body} if credentials_in == "form" else {"json": body}
