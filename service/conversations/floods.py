"""How much one internet address may post to the chat, where anybody may knock without a name.

A sender's own limit (``SENDER_PER_MINUTE``) does not hold who takes a new session for each message.
Counted in the memory of each web process: an attacker gains a factor of the number of processes,
and no shopper waits for a database to count.
"""

import time
from collections import Counter
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException

from service.settings import Settings

WINDOW_SECONDS: Final = 60
TOO_MANY: Final = "Too many messages come from where you are. Please wait a minute."


class Floods:
    """Counts posts by internet address, a minute at a time.

    Args:
        most: Posts of one address in a minute.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = -1
        self._counts: Counter[str] = Counter()

    def admits(self, address: str, *, seconds: float) -> bool:
        """Count a post; whether it is within the limit.

        Args:
            seconds: Of a clock that never goes back.
        """
        minute = int(seconds // WINDOW_SECONDS)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        self._counts[address] += 1
        return self._counts[address] <= self._most


def not_flooding(request: Request) -> None:
    """Answer 429 to an internet address that posts too much.

    Behind a proxy the address is the one it names, if the proxy is trusted (``operate.md``).
    """
    floods: Floods | None = getattr(request.app.state, "floods", None)
    if floods is None:
        settings: Settings = request.app.state.runtime.settings
        floods = request.app.state.floods = Floods(settings.ip_per_minute)
    address = request.client.host if request.client else ""
    if not floods.admits(address, seconds=time.monotonic()):
        raise HTTPException(429, TOO_MANY, {"Retry-After": str(WINDOW_SECONDS)})
