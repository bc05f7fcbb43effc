"""Fetch from Canada Post (I/O), parse what it sent (pure)."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, Rejected
from kit.http import call
from tracking_lookup.carriers.canada_post import xml
from tracking_lookup.carriers.canada_post.manifest import MANIFEST
from tracking_lookup.carriers.canada_post.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    as_object,
    asked_for,
    items,
    moment,
    newest_first,
    part,
    place,
    promised,
    text,
    tidy,
)

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://soa-gw.canadapost.ca"
# "No Pin History".
NO_SUCH_NUMBER: Final = "004"
# Canada's time zones by their letters, as each scan has one; hours from UTC.
ZONES: Final = {
    name: timezone(timedelta(hours=hours))
    for name, hours in {
        "UTC": 0,
        "GMT": 0,
        "NST": -3.5,
        "NDT": -2.5,
        "AST": -4,
        "ADT": -3,
        "EST": -5,
        "EDT": -4,
        "CST": -6,
        "CDT": -5,
        "MST": -7,
        "MDT": -6,
        "PST": -8,
        "PDT": -7,
    }.items()
}


class CanadaPost:
    """Canada Post, its Tracking service.

    Args:
        username: First half of the API key. password: Its second half, after the colon.
        url: Canada Post's own, or its test system ``https://ct.soa-gw.canadapost.ca``.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, username: str, password: str, url: str = DEFAULT_URL
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._auth = httpx.BasicAuth(username, password)

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``. The XML as ``xml.read`` gives it."""
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/vis/track/pin/{quote(tidy(query.number), safe='')}/detail",
            auth=self._auth,
            headers={"Accept": "application/vnd.cpc.track-v2+xml", "Accept-language": "en-CA"},
            read=(400,),  # its body says what was wrong
        )
        try:
            return xml.read(response.content)
        except ValueError as error:
            raise Rejected(SLUG, "the answer is not XML") from error

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /vis/track/pin/{number}/detail``.

    Args:
        payload: The XML's text, or as ``xml.read`` gives it: ``{"tracking-detail": {"pin",
            "expected-delivery-date", "changed-expected-date", "significant-events": {
            "occurrence": [{"event-identifier", "event-date", "event-time", "event-time-zone",
            ...}]}}}`` or ``{"messages": {"message": {"code", "description"}}}``.
        number: The parcel that was asked for.

    Returns:
        One tracking, events newest first; its status is the newest event's, as Canada Post gives
        no other. After "being returned to sender" a delivery is one to the sender. A promise
        is a day, in the zone of the newest event.

    Raises:
        NotFound: Canada Post has no history of the number.
        Rejected: An error of Canada Post, not that shape, or another parcel. No retry helps.

    Source: see ``MANIFEST.docs``, version 2. Not yet checked against a live answer.
    """
    try:
        payload = xml.read(payload) if isinstance(payload, str) else as_object(payload)
        codes = [text(m.get("code")) for m in _many(part(payload, "messages"), "message")]
        if NO_SUCH_NUMBER in codes:
            raise NotFound("canada_post: no such number")
        if codes:
            raise Rejected(SLUG, f"error {', '.join(codes)}")
        return asked_for([_tracking(payload["tracking-detail"])], number, source=SLUG)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error


def _tracking(parcel: dict[str, Any]) -> Tracking:
    occurrences = _many(part(parcel, "significant-events"), "occurrence")
    scans = (scan for scan in occurrences if scan.get("event-date"))
    events = _homewards(newest_first(map(_event, scans), ANNOUNCEMENTS))
    # Without an event Canada Post has the sender's data alone.
    status, detail = (
        (events[0].status, events[0].detail) if events else (Status.LABEL_CREATED, None)
    )
    day = text(parcel.get("changed-expected-date")) or text(parcel.get("expected-delivery-date"))
    zone = events[0].at.tzinfo if events else None
    promised_from, promised_to = promised(day, zone=zone)
    return Tracking(SLUG, tidy(parcel["pin"]), status, detail, events, promised_from, promised_to)


def _event(scan: dict[str, Any]) -> TrackingEvent:
    zone = ZONES.get(text(scan.get("event-time-zone")).upper())
    clock = text(scan.get("event-time")) or "00:00:00"
    at, local_time_only = moment(f"{text(scan['event-date'])}T{clock}", zone=zone)
    code = text(scan.get("event-identifier")).lstrip("0")
    status, detail = STATUSES.get(code, (Status.UNKNOWN, None))
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(scan.get("event-site"), scan.get("event-province")),
        code=code,
        text=text(scan.get("event-description")),
        local_time_only=local_time_only,
    )


def _homewards(events: tuple[TrackingEvent, ...]) -> tuple[TrackingEvent, ...]:
    """The codes of a delivery are used again for the one to the sender."""
    again = {Status.DELIVERED: Status.RETURNED, Status.OUT_FOR_DELIVERY: Status.RETURNING}
    turned, read = False, []
    for event in reversed(events):
        status = again.get(event.status, event.status) if turned else event.status
        turned = turned or status is Status.RETURNING
        read.append(replace(event, status=status))
    return tuple(reversed(read))


def _many(parent: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Elements of one name, of which XML does not tell one from a list of one."""
    value = parent.get(key) or []
    return items({key: value if isinstance(value, list) else [value]}, key)
