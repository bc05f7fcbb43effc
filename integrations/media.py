"""Fetching a file from a provider: only from its own hosts, and never more than was asked for."""

from collections.abc import Sequence
from typing import Any, Final

import httpx

from kit.errors import RateLimited, Rejected, Unavailable

# Twilio sends a file's reader on to its store, and the store may send it on once more.
_MOST_REDIRECTS: Final = 3


def is_on(url: httpx.URL, hosts: Sequence[str]) -> bool:
    """Whether an address is on one of the hosts; ``".example.com"`` takes in its subdomains."""
    return any(
        url.host == host or (host.startswith(".") and url.host.endswith(host)) for host in hosts
    )


async def download(
    http: httpx.AsyncClient,
    source: str,
    url: str,
    *,
    api: str,
    hosts: Sequence[str],
    limit: int,
    keyed: bool = False,
    **request: Any,
) -> bytes:
    """A file of at most ``limit`` bytes.

    Args:
        source: The channel's slug.
        url: From a webhook or the provider's answer, so not to be trusted with our key.
        api: The provider's API. What lies on its origin gets ``request``, the key among it.
        hosts: Where else files may lie: HTTPS only.
        keyed: Whether these hosts want the key too; else they are called without it.
        request: Passed to ``httpx.AsyncClient.stream`` for ``api``: ``auth`` or ``headers``.

    Raises:
        Unavailable, RateLimited: Try again.
        Rejected: Gone, too large, or elsewhere than on the provider's hosts.
    """
    origin = httpx.URL(api)
    try:
        at = httpx.URL(url)
        for _ in range(_MOST_REDIRECTS + 1):
            ours = (at.scheme, at.host, at.port) == (origin.scheme, origin.host, origin.port)
            if not ours and not (at.scheme == "https" and is_on(at, hosts)):
                raise Rejected(
                    source, f"a file on {at.host or 'no host'}, which is not the provider's"
                )
            async with http.stream("GET", at, **(request if ours or keyed else {})) as answer:
                if answer.has_redirect_location:
                    at = answer.url.join(answer.headers["location"])
                    continue
                _check(source, answer)
                return await _read(source, answer, limit)
    except httpx.InvalidURL as error:
        raise Rejected(source, "the file's address is not a URL") from error
    except httpx.TransportError as error:
        raise Unavailable(source, f"the file did not come ({type(error).__name__})") from error
    raise Rejected(source, "the file's address leads round and round")


def _check(source: str, answer: httpx.Response) -> None:
    if answer.status_code == 429:
        raise RateLimited(source, "too many files asked for")
    if answer.status_code >= 500:
        raise Unavailable(source, f"the file's server answered {answer.status_code}")
    if not answer.is_success:
        raise Rejected(source, f"the file is not there ({answer.status_code})")


async def _read(source: str, answer: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > limit:
            raise Rejected(source, f"the file is larger than {limit // 1024} KiB")
    return bytes(content)
