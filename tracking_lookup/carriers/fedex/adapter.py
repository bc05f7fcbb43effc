"""Fetch from FedEx (I/O), parse what it sent (pure)."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, Final

import httpx

from kit.errors import Rejected, Unavailable
from kit.http import call
from tracking_lookup.carriers.fedex.manifest import MANIFEST
from tracking_lookup.carriers.fedex.statuses import ANNOUNCEMENTS, EXCEPTIONS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
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
DEFAULT_URL: Final = "https://apis.fedex.com"
# Endings of the codes for a number FedEx does not know, or that cannot be one of its.
NO_SUCH_NUMBER: Final = (".NOTFOUND", ".TRACKINGNUMBER.INVALID")
# An error in a 200 that passes: a retry may help.
PASSING: Final = frozenset({"INTERNAL.SERVER.ERROR", "SERVICE.UNAVAILABLE.ERROR"})
UNKNOWN: Final[Meaning] = (Status.UNKNOWN, None)


class Fedex:
    """FedEx, its Track API.

    Args:
        client_id: The API key of a project made at developer.fedex.com.
        client_secret: The same project's secret key.
        url: FedEx's own, or its test system ``https://apis-sandbox.fedex.com``.
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
            f"{self._url}/oauth/token",
            client_id,
            client_secret,
            credentials_in="form",
        )

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``."""
        return await self.fetch_many([query])

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """See ``BatchCarrier.fetch_many``; at most 30 numbers."""
        asked = [{"trackingNumberInfo": {"trackingNumber": tidy(q.number)}} for q in queries]
        response = await call(
            self._http,
            SLUG,
            "POST",
            f"{self._url}/track/v1/trackingnumbers",
            auth=self._auth,
            headers={"X-locale": "en_US"},
            json={"includeDetailedScans": True, "trackingInfo": asked},
            read=(400,),  # its body says what was wrong
        )
        payload = object_of(response, SLUG)
        try:
            passing = PASSING.intersection(_codes(payload))
        except UNREADABLE:
            passing = frozenset()  # for ``parse`` to refuse
        if passing:
            raise Unavailable(SLUG, f"error {', '.join(passing)}")
        return payload

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``POST /track/v1/trackingnumbers``.

    Args:
        payload: ``{"output": {"completeTrackResults": [{"trackingNumber", "trackResults": [{
            "latestStatusDetail", "scanEvents": [...], "dateAndTimes": [...],
            "estimatedDeliveryTimeWindow", "error"}, ...]}, ...]}}`` or ``{"errors": [{"code"}]}``.
        number: The parcel to take; ``None`` takes every one. A number that FedEx has used twice
            has several results: the one with the newest scan counts, without a number all do.

    Returns:
        Events newest first. The promised window is the estimated one, else the estimated
        day, else that of the standard transit time.

    Raises:
        NotFound: FedEx does not know the number.
        Rejected: An error of FedEx, not that shape, or other parcels. No retry helps.

    Source: https://developer.fedex.com/api/en-us/catalog/track/v1/docs.html.
    Not yet checked against a live answer.
    """
    try:
        codes = _codes(as_object(payload))
        if codes and not payload.get("output"):
            if all(code.endswith(NO_SUCH_NUMBER) for code in codes):
                return asked_for([], None, source=SLUG, unknown=codes)
            raise Rejected(SLUG, f"error {', '.join(codes)}")
        found, unknown = [], []
        for asked, result in _results(payload):
            code = text(part(result, "error").get("code"))
            if code.endswith(NO_SUCH_NUMBER):
                unknown.append(asked)
            elif not code or items(result, "scanEvents"):
                found.append(_tracking(asked, result))
        return asked_for(found, number, source=SLUG, unknown=unknown)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error


def _results(payload: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each result with the number it was asked for."""
    for complete in items(payload["output"], "completeTrackResults"):
        for result in items(complete, "trackResults"):
            info = part(result, "trackingNumberInfo")
            yield tidy(complete.get("trackingNumber") or info["trackingNumber"]), result


def _codes(payload: dict[str, Any]) -> list[str]:
    """The errors of the whole answer, and of its results."""
    errors = items(payload, "errors")
    if payload.get("output"):
        errors += [part(result, "error") for _, result in _results(payload)]
    return [code for code in (text(error.get("code")) for error in errors) if code]


def _tracking(number: str, result: dict[str, Any]) -> Tracking:
    scans = (scan for scan in items(result, "scanEvents") if scan.get("date"))
    events = newest_first(map(_event, scans), ANNOUNCEMENTS)
    latest = part(result, "latestStatusDetail")
    status, detail = _summary(latest, events)
    if not events and not latest:
        raise KeyError("neither a status nor a scan")
    start, end = _promise(result)
    zone = next((e.at.tzinfo for e in events if not e.local_time_only), UTC)
    promised_from, promised_to = promised(start, end, zone=zone)
    return Tracking(SLUG, number, status, detail, events, promised_from, promised_to)


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = moment(scan["date"])
    code = text(scan.get("eventType"))
    status, detail = _meaning(code, text(scan.get("exceptionCode")), part(scan, "delayDetail"))
    address = part(scan, "scanLocation")
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(*map(address.get, ("city", "stateOrProvinceCode", "countryCode"))),
        code=code,
        text=text(scan.get("eventDescription")),
        local_time_only=local_time_only,
    )


def _meaning(code: str, exception: str, delay: dict[str, Any]) -> Meaning:
    """Our words for a code, made exact by why the delivery failed or what delays it."""
    status, detail = STATUSES.get(code.upper(), UNKNOWN)
    if code == "DE":
        return EXCEPTIONS.get(exception.lstrip("0"), (status, detail))
    if status is Status.IN_TRANSIT and text(delay.get("status")) == "DELAYED":
        return status, Detail.WEATHER if text(delay.get("type")) == "WEATHER" else Detail.DELAYED
    return status, detail


def _summary(latest: dict[str, Any], events: tuple[TrackingEvent, ...]) -> Meaning:
    """FedEx's own word for the parcel; where it is none that we know, its newest scan's."""
    newest = (events[0].status, events[0].detail) if events else UNKNOWN
    reasons = items(latest, "ancillaryDetails")
    reason = text(reasons[0].get("reason")) if reasons else ""
    for key in ("code", "derivedCode"):
        status, detail = _meaning(text(latest.get(key)), reason, part(latest, "delayDetail"))
        if status is not Status.UNKNOWN:
            return status, detail or (newest[1] if status is newest[0] else None)
    return newest


def _promise(result: dict[str, Any]) -> tuple[Any, Any]:
    window = part(part(result, "estimatedDeliveryTimeWindow"), "window")
    if window.get("begins") or window.get("ends"):
        return window.get("begins"), window.get("ends")
    for entry in items(result, "dateAndTimes"):
        if text(entry.get("type")) == "ESTIMATED_DELIVERY":
            return None, entry.get("dateTime")
    window = part(part(result, "standardTransitTimeWindow"), "window")
    return window.get("begins"), window.get("ends")
