"""What people type, made safe to store and easy to compare."""

import unicodedata
from functools import lru_cache

MAX_MESSAGE_CHARS = 10_000


def clean(text: str, *, limit: int = MAX_MESSAGE_CHARS) -> str:
    """A person's message as it may be stored: NFC, without control characters, cut at ``limit``.

    Line breaks and tabs stay; NUL (which PostgreSQL refuses), lone surrogates and other control
    characters go. Emoji, joiners and right-to-left text stay as they are.
    """
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", "".join(kept)).strip()[:limit]


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """For comparing only: case, accents, width and runs of white space make no difference."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
