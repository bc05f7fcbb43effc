"""Carriers' own pages that follow a parcel, for shoppers to open."""

from functools import cache
from urllib.parse import quote

from service.carriers import manifest_of, slugs


def tracking_link(carrier: str, number: str) -> str | None:
    """The page that follows a parcel; ``None`` where its carrier has none that we know of."""
    return _pages().get(carrier, "").format(quote(number, safe="")) or None


@cache
def _pages() -> dict[str, str]:
    """By carrier; ``{}`` is the tracking number."""
    return {slug: manifest_of(slug).page for slug in slugs()}
