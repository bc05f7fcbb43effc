"""Which things of an order a message speaks of. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from bot.actions.contract import OrderAnswer, ParcelAnswer

_WORD: Final = re.compile(r"[a-z]{3,}")
# Words of an item's name that name no item: "order of the day" cake, "case for the phone".
_COMMON: Final = frozenset(
    """
    and any box for from her his item large medium mine new not one order our pack pair parcel set
    size small that the this with your
    """.split()  # noqa: SIM905
)


def mentioned(text: str, items: Sequence[str]) -> tuple[str, ...]:
    """The items that the text names by a word of their own, in their order.

    Args:
        items: Each with its count in front. A word that all of them share tells none apart.
    """
    said = _stems(text)
    stems = [_stems(item) for item in items]
    shared = frozenset.intersection(*stems) if len(stems) > 1 else frozenset()
    return tuple(item for item, own in zip(items, stems, strict=True) if said & (own - shared))


def narrowed(order: OrderAnswer, text: str) -> tuple[tuple[ParcelAnswer, ...], tuple[str, ...]]:
    """The parcels and the unsent items that the text is about: all, where it names no item."""
    everything = [*order.unshipped, *(item for parcel in order.parcels for item in parcel.items)]
    named = set(mentioned(text, everything))
    parcels = tuple(p for p in order.parcels if named.intersection(p.items))
    unshipped = tuple(item for item in order.unshipped if item in named)
    if not parcels and not unshipped:
        return order.parcels, order.unshipped
    return parcels, unshipped


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(w) for w in _WORD.findall(text.lower()) if w not in _COMMON)


def _stem(word: str) -> str:
    for ending in ("ies", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word.removesuffix("e").removesuffix("y") if len(word) > 4 else word
