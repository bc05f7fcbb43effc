"""Fetch from Australia Post (I/O), parse what it sent (pure)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx

from kit.errors import Rejected, Unavailable
from kit.http import call
from tracking_lookup.carriers.australia_post.manifest import MANIFEST
from tracking_lookup.carriers.australia_post.statuses import ANNOUNCEMENTS, SCANS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    Meaning,
    as_object,
    asked_for,
    items,
    moment,
    newest_first,
    object_of,
    place,
    text,
    tidy,
)

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://digitalapi.auspost.com.au"
# "Invalid tracking ID" and "product not trackable".
NO_SUCH_NUMBER: Final = frozenset({"ESB-10001", "ESB-10002", "51104"})
# "System error", inside a 200: a retry may help.
PASSING: Final = frozenset({"ESB-20010", "ESB-20050"})
UNKNOWN: Final[Meaning] = (Status.UNKNOWN, None)


class AustraliaPost:
    """Australia Post and StarTrack, their Shipping and Tracking API.

    Args:
        api_key: Of the Shipping and Tracking API. password: The one set with it.
        account_number: Of the parcel contract, ten digits for Australia Post, eight for StarTrack.
        url: Australia Post's own; ``https://digitalapi.auspost.com.au/test`` is its test system.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_key: str,
        password: str,
        account_number: str,
        url: str = DEFAULT_URL,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._auth = httpx.BasicAuth(api_key, password)
        self._account = account_number

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``."""
        return await self.fetch_many([query])

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """See ``BatchCarrier.fetch_many``; at most 10 numbers, which both postal services share."""
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/shipping/v1/track",
            auth=self._auth,
            headers={"Account-Number": self._account, "Accept": "application/json"},
            params={"tracking_ids": ",".join(tidy(query.number) for query in queries)},
        )
        payload = object_of(response, SLUG)
        try:
            results = items(payload, "tracking_results")
            passing = [code for result in results for code in _codes(result) if code in PASSING]
        except UNREADABLE:
            passing = []  # for ``parse`` to refuse
        if passing:
            raise Unavailable(SLUG, f"error {', '.join(passing)}")
        return payload

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /shipping/v1/track``.

    Args:
        payload: ``{"tracking_results": [{"tracking_id", "status", "trackable_items": [{
            "article_id", "status", "events": [{"date", "description", "location"}]}],
            "errors": [{"code"}]}, ...]}`` or ``{"errors": [{"code"}]}``. A consignment has
            its articles in ``items``.
        number: The parcel to take, by the number asked for; ``None`` takes every one.

    Returns:
        Events newest first. Of a consignment with several articles each is a tracking of its
        own, and the one with the newest scan counts where the consignment was asked for.
        Australia Post gives no promise here.

    Raises:
        NotFound: Australia Post does not know the number.
        Rejected: An error of Australia Post, not that shape, or other parcels. No retry helps.

    Source: see ``MANIFEST.docs``. Not yet checked against a live answer.
    """
    try:
        codes = _codes(as_object(payload))
        if codes:
            if NO_SUCH_NUMBER.issuperset(codes):
                return asked_for([], None, source=SLUG, unknown=codes)
            raise Rejected(SLUG, f"error {', '.join(codes)}")
        asked = tidy(number) if number is not None else None
        found, unknown = [], []
        for result in items(payload, "tracking_results"):
            if NO_SUCH_NUMBER.intersection(_codes(result)):
                unknown.append(tidy(result.get("tracking_id")))
                continue
            found += [_tracking(result, article, asked) for article in _articles(result)]
        return asked_for(found, number, source=SLUG, unknown=unknown)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error


def _codes(answer: dict[str, Any]) -> list[str]:
    """Of errors, which the gateway before the API writes in another way."""
    errors = items(answer, "errors")
    return [text(error.get("code")) or text(error["error_code"]) for error in errors]


def _articles(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in items(result, "trackable_items"):
        yield from items(item, "items") or [item]


def _tracking(result: dict[str, Any], article: dict[str, Any], asked: str | None) -> Tracking:
    tracked = tidy(result.get("tracking_id"))
    number = asked if asked and asked == tracked else tidy(article.get("article_id")) or tracked
    scans = (scan for scan in items(article, "events") if scan.get("date"))
    events = newest_first(map(_event, scans), ANNOUNCEMENTS)
    said = text(article.get("status")) or text(result.get("status"))
    if not said and not events:
        raise KeyError("neither a status nor a scan")
    newest = (events[0].status, events[0].detail) if events else UNKNOWN
    status, detail = STATUSES.get(said.lower(), UNKNOWN)
    if status is Status.UNKNOWN:
        status, detail = newest
    elif detail is None and status is newest[0]:
        detail = newest[1]
    return Tracking(SLUG, number, status, detail, events)


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = moment(scan["date"])
    words = text(scan.get("description"))
    code = _code(words)
    status, detail = SCANS.get(code, UNKNOWN)
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(scan.get("location")),
        code=code,
        text=words,
        local_time_only=local_time_only,
    )


def _code(words: str) -> str:
    """The words as they stand in the table: without "in", "at" or " - " and what follows."""
    whole = words.lower()
    shorter = (whole.partition(cut)[0] for cut in (" - ", " in ", " at "))
    known = (words for words in (whole, *shorter) if words in SCANS or words in ANNOUNCEMENTS)
    return next(known, whole)
