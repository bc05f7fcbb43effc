"""One way to call somebody else's HTTP API: a vendor's failure becomes one of ours here only."""

from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from kit.errors import NotFound, RateLimited, Rejected, Unavailable

MAX_ANSWER_BYTES = 5 * 1024 * 1024


def client() -> httpx.AsyncClient:
    """The one client for calls to other systems; this machine itself is never asked by proxy."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(10, connect=3),
        limits=httpx.Limits(max_connections=200, max_keepalive_connections=40),
        mounts={"all://127.0.0.1": None, "all://localhost": None},
        headers={"User-Agent": "Wismo/0.1"},
    )


async def call(
    http: httpx.AsyncClient,
    source: str,
    method: str,
    url: str,
    *,
    read: Collection[int] = (),
    **request: Any,
) -> httpx.Response:
    """Call a vendor once and name what went wrong.

    Args:
        http: The shared client; its time-outs hold unless ``timeout`` is among ``request``.
        source: Whose API this is, for the error and the log.
        read: Failing statuses whose body says more than the status: given back like a 2xx.
        request: Passed to ``httpx.AsyncClient.request``.

    Returns:
        A 2xx answer, or one of ``read``, whole.

    Raises:
        NotFound: 404.
        RateLimited: 429; ``retry_after`` in seconds where the vendor gave it.
        Unavailable: Time-out, broken connection, any 5xx, an answer over 5 MiB. A retry may help.
        Rejected: Any other answer; a retry gives the same.
    """
    try:
        response = await http.request(method, url, **request)
    except httpx.TimeoutException as error:
        raise Unavailable(source, f"no answer in time ({type(error).__name__})") from error
    except httpx.TransportError as error:
        raise Unavailable(source, f"connection failed ({type(error).__name__})") from error
    except httpx.InvalidURL as error:
        raise Rejected(source, "the request's address is not a URL") from error
    status = response.status_code
    if status in read:
        return response
    if status == 429:
        wait = retry_after(response.headers.get("retry-after"), now=datetime.now(UTC))
        raise RateLimited(source, "too many requests", wait)
    if status == 404:
        raise NotFound(f"{source}: not found")
    if status >= 500:
        raise Unavailable(source, f"answered {status}")
    if not response.is_success:
        raise Rejected(source, f"answered {status}")
    if len(response.content) > MAX_ANSWER_BYTES:
        raise Unavailable(source, "the answer is too large")
    return response


def json_of(response: httpx.Response, source: str) -> Any:
    """The JSON in an answer.

    Raises:
        Rejected: The body is not JSON (an HTML error page, half a body, a wrong encoding).
    """
    try:
        return response.json()
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError both are
        raise Rejected(source, "the answer is not JSON") from error


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait, from a ``Retry-After`` header: a number or an HTTP date.

    Returns:
        Seconds, never negative; ``None`` for no or an unreadable header.

    Source: RFC 9110, section 10.2.3.
    """
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value.strip())
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
