"""What the help desks' adapters share: one way to call an API, and the checks of webhooks."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from integrations.messages import RawRequest
from kit.errors import BadWebhook, Rejected
from kit.http import call, json_of

FRESH: Final = timedelta(minutes=5)
TOKEN_HEADER: Final = "x-wismo-token"  # noqa: S105 - the header's name


class Api:
    """A vendor's JSON API.

    Args:
        slug: For errors.
        base: Without a slash at its end.
        options: What every request carries: ``auth``, ``headers``.
    """

    def __init__(self, http: httpx.AsyncClient, slug: str, base: str, **options: Any) -> None:
        self._http = http
        self._slug = slug
        self._base = base
        self._options = options

    async def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON a path answers; ``None`` for an empty body. Raises as ``kit.http.call``."""
        headers = {
            "Accept": "application/json",
            **self._options.get("headers", {}),
            **request.pop("headers", {}),
        }
        response = await call(
            self._http,
            self._slug,
            method,
            f"{self._base}{path}",
            **{**self._options, **request, "headers": headers},
        )
        return json_of(response, self._slug) if response.content else None


@contextmanager
def reading(slug: str) -> Iterator[None]:
    """Inside it an answer is read.

    Raises:
        Rejected: The answer is not of the shape it was read as. A retry gives the same.
    """
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise Rejected(slug, f"unreadable answer: {error!r}") from error


def json_body(slug: str, request: RawRequest) -> dict[str, Any]:
    """A webhook's body.

    Raises:
        BadWebhook: Not a JSON object.
    """
    try:
        body = json.loads(request.body)
    except ValueError as error:  # wrong encoding, too
        raise BadWebhook(f"{slug}: the body is not JSON") from error
    except RecursionError as error:
        raise BadWebhook(f"{slug}: the body is nested too deep") from error
    if not isinstance(body, dict):
        raise BadWebhook(f"{slug}: the body is not an object")
    return body


def ticket_id(slug: str, value: object) -> str:
    """A ticket's id from a webhook, as text.

    Raises:
        BadWebhook: Not a positive number: every vendor's ids here are.
    """
    text = str(value) if isinstance(value, int | str) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise BadWebhook(f"{slug}: no ticket id in the body")
    return text


def check_token(slug: str, request: RawRequest, token: str) -> None:
    """Raises ``BadWebhook`` unless ``X-Wismo-Token`` is ``token``: for vendors that do not sign."""
    given = request.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise BadWebhook(f"{slug}: wrong or no {TOKEN_HEADER}")


def check_fresh(slug: str, signed_at: datetime, now: datetime) -> None:
    """Raises ``BadWebhook`` for what was signed more than five minutes from now."""
    if abs(now - signed_at) > FRESH:
        raise BadWebhook(f"{slug}: the webhook's time is not now")


def same(slug: str, expected: str, given: str) -> None:
    """Raises ``BadWebhook`` unless two signatures are equal."""
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise BadWebhook(f"{slug}: signature does not match")


def hmac_sha256(secret: str, message: bytes) -> bytes:
    """The digest, before it is written in hexadecimal or base 64."""
    return hmac.digest(secret.encode(), message, hashlib.sha256)
