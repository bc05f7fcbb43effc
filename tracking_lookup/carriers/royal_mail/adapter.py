"""Fetch from Royal Mail (I/O), parse what it sent (pure)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from kit.http import call
from tracking_lookup.carriers.royal_mail.manifest import MANIFEST
from tracking_lookup.carriers.royal_mail.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    as_object,
    items,
    moment,
    newest_first,
    object_of,
    part,
    place,
    promised,
    text,
    tidy,
    whole_day,
)

DEFAULT_URL: Final = "https://api.royalmail.net"
SLUG: Final = MANIFEST.slug
NO_SUCH_NUMBER: Final = frozenset({"404", "E1142"})
BROKEN: Final = frozenset({"E0009"})
OVER: Final = frozenset({Status.DELIVERED, Status.RETURNING, Status.RETURNED, Status.EXPIRED})


class RoyalMail:
    """Royal Mail's tracking: the history of one parcel, or the last scan of up to thirty.

    Args:
        http: The shared client.
        client_id: From an app on developer.royalmail.net.
        client_secret: Likewise.
        url: Where the API is; another one in tests.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        client_id: str,
        client_secret: str,
        *,
        url: str = DEFAULT_URL,
    ) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/mailpieces/v2"
        self._headers = {
            "X-IBM-Client-Id": client_id,
            "X-IBM-Client-Secret": client_secret,
            "X-Accept-RMG-Terms": "yes",
            "Accept": "application/json",
        }

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``: the whole history."""
        number = quote(tidy(query.number), safe="")
        return await self._get(f"{self._url}/{number}/events")

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """See ``BatchCarrier.fetch_many``: the last scan of each, and no promise."""
        numbers = ",".join(quote(tidy(query.number), safe="") for query in queries)
        return await self._get(f"{self._url}/summary?mailPieceId={numbers}")

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)

    async def _get(self, url: str) -> dict[str, Any]:
        payload = object_of(await call(self._http, SLUG, "GET", url, headers=self._headers), SLUG)
        _raise_passing(payload)
        return payload


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``/mailpieces/v2/{number}/events`` or of ``/mailpieces/v2/summary``.

    Args:
        payload: ``{"mailPieces": …}`` with one mail piece or a list of them, each ``{"mailPieceId",
            "summary": {"lastEventCode", …, "statusCategory"}, "estimatedDelivery": {"date",
            "startOfEstimatedWindow", "endOfEstimatedWindow"}, "events": [{"eventCode",
            "eventName", "eventDateTime", "locationName"}]}``, or ``{"status": "404", "error"}``;
            ``{"httpCode", "errors": [{"errorCode"}]}`` where all of it failed.
        number: The parcel to give, by any of its barcodes; ``None`` gives every one.

    Returns:
        Events newest first; from a summary the last one alone. A code with no row in
        ``statuses.py`` is ``unknown``; the parcel then has its category's status. Who signed, and
        Royal Mail's sentence that may name a neighbour, are never read.

    Raises:
        NotFound: Royal Mail does not know the number.
        Rejected: An error of Royal Mail, not that shape, or other parcels. No retry helps.

    Source: https://developer.royalmail.net (Tracking API v2, 1.0.36). Not yet checked against a
    live answer.
    """
    try:
        _refuse_errors(as_object(payload))
        pieces = _pieces(payload)
        if number is not None:
            pieces = [piece for piece in pieces if tidy(number) in _numbers(piece)][:1]
        errors = [error for error in map(_error, pieces) if error]
        found = [_tracking(piece, number) for piece in pieces if not _error(piece)]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if found:
        return found
    if NO_SUCH_NUMBER.intersection(errors):
        raise NotFound("royal_mail: no such number")
    raise Rejected(SLUG, f"error {', '.join(errors)}" if errors else "no such parcel in the answer")


def _raise_passing(payload: dict[str, Any]) -> None:
    """Raises what may be otherwise in a while, where Royal Mail writes it into a 200.

    Raises:
        RateLimited: ``httpCode`` 429.
        Unavailable: ``httpCode`` 5xx, or its error for a fault of its own.
    """
    try:
        codes = _codes(payload)
    except UNREADABLE:
        return  # ``parse`` says what is wrong with it
    if "429" in codes:
        raise RateLimited(SLUG, "too many requests")
    if BROKEN.intersection(codes) or codes[0].startswith("5"):
        raise Unavailable(SLUG, f"error {codes[-1]}")


def _refuse_errors(payload: dict[str, Any]) -> None:
    codes = _codes(payload)
    if NO_SUCH_NUMBER.intersection(codes):
        raise NotFound("royal_mail: no such number")
    if any(codes):
        raise Rejected(SLUG, f"error {', '.join(filter(None, codes))}")


def _codes(payload: dict[str, Any]) -> list[str]:
    """The HTTP status in the body, empty where there is none, and the codes of the errors."""
    errors = [text(error.get("errorCode")) for error in items(payload, "errors")]
    return [text(payload.get("httpCode")), *errors]


def _pieces(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """``/events`` gives one object, ``/summary`` a list."""
    pieces = payload["mailPieces"]
    return (
        items(payload, "mailPieces") if isinstance(pieces, list) else [part(payload, "mailPieces")]
    )


def _error(piece: dict[str, Any]) -> str:
    """Why there is nothing about a mail piece of a summary; empty where there is."""
    status = text(piece.get("status"))
    if status in {"", "200"} and not part(piece, "error"):
        return ""
    return text(part(piece, "error").get("errorCode")) or status


def _numbers(piece: dict[str, Any]) -> set[str]:
    summary = part(piece, "summary")
    written = (piece.get("mailPieceId"), summary.get("oneDBarcode"), summary.get("uniqueItemId"))
    return {tidy(number) for number in written} - {""}


def _tracking(piece: dict[str, Any], asked: str | None) -> Tracking:
    """Under the number that was asked for, where one was."""
    summary = part(piece, "summary")
    number = tidy(asked) or tidy(piece.get("mailPieceId"))
    if not number:
        raise ValueError("no number")
    scans = items(piece, "events") or [_last(summary)]
    events = newest_first((_event(scan) for scan in scans if scan), ANNOUNCEMENTS)
    status, detail = _status(events, text(summary.get("statusCategory")).upper())
    promised_from, promised_to = _promise(piece, events, status)
    return Tracking(
        carrier=SLUG,
        number=number,
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _last(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary's last scan as it would be among the events; empty where it has none."""
    if not summary.get("lastEventDateTime"):
        return {}
    return {
        "eventCode": summary.get("lastEventCode"),
        "eventName": summary.get("lastEventName"),
        "eventDateTime": summary["lastEventDateTime"],
        "locationName": summary.get("lastEventLocationName"),
    }


def _status(events: tuple[TrackingEvent, ...], category: str) -> tuple[Status, Detail | None]:
    """The newest scan's status, as it is narrower; the category's where that says nothing."""
    if events and events[0].status is not Status.UNKNOWN:
        return events[0].status, events[0].detail
    return STATUSES.get(category, (Status.UNKNOWN, None))


def _event(scan: dict[str, Any]) -> TrackingEvent:
    code = text(scan.get("eventCode")).upper()
    at, local_time_only = moment(scan["eventDateTime"])
    status, detail = STATUSES.get(code, (Status.UNKNOWN, None))
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(scan.get("locationName")),
        code=code,
        text=text(scan.get("eventName")),
        local_time_only=local_time_only,
    )


def _promise(
    piece: dict[str, Any], events: tuple[TrackingEvent, ...], status: Status
) -> tuple[datetime | None, datetime | None]:
    """The estimated day and its hours, which have an offset; a day alone is in the last scan's."""
    estimate = part(piece, "estimatedDelivery")
    day = text(estimate.get("date"))[:10]
    if not day or status in OVER:
        return None, None
    hours = [text(estimate.get(f"{end}OfEstimatedWindow")) for end in ("start", "end")]
    if all(hours):
        return promised(f"{day}T{hours[0]}", f"{day}T{hours[1]}")
    zone = events[0].at.tzinfo if events else None
    try:
        return whole_day(day, zone=zone)
    except (ValueError, OverflowError):
        return None, None
