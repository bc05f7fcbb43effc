"""Calls to addresses that came in content: only to the public internet, whatever the name says.

An attachment's address, or one from a help desk's webhook, was chosen by somebody else. The check
is made on the resolved address, at the moment of each connection, and that same address is
connected to: a redirect passes it again, and a name that answers differently the second time gains
nothing.
Addresses from settings are the operator's own and go through ``kit.http`` instead.
"""

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

import httpx

from kit.errors import Misconfigured, NotFound, RateLimited, Rejected, Unavailable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SOURCE: Final = "outbound"
MOST_REDIRECTS: Final = 3
# Written inside an IPv6 address there is an IPv4 one that a gateway connects to.
_NAT64: Final = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file from elsewhere. ``content_type`` is what its server says; it proves nothing."""

    content: bytes
    content_type: str


class PublicOnly(httpx.AsyncBaseTransport):
    """Sends a request to a public address, or refuses it.

    Args:
        allowed: Networks that may be reached although they are private.
        inner: What sends it then; connections must not be kept, since they are made by address
            and two names may share one.
    """

    def __init__(self, allowed: Collection[Network], inner: httpx.AsyncBaseTransport) -> None:
        self._allowed = allowed
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check, and connect to what was checked.

        Raises:
            Rejected: Not HTTPS (or HTTP), with a user in it, or not a public address.
            Unavailable: The name cannot be resolved now.
        """
        url = request.url
        if url.scheme not in {"https", "http"} or not url.host or url.userinfo:
            raise Rejected(SOURCE, "only plain https addresses are called")
        address = await self._resolved(url.host, url.port or (443 if url.scheme == "https" else 80))
        request.headers["host"] = url.netloc.decode("ascii")
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                # The certificate must be the name's, not the address's.
                extensions={**request.extensions, "sni_hostname": url.host},
            )
        )

    async def aclose(self) -> None:
        """Close what sends."""
        await self._inner.aclose()

    async def _resolved(self, host: str, port: int) -> Address:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise Unavailable(SOURCE, "the host's name cannot be resolved") from error
        addresses = [ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
        # One private address among public ones is no accident.
        if not addresses or not all(is_public(each, self._allowed) for each in addresses):
            raise Rejected(SOURCE, "the address is not on the public internet")
        return addresses[0]


def client(allowed: Collection[Network] = ()) -> httpx.AsyncClient:
    """A client for addresses from content. It uses no proxy: a proxy would resolve names itself."""
    inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
    return httpx.AsyncClient(
        transport=PublicOnly(allowed, inner),
        timeout=httpx.Timeout(10, connect=3),
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        trust_env=False,
        headers={"User-Agent": "Wismo/0.1"},
    )


async def fetch(http: httpx.AsyncClient, url: str, *, limit: int, seconds: float = 30) -> Fetched:
    """A file of at most ``limit`` bytes, within ``seconds``.

    Args:
        http: Made by ``client``.

    Raises:
        NotFound: It is gone.
        Unavailable, RateLimited: Try again.
        Rejected: Not public, not there, too large, or round and round; a retry gives the same.
    """
    try:
        async with asyncio.timeout(seconds), http.stream("GET", url) as answer:
            if answer.status_code in {404, 410}:
                raise NotFound(f"{SOURCE}: the file is not there")
            if answer.status_code == 429:
                raise RateLimited(SOURCE, "too many files asked for")
            if answer.status_code >= 500:
                raise Unavailable(SOURCE, f"the file's server answered {answer.status_code}")
            if not answer.is_success:
                raise Rejected(SOURCE, f"the file's server answered {answer.status_code}")
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > limit:
                    raise Rejected(SOURCE, f"the file is larger than {limit // 1024} KiB")
            return Fetched(bytes(content), answer.headers.get("content-type", ""))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Rejected(SOURCE, "the address is not a URL") from error
    except httpx.TooManyRedirects as error:
        raise Rejected(SOURCE, "the address leads round and round") from error
    except (httpx.TransportError, TimeoutError) as error:
        raise Unavailable(SOURCE, f"the file did not come ({type(error).__name__})") from error
    except httpx.HTTPError as error:
        raise Rejected(SOURCE, f"the answer cannot be read ({type(error).__name__})") from error


def is_public(address: Address, allowed: Collection[Network] = ()) -> bool:
    """Whether an address may be called: on the public internet, or in an allowed network.

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) is judged as what it is; Teredo, whose
    way leads over somebody's own server, is refused.

    Source: https://www.iana.org/assignments/iana-ipv4-special-registry, through ``ipaddress``.
    """
    inside = _inside(address)
    if inside is not None:
        return is_public(inside, allowed)
    if any(address.version == each.version and address in each for each in allowed):
        return True
    if isinstance(address, IPv6Address) and address.teredo is not None:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def networks(setting: str) -> tuple[Network, ...]:
    """Networks from a setting, separated by commas: ``"10.1.0.0/16, fd00::/8"``.

    Raises:
        Misconfigured: One of them is not a network.
    """
    try:
        return tuple(ip_network(each.strip()) for each in setting.split(",") if each.strip())
    except ValueError as error:
        raise Misconfigured(f"OUTBOUND_ALLOW: {error}; write 10.1.0.0/16") from error


def _inside(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for; ``None`` where there is none."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
