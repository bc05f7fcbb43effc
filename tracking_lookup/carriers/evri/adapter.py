"""Fetch from Evri (I/O), parse what it sent (pure)."""

import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, Rejected
from kit.http import call
from tracking_lookup.carriers.evri.manifest import MANIFEST
from tracking_lookup.carriers.evri.statuses import NOT_DELIVERED, POINTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    as_object,
    asked_for,
    items,
    moment,
    newest_first,
    object_of,
    part,
    promised,
    text,
    tidy,
)

DEFAULT_URL: Final = "https://api.hermesworld.co.uk"
SLUG: Final = MANIFEST.slug
MOVING: Final = frozenset({Status.LABEL_CREATED, Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY})
# "Delivered to …" and "signed for by …" go on with a name.
NAMES_SOMEBODY: Final = re.compile(
    r"\b(?:delivered|handed|given|left)\b.*\b(?:to|by|with)\b|\bsign", re.I
)


class Evri:
    """Evri's tracking: one call for the parcel's own id, one for its scans.

    Args:
        http: The shared client.
        api_key: From Evri's account manager.
        url: Where the API is; another one in tests.
    """

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, api_key: str, *, url: str = DEFAULT_URL) -> None:
        self._http = http
        self._key = api_key
        self._url = f"{url.rstrip('/')}/enterprise-tracking-api/v1/parcels"

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``.

        The postcode is left out on purpose: with it Evri adds what only the recipient may see.
        """
        number = tidy(query.number)
        known = await self._get(f"{self._url}/reference/{quote(number, safe='')}")
        urn = _urn(known)
        return await self._get(f"{self._url}/?uniqueIds={quote(urn, safe='')}")

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)

    async def _get(self, url: str) -> dict[str, Any]:
        headers = {"apiKey": self._key, "Accept": "application/json"}
        return object_of(await call(self._http, SLUG, "GET", url, headers=headers), SLUG)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /parcels/?uniqueIds=…``.

    Args:
        payload: ``{"results": [{"uniqueId", "parcelIdentifiers": [{"type", "value"}],
            "returnParcel", "trackingEvents": [{"dateTime", "trackingPoint": {"trackingPointCode",
            "description"}, "trackingStage": {"trackingStageCode"}, "eta": {"start", "end"}}]}],
            "failures": [{"uniqueId"}]}``, or ``{"errors": [{"errorType"}]}``.
        number: The parcel to give, by its barcode; ``None`` gives every one.

    Returns:
        Events newest first, without places, as Evri names none. A stage with no row in
        ``statuses.py`` is ``unknown``. The window is the newest scan's, while the parcel moves.

    Raises:
        NotFound: Evri does not know the number.
        Rejected: An error of Evri, not that shape, or other parcels. No retry helps.

    Source: the public readers named in ``statuses.py``; not checked against a live answer.
    """
    try:
        _refuse_errors(as_object(payload))
        trackings = [_tracking(result) for result in items(payload, "results")]
        failures = items(payload, "failures")
        nothing = "results" in payload and not trackings
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if nothing or (failures and not trackings):
        raise NotFound("evri: no such number")
    return asked_for(trackings, number, source=SLUG)


def _urn(payload: dict[str, Any]) -> str:
    """Evri's own id of the parcel that has the barcode.

    Raises:
        NotFound: There is none.
        Rejected: An error of Evri, or not the shape that public readers tell of.
    """
    try:
        _refuse_errors(payload)
        if "parcelIdentifiers" in payload and not items(payload, "parcelIdentifiers"):
            raise NotFound("evri: no such number")
        urn = text(items(payload, "parcelIdentifiers")[0]["urn"])
        if not urn:
            raise ValueError("no urn")
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    return urn


def _refuse_errors(payload: dict[str, Any]) -> None:
    errors = items(payload, "errors")
    if any(text(error.get("status")) == "404" for error in errors):
        raise NotFound("evri: no such number")
    if errors:
        kinds = [text(error.get("errorType")) or text(error.get("status")) for error in errors]
        raise Rejected(SLUG, f"error {', '.join(kinds)}")


def _tracking(result: dict[str, Any]) -> Tracking:
    returning = result.get("returnParcel") is True
    scans = items(result, "trackingEvents")
    events = newest_first(_event(scan, returning=returning) for scan in scans)
    status, detail = (events[0].status, events[0].detail) if events else (Status.UNKNOWN, None)
    promised_from, promised_to = _promise(scans) if status in MOVING else (None, None)
    return Tracking(
        carrier=SLUG,
        number=_number(result),
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _number(result: dict[str, Any]) -> str:
    """The barcode, which people know; Evri's own id where there is none."""
    named = {text(entry.get("type")): entry for entry in items(result, "parcelIdentifiers")}
    number = tidy(named.get("BARCODE", {}).get("value")) or tidy(result.get("uniqueId"))
    if not number:
        raise ValueError("no number")
    return number


def _event(scan: dict[str, Any], *, returning: bool) -> TrackingEvent:
    said = part(scan, "trackingPoint")
    point = text(said.get("trackingPointCode")).upper()
    stage = text(part(scan, "trackingStage").get("trackingStageCode")).upper()
    at, local_time_only = moment(scan["dateTime"])
    status, detail = _meaning(stage, point, returning=returning)
    words = text(said.get("description"))
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        code=point or stage,
        text="" if NAMES_SOMEBODY.search(words) else words,
        local_time_only=local_time_only,
    )


def _meaning(stage: str, point: str, *, returning: bool) -> tuple[Status, Detail | None]:
    """The point's meaning before its stage's."""
    said = POINTS.get((stage, point))
    if said is None and point.startswith(NOT_DELIVERED):
        said = (Status.DELIVERY_FAILED, None)
    said = said or STATUSES.get(stage, (Status.UNKNOWN, None))
    if not returning:
        return said
    # A return has an ordinary parcel's stages: "delivered" is then at the shop.
    if said[0] is Status.DELIVERED:
        return Status.RETURNED, said[1]
    if stage == "3" or said[0] is Status.OUT_FOR_DELIVERY:
        return Status.RETURNING, said[1]
    return said


def _promise(scans: list[dict[str, Any]]) -> tuple[datetime | None, datetime | None]:
    """The window of the newest scan; an older scan's may have been missed already."""
    newest = max(scans, key=lambda scan: moment(scan["dateTime"])[0], default={})
    eta = part(newest, "eta")
    return promised(eta.get("start"), eta.get("end"))
