"""Who is at the other end of a request, as far as visitors are counted."""

import hashlib
import hmac
import ipaddress
from typing import Final

from fastapi import Request

_IPV6_HOUSEHOLD: Final = 64  # bits that a provider gives out together


def who(request: Request, key: str) -> str:
    """A digest of the network address that a request comes from.

    Behind a proxy the address is the one it names, if the proxy is trusted (``operate.md``).

    Args:
        key: A secret, so that an address cannot be found again from its digest.
    """
    address = request.client.host if request.client else ""
    try:
        parsed = ipaddress.ip_address(address)
        if parsed.version == 6:
            address = str(ipaddress.ip_network((parsed, _IPV6_HOUSEHOLD), strict=False))
    except ValueError:
        pass  # a Unix socket's name
    return digest("address", address, key)


def digest(kind: str, value: str, key: str) -> str:
    """What stands for a value that is counted and not kept."""
    return hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
