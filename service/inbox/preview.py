"""How an answer will look where the shopper reads it, and what of it does not fit. Pure."""

from dataclasses import dataclass

from integrations.contract import ChannelManifest
from integrations.rendering import cut, size


@dataclass(frozen=True, slots=True)
class Preview:
    """An answer on its channel.

    Attributes:
        parts: What the shopper gets, one message each, in order.
        length: How long it is, in ``unit``.
        limit: Longest of one message; ``None`` without a limit.
        open_gaps: What a macro left to be filled in by hand.
    """

    parts: tuple[str, ...]
    length: int
    limit: int | None
    open_gaps: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """It is one message."""
        return len(self.parts) <= 1


def preview(text: str, manifest: ChannelManifest | None, *, open_gaps: list[str]) -> Preview:
    """An answer as its channel will show it.

    Args:
        manifest: ``None`` where the channel is switched off: then no limit is known.
    """
    words = text.strip()
    limit = manifest.max_text if manifest else None
    pieces = cut(words, limit, manifest.unit) if manifest and limit else [words]
    length = size(words, manifest.unit) if manifest else len(words)
    return Preview(tuple(piece for piece in pieces if piece), length, limit, tuple(open_gaps))
