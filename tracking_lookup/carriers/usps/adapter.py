"""Fetch from USPS (I/O), parse what it sent (pure)."""

from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, Rejected
from kit.http import call
from tracking_lookup.carriers.usps.manifest import MANIFEST
from tracking_lookup.carriers.usps.statuses import ANNOUNCEMENTS, CATEGORIES, STATUSES, WORDS
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.oauth import ClientCredentials
from tracking_lookup.reading import (
    UNREADABLE,
    Meaning,
    as_object,
    asked_for,
    items,
    moment,
    newest_first,
    object_of,
    part,
    place,
    promised,
    text,
    tidy,
)

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://apis.usps.com"
UNKNOWN: Final[Meaning] = (Status.UNKNOWN, None)


class Usps:
    """USPS, its Tracking API.

    Args:
        client_id: The consumer key of an app made at developers.usps.com.
        client_secret: The same app's consumer secret.
        url: USPS's own, or its test system ``https://apis-tem.usps.com``.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, client_id: str, client_secret: str, url: str = DEFAULT_URL
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._auth = ClientCredentials(
            http,
            SLUG,
            f"{self._url}/oauth2/v3/token",
            client_id,
            client_secret,
            credentials_in="json",
        )

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``. USPS uses numbers again; the postcode tells which is meant."""
        params = {"expand": "DETAIL"}
        zip_code = (query.postcode or "")[:5]
        if query.country in (None, "US") and len(zip_code) == 5 and zip_code.isdigit():
            params["destinationZIPCode"] = zip_code
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/tracking/v3/tracking/{quote(tidy(query.number), safe='')}",
            auth=self._auth,
            params=params,
        )
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /tracking/v3/tracking/{number}?expand=DETAIL``.

    Args:
        payload: ``{"trackingNumber", "status", "statusCategory", "trackingEvents": [{"eventCode",
            "eventType", "GMTTimestamp", "GMTOffset", "eventTimestamp", "eventCity", ...}],
            "expectedDeliveryTimeStamp", ...}`` or ``{"error": {"code", "message"}}``.
        number: The parcel that was asked for. USPS may leave the number out of its answer: then it
            is the one asked for, and without one it is empty.

    Returns:
        One tracking, events newest first. The promise is the guaranteed day, else the
        expected, else the predicted one; USPS writes it in local time, and the zone of the latest
        scan that has one is taken.

    Raises:
        NotFound: USPS does not know the number.
        Rejected: An error of USPS, not that shape, or another parcel. No retry helps.

    Source: https://developers.usps.com/trackingv3, version 3.2; ``GMTOffset`` also without a
    leading zero. Not yet checked against a live answer.
    """
    try:
        payload = as_object(payload)
        if payload.get("error"):
            code = text(part(payload, "error").get("code"))
            if code == "404":
                raise NotFound("usps: no such number")
            raise Rejected(SLUG, f"error {code}")
        given = tidy(payload.get("trackingNumber"))
        tracking = _tracking(payload, given or tidy(number))
        return asked_for([tracking], number, source=SLUG)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error


def _tracking(payload: dict[str, Any], number: str) -> Tracking:
    if not payload.get("trackingEvents") and not payload.get("statusCategory"):
        raise KeyError("neither a status nor a scan")
    scans = items(payload, "trackingEvents")
    scans = [scan for scan in scans if scan.get("GMTTimestamp") or scan.get("eventTimestamp")]
    events = newest_first(map(_event, scans), ANNOUNCEMENTS)
    zone = next((e.at.tzinfo for e in events if not e.local_time_only), UTC)
    status, detail = _summary(payload, events)
    promised_from, promised_to = _promise(payload, zone)
    return Tracking(SLUG, number, status, detail, events, promised_from, promised_to)


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = _moment(scan)
    code, words = text(scan.get("eventCode")), text(scan.get("eventType"))
    status, detail = WORDS.get(words.lower()) or STATUSES.get(code, UNKNOWN)
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(*map(scan.get, ("eventCity", "eventState", "eventCountry"))),
        code=code,
        text=words,
        local_time_only=local_time_only,
    )


def _moment(scan: dict[str, Any]) -> tuple[datetime, bool]:
    """The GMT time shown in the scan's zone, else the local one; it may say ``Z`` wrongly."""
    zone = _zone(text(scan.get("GMTOffset")))
    gmt = text(scan.get("GMTTimestamp"))
    if gmt:
        return moment(gmt, zone=UTC)[0].astimezone(zone or UTC), False
    local = moment(scan["eventTimestamp"])[0].replace(tzinfo=None)
    return moment(local.isoformat(), zone=zone)


def _zone(offset: str) -> tzinfo | None:
    """Of ``-05:00`` or ``-7:00``."""
    if not offset:
        return None
    hours, _, minutes = offset.lstrip("+-").partition(":")
    sign = "-" if offset.startswith("-") else "+"
    return datetime.strptime(f"{sign}{hours:0>2}{minutes or '00'}", "%z").tzinfo


def _summary(payload: dict[str, Any], events: tuple[TrackingEvent, ...]) -> Meaning:
    """USPS's words for the parcel; where we have none for them, its newest scan; its category."""
    said = WORDS.get(text(payload.get("status")).lower())
    if said:
        return said
    if events and events[0].status is not Status.UNKNOWN:
        return events[0].status, events[0].detail
    return CATEGORIES.get(text(payload.get("statusCategory")).lower(), UNKNOWN)


def _promise(
    payload: dict[str, Any], zone: tzinfo | None
) -> tuple[datetime | None, datetime | None]:
    day = text(payload.get("predictedDeliveryDate"))
    start = text(payload.get("predictedDeliveryWindowStartTime"))
    end = text(payload.get("predictedDeliveryWindowEndTime"))
    if day and start and end:
        window = promised(f"{day} {start}", f"{day} {end}", zone=zone)
        if window != (None, None):
            return window
    for key in (
        "guaranteedDeliveryTimeStamp",
        "expectedDeliveryTimeStamp",
        "guaranteedDeliveryDate",
        "expectedDeliveryDate",
        "predictedDeliveryDate",
    ):
        if text(payload.get(key)):
            return promised(text(payload[key])[:10], None, zone=zone)
    return None, None
