"""Fetch from DHL's unified tracking (I/O), parse what it sent (pure)."""

import re
from typing import Any, Final

import httpx

from kit.errors import Rejected
from kit.http import call
from tracking_lookup.carriers.dhl.manifest import MANIFEST
from tracking_lookup.carriers.dhl.statuses import ANNOUNCEMENTS, GENERAL, STATUSES
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
    part,
    place,
    promised,
    refuse_problem,
    text,
    tidy,
)

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://api-eu.dhl.com"
UNKNOWN: Final[Meaning] = (Status.UNKNOWN, None)
DIGIT: Final = re.compile(r"\d")
CODE: Final = re.compile(r"\S+/\S+")  # some services write a sentence in place of a code


class Dhl:
    """DHL, its Shipment Tracking API for all its services.

    Args:
        api_key: Of an app made at developer.dhl.com.
        url: DHL's own, or its test system ``https://api-test.dhl.com``.
    """

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, api_key: str, url: str = DEFAULT_URL) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._key = api_key

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``. With the recipient's postcode some services tell more."""
        params = {"trackingNumber": tidy(query.number), "language": "en"}
        if query.postcode:
            params["recipientPostalCode"] = query.postcode
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/track/shipments",
            headers={"DHL-API-Key": self._key},
            params=params,
        )
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /track/shipments``.

    Args:
        payload: ``{"shipments": [{"id", "service", "status": {"statusCode", "status",
            "timestamp"}, "events": [...], "estimatedDeliveryTimeFrame", "details": {"pieceIds"}},
            ...]}`` or ``{"title", "detail", "status": 404}``.
        number: The parcel to take, by its own number or that of one of its pieces; ``None``
            takes every one. Of two services' shipments with one number the newer one counts.

    Returns:
        Events newest first. A status of a service's own is read before ``statusCode``, which
        has five words for everything. Each event's ``code`` is ``service/status``, or the
        ``statusCode`` where the service has no code. A time without an offset is local. A promise
        is the time frame, else the estimated time.

    Raises:
        NotFound: DHL does not know the number.
        Rejected: An error of DHL, not that shape, or other parcels. No retry helps.

    Source: https://developer.dhl.com/api-reference/shipment-tracking, version 1.5.
    Not yet checked against a live answer.
    """
    try:
        payload = as_object(payload)
        refuse_problem(payload, SLUG)
        asked = tidy(number) if number is not None else None
        found = [_tracking(shipment, asked) for shipment in items(payload, "shipments")]
        return asked_for(found, number, source=SLUG)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error


def _tracking(shipment: dict[str, Any], asked: str | None) -> Tracking:
    service = text(shipment.get("service"))
    current = part(shipment, "status")
    scans = [scan for scan in items(shipment, "events") or [current] if scan.get("timestamp")]
    events = newest_first((_event(scan, service) for scan in scans), ANNOUNCEMENTS)
    status, detail = _exact(current, service) or UNKNOWN
    if status is Status.UNKNOWN and events:
        status, detail = events[0].status, events[0].detail
    if status is Status.UNKNOWN:
        status, detail = GENERAL.get(text(current.get("statusCode")), UNKNOWN)
    if not current and not events:
        raise KeyError("neither a status nor a scan")
    frame = part(shipment, "estimatedDeliveryTimeFrame")
    start, end = frame.get("estimatedFrom"), frame.get("estimatedThrough")
    if not start and not end:
        end = shipment.get("estimatedTimeOfDelivery")
    promised_from, promised_to = promised(start, end)
    number = _number(shipment, asked)
    return Tracking(SLUG, number, status, detail, events, promised_from, promised_to)


def _number(shipment: dict[str, Any], asked: str | None) -> str:
    """The shipment's number; the asked one where that is one of its pieces'."""
    pieces = part(shipment, "details").get("pieceIds") or []
    if asked and asked in map(tidy, pieces):
        return asked
    return tidy(shipment["id"])


def _event(scan: dict[str, Any], service: str) -> TrackingEvent:
    at, local_time_only = moment(scan["timestamp"])
    general = text(scan.get("statusCode"))
    own = _key(scan, service)
    status, detail = STATUSES.get(own) or GENERAL.get(general, UNKNOWN)
    if own in ANNOUNCEMENTS:
        status, detail = UNKNOWN  # until it is known where the parcel was
    address = part(part(scan, "location"), "address")
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(_town(address), address.get("countryCode")),
        code=own if CODE.fullmatch(own) else general,
        text=text(scan.get("description")) or text(scan.get("status")),
        local_time_only=local_time_only,
    )


def _key(scan: dict[str, Any], service: str) -> str:
    """``parcel-de/ZU``, as the services' own codes are written in the table."""
    return f"{service}/{text(scan.get('status'))}"


def _exact(scan: dict[str, Any], service: str) -> Meaning | None:
    return STATUSES.get(_key(scan, service))


def _town(address: dict[str, Any]) -> str:
    """The town; DHL has been seen to write a street with its house number before it."""
    parts = text(address.get("addressLocality")).split(",")
    return ", ".join(part.strip() for part in parts if not DIGIT.search(part))
