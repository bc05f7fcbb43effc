"""A source that keeps failing is left alone for a while, then tried with one call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kit.errors import Unavailable

OPENS_AFTER: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Breaker:
    """One source's breaker, in one process. ``now`` is aware throughout.

    Closed: calls go through. After ``OPENS_AFTER`` failures in a row it opens: calls are refused at
    once for ``FIRST_PAUSE``. Then one call is let through as a probe; while it runs, others are
    refused. If the probe succeeds the breaker closes; if it fails the pause doubles, up to
    ``LONGEST_PAUSE``. A source that says "too many requests" has not failed: see ``Budget.rest``.
    """

    source: str
    failures: int = 0
    open_until: datetime | None = None
    _probing_since: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are being refused, but for a probe."""
        return self.open_until is not None

    def check(self, now: datetime) -> None:
        """Let a call through, or refuse it. Whoever is let through reports back.

        Raises:
            Unavailable: It is open.
        """
        if self.open_until is None:
            return
        probing = self._probing_since is not None and now < self._probing_since + FIRST_PAUSE
        if now < self.open_until or probing:
            raise Unavailable(self.source, f"left alone after {self.failures} failures in a row")
        self._probing_since = now

    def succeeded(self) -> None:
        """A call was answered, if only by "no such number"."""
        self.failures, self.open_until, self._probing_since = 0, None, None

    def failed(self, now: datetime) -> None:
        """A call was not answered, or not in a way that can be read."""
        self.failures += 1
        self._probing_since = None
        if self.failures >= OPENS_AFTER:
            pause = FIRST_PAUSE * 2 ** min(self.failures - OPENS_AFTER, 10)
            self.open_until = now + min(pause, LONGEST_PAUSE)

    def put_off(self) -> None:
        """A call was let through and not made, or not decided: the next may try."""
        self._probing_since = None
