"""One computation for all who ask for the same at the same moment: 200 inboxes after one event."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import WeakValueDictionary

T = TypeVar("T")


@dataclass(slots=True)
class _Turn:
    value: Any = None
    done: bool = False


class Shared:
    """Computations by key. Nothing is kept: what is got was begun after it was asked for."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        self._next: dict[Hashable, _Turn] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What ``make`` gives: one's own, or that of somebody who asked before it was begun.

        One computation of a key runs at a time; whoever asks meanwhile shares the next. Where it
        fails, or who makes it leaves, the next of them makes it instead.
        """
        turn = self._next.setdefault(key, _Turn())
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            if not turn.done:
                if self._next.get(key) is turn:
                    del self._next[key]
                turn.value = await make()
                turn.done = True
        return cast("T", turn.value)
