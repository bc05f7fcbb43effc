"""Fetch from DHL Express (I/O), parse what it sent (pure)."""

from datetime import UTC
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import Rejected
from kit.http import call
from tracking_lookup.carriers.dhl_express.manifest import MANIFEST
from tracking_lookup.carriers.dhl_express.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    as_object,
    asked_for,
    items,
    moment,
    newest_first,
    object_of,
    place,
    promised,
    refuse_problem,
    text,
    tidy,
)

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://express.api.dhl.com/mydhlapi"


class DhlExpress:
    """DHL Express, its MyDHL API.

    Args:
        api_key: The user name DHL Express gave for the API. api_secret: Its password.
        url: DHL's own, or its test system ``https://express.api.dhl.com/mydhlapi/test``.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, api_key: str, api_secret: str, url: str = DEFAULT_URL
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._auth = httpx.BasicAuth(api_key, api_secret)

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``. Asks for every checkpoint, with the offset of its place."""
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/shipments/{quote(tidy(query.number), safe='')}/tracking",
            auth=self._auth,
            params={
                "trackingView": "all-checkpoints",
                "levelOfDetail": "all",
                "requestGMTOffsetPerEvent": "true",
            },
        )
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /shipments/{number}/tracking``.

    Args:
        payload: ``{"shipments": [{"shipmentTrackingNumber", "events": [{"date", "time",
            "GMTOffset", "typeCode", "description", "serviceArea"}], "estimatedDeliveryDate",
            "pieces": [{"trackingNumber"}]}, ...]}`` or ``{"title", "detail", "status": "404"}``.
        number: The shipment to take, by its number or a piece's; ``None`` takes every one.

    Returns:
        Events newest first; the parcel's status is its newest event's, as DHL gives no
        other. A promise is a day, in the zone of the newest event.

    Raises:
        NotFound: DHL Express does not know the number.
        Rejected: An error of DHL's, not that shape, or other parcels. No retry helps.

    Source: https://developer.dhl.com/api-reference/dhl-express-mydhl-api, version 3.
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
    number = tidy(shipment["shipmentTrackingNumber"])
    if asked and any(tidy(p.get("trackingNumber")) == asked for p in items(shipment, "pieces")):
        number = asked
    scans = (scan for scan in items(shipment, "events") if scan.get("date"))
    events = newest_first(map(_event, scans), ANNOUNCEMENTS)
    # Without an event DHL has the sender's data alone.
    status, detail = (
        (events[0].status, events[0].detail) if events else (Status.LABEL_CREATED, None)
    )
    zone = next((e.at.tzinfo for e in events if not e.local_time_only), UTC)
    promised_from, promised_to = promised(shipment.get("estimatedDeliveryDate"), zone=zone)
    return Tracking(SLUG, number, status, detail, events, promised_from, promised_to)


def _event(scan: dict[str, Any]) -> TrackingEvent:
    clock = text(scan.get("time")) or "00:00:00"
    at, local_time_only = moment(f"{text(scan['date'])}T{clock}{text(scan.get('GMTOffset'))}")
    code = text(scan.get("typeCode"))
    status, detail = STATUSES.get(code, (Status.UNKNOWN, None))
    areas = items(scan, "serviceArea")
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(areas[0].get("description")) if areas else None,
        code=code,
        text=text(scan.get("description")),
        local_time_only=local_time_only,
    )
