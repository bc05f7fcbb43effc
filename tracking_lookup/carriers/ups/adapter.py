"""Fetch from UPS (I/O), parse what it sent or pushed (pure)."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx

from kit.errors import BadWebhook, NotFound, Rejected
from kit.http import call
from tracking_lookup.carriers.ups.manifest import MANIFEST
from tracking_lookup.carriers.ups.statuses import ANNOUNCEMENTS, OLDER, SCANS, STATUSES, TYPES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.oauth import ClientCredentials
from tracking_lookup.reading import UNREADABLE, items, object_of, place, text, tidy

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://onlinetools.ups.com"
CREDENTIAL_HEADER: Final = "credential"
# "Tracking Information Not Found" as a warning in a 200, and "Invalid inquiry number".
NO_SUCH_NUMBER: Final = frozenset({"TW0001", "TV1002"})


class Ups:
    """UPS, its Track API.

    Args:
        client_id: Of an app made at developer.ups.com. client_secret: The same app's.
        url: UPS's own, or its test system ``https://wwwcie.ups.com``.
        webhook_key: The credential UPS shows with each Track Alert, as it was given when
            subscribing; without one every webhook is refused.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        client_id: str,
        client_secret: str,
        *,
        url: str = DEFAULT_URL,
        webhook_key: str = "",
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._webhook_key = webhook_key
        self._auth = ClientCredentials(
            http, SLUG, f"{self._url}/security/v1/oauth/token", client_id, client_secret
        )

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``. ``transId`` and ``transactionSrc`` are required by UPS."""
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/api/track/v1/details/{quote(tidy(query.number), safe='')}",
            auth=self._auth,
            headers={"transId": uuid4().hex, "transactionSrc": "wismo"},
            params={"locale": "en_US"},
        )
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``PushCarrier.verify``: UPS signs nothing, it shows the credential we gave it."""
        given = headers.get(CREDENTIAL_HEADER, "")
        if not self._webhook_key or not hmac.compare_digest(
            self._webhook_key.encode(), given.encode()
        ):
            raise BadWebhook("ups: credential does not match")

    def parse_push(self, body: bytes) -> list[Tracking]:
        """See ``PushCarrier.parse_push`` and ``_as_answer``."""
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Rejected(SLUG, "the webhook is not JSON") from error
        (parcel,) = parse_trackings(_as_answer(payload))
        if payload["activityStatus"].get("descriptionCode") in [*ANNOUNCEMENTS]:
            # It leaves the parcel where it was, and where that was an alert alone does not say.
            parcel = replace(parcel, events=())
        return [parcel]


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /api/track/v1/details/{number}``.

    Args:
        payload: ``{"trackResponse": {"shipment": [{"inquiryNumber", "package": [{
            "trackingNumber", "currentStatus", "activity": [...], "deliveryDate": [...],
            "deliveryTime": {...}}, ...]}]}}``, or ``{"response": {"errors": [{"code"}]}}``.
        number: The package to take where a shipment has several; ``None`` takes every one.

    Returns:
        Events newest first. A code with no row in ``statuses.py`` is ``unknown``; an announcement
        ("new delivery date") leaves the parcel where it was. The promised window is in the
        zone of the latest scan that has one, as UPS names none for it; without a time of day
        it is the whole day.

    Raises:
        NotFound: UPS does not know the number.
        Rejected: An error of UPS, not that shape, or another parcel. No retry helps.

    Source: https://github.com/UPS-API/api-documentation (``Tracking.yaml``); ``currentStatus`` with
    the three digits in ``code``, and ``gmtTime`` with colons, as seen in public recordings.
    Not yet checked against a live answer.
    """
    try:
        _raise_errors(payload)
        shipments = items(payload["trackResponse"], "shipment")
        if number is not None:
            return [_tracking(*_asked_for(shipments, tidy(number)), tidy(number))]
        found = [
            _tracking(shipment, package)
            for shipment in shipments
            for package in items(shipment, "package")
        ]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if not found:
        raise Rejected(SLUG, "the answer has no package")
    return found


def _tracking(shipment: dict[str, Any], package: dict[str, Any], number: str = "") -> Tracking:
    zone, events = _events(items(package, "activity"))
    status, detail = _summary(package, events)
    promised_from, promised_to = _promise(package, zone)
    return Tracking(
        carrier=SLUG,
        number=number or text(package.get("trackingNumber")) or text(shipment["inquiryNumber"]),
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _as_answer(alert: Any) -> dict[str, Any]:
    """A Track Alert in the shape of an answer with one scan, so that one reading serves both.

    Raises:
        Rejected: Not an alert.

    Source: https://github.com/UPS-API/api-documentation (``UPSTrackAlert.yaml``, webhook
    ``TrackingEvent``). Its ``descriptionCode`` is an answer's ``statusCode``, and its offset has a
    point where an answer's has a colon.
    """
    try:
        spoken, where = alert["activityStatus"], alert.get("activityLocation") or {}
        start, end = alert.get("deliveryStartTime"), alert.get("deliveryEndTime")
        # As a number it has lost its zeros, or was read in base eight: then "code" must do.
        description = spoken.get("descriptionCode")
        scan = {
            "date": alert.get("localActivityDate") or alert.get("gmtActivityDate"),
            "time": alert.get("localActivityTime"),
            "gmtDate": alert.get("gmtActivityDate"),
            "gmtTime": alert.get("gmtActivityTime"),
            "gmtOffset": text(alert.get("gmtOffset")).replace(".", ":"),
            "status": {
                "type": spoken.get("type"),
                "code": spoken.get("code"),
                "statusCode": description if isinstance(description, str) else None,
                "description": spoken.get("description"),
            },
            "location": {
                "address": {
                    "city": where.get("city"),
                    "stateProvince": where.get("stateProvince"),
                    "countryCode": where.get("country"),
                }
            },
        }
        package = {
            "trackingNumber": text(alert["trackingNumber"]),
            "activity": [scan],
            "deliveryDate": [{"type": "SDD", "date": alert.get("scheduledDeliveryDate")}],
            "deliveryTime": {"type": "EDW", "startTime": start, "endTime": end} if start else {},
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise Rejected(SLUG, f"unreadable alert ({type(error).__name__})") from error
    if not package["trackingNumber"]:
        raise Rejected(SLUG, "the alert names no parcel")
    return {"trackResponse": {"shipment": [{"package": [package]}]}}


def _raise_errors(payload: Any) -> None:
    """UPS says "no" in three ways: an error body, a warning in a 200, or no package at all."""
    errors = items(payload.get("response") or {}, "errors")
    shipments = items(payload.get("trackResponse") or {}, "shipment")
    warnings = [w for s in shipments if not s.get("package") for w in items(s, "warnings")]
    codes = [text(problem.get("code")) for problem in (*errors, *warnings)]
    if NO_SUCH_NUMBER.intersection(codes):
        raise NotFound("ups: no such number")
    if errors:
        raise Rejected(SLUG, f"error {', '.join(codes)}")


def _asked_for(
    shipments: list[dict[str, Any]], number: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The package with that number, and its shipment."""
    for shipment in shipments:
        packages = items(shipment, "package")
        for package in packages:
            others = [
                text(other.get("number")) for other in items(package, "alternateTrackingNumber")
            ]
            if number in (text(package.get("trackingNumber")), *others):
                return shipment, package
        if len(packages) == 1 and text(shipment.get("inquiryNumber")) == number:
            return shipment, packages[0]
    raise Rejected(SLUG, "the answer is about another parcel")


def _events(activities: list[dict[str, Any]]) -> tuple[tzinfo, tuple[TrackingEvent, ...]]:
    """The scans newest first, and the zone of the latest that has one (else UTC)."""
    zone: tzinfo = UTC
    events: list[TrackingEvent] = []
    was = Status.UNKNOWN
    for activity in reversed(activities):  # UPS sends the most recent first
        if not activity.get("date"):
            continue
        at, local_time_only = _moment(activity)
        zone = zone if local_time_only else at.tzinfo or zone
        spoken = activity.get("status") or {}
        status, detail = _meaning(spoken, was=was)
        was = status
        event = TrackingEvent(
            at=at,
            status=status,
            detail=detail,
            place=_place((activity.get("location") or {}).get("address") or {}),
            code=text(spoken.get("code")) or text(spoken.get("statusCode")),
            text=text(spoken.get("description")),
            local_time_only=local_time_only,
        )
        events.append(event)
    # As UPS wrote them again: of two scans of one moment, the one it put first is the newer.
    events.reverse()
    events.sort(key=lambda event: event.at, reverse=True)
    return zone, tuple(events)


def _summary(
    package: dict[str, Any], events: tuple[TrackingEvent, ...]
) -> tuple[Status, Detail | None]:
    """The parcel's own status; where UPS gives none that we know, its newest scan's."""
    newest = (events[0].status, events[0].detail) if events else (Status.UNKNOWN, None)
    current = package.get("currentStatus") or {"statusCode": package.get("statusCode")}
    status, detail = _meaning(current, was=newest[0])
    if status is Status.UNKNOWN:
        return newest
    return status, detail or (newest[1] if status is newest[0] else None)


def _meaning(spoken: dict[str, Any], *, was: Status) -> tuple[Status, Detail | None]:
    """Our words for UPS's ``{"type", "code", "statusCode"}``.

    Args:
        was: Where the parcel was until now; an announcement leaves it there.
    """
    kind, code, status_code = (text(spoken.get(key)) for key in ("type", "code", "statusCode"))
    if not status_code and len(code) == 3:  # "currentStatus" has it under that name
        status_code = code
    if status_code in ANNOUNCEMENTS:
        return was, ANNOUNCEMENTS[status_code]
    said = STATUSES.get(status_code)
    # A scan is more exact than "in transit", and proves more than a label. It never overrules a
    # narrower word: a parcel that departs while "returning" is returning.
    vague = said in (None, (Status.IN_TRANSIT, None), (Status.LABEL_CREATED, None))
    if vague and code in SCANS:
        return SCANS[code]
    if said is None and not status_code:
        said = OLDER.get(code)
    return said or TYPES.get(kind, (Status.UNKNOWN, None))


def _moment(activity: dict[str, Any]) -> tuple[datetime, bool]:
    """When a scan was, and whether only its wall-clock time is known.

    ``gmtDate`` and ``gmtTime`` are believed first; ``gmtOffset`` then only says how to show it.
    """
    offset = _offset(text(activity.get("gmtOffset")))
    gmt = text(activity.get("gmtDate")), text(activity.get("gmtTime"))
    if all(gmt):
        return _at(*gmt).replace(tzinfo=UTC).astimezone(offset or UTC), False
    local = _at(text(activity["date"]), text(activity.get("time")) or "000000")
    return local.replace(tzinfo=offset or UTC), offset is None


def _at(day: str, clock: str) -> datetime:
    """A day as ``YYYYMMDD`` and a time as ``HHMMSS``, ``HMMSS`` or ``HH:MM:SS``."""
    return datetime.strptime(day + clock.replace(":", "").zfill(6), "%Y%m%d%H%M%S")  # noqa: DTZ007


def _offset(written: str) -> tzinfo | None:
    return datetime.strptime(written, "%z").tzinfo if written else None


def _promise(package: dict[str, Any], zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """The delivery window: the rescheduled day, else the scheduled one, and its hours if given."""
    days = {
        text(entry.get("type")): text(entry.get("date")) for entry in items(package, "deliveryDate")
    }
    day = days.get("RDD") or days.get("SDD")
    if not day:
        return None, None
    hours = package.get("deliveryTime") or {}
    kind = text(hours.get("type"))
    start = text(hours.get("startTime")) if kind in {"EDW", "CDW", "IDW"} else ""
    end = text(hours.get("endTime")) if kind in {"EDW", "CDW", "IDW", "CMT"} else ""
    return (
        _at(day, start or "000000").replace(tzinfo=zone),
        _at(day, end or "235959").replace(tzinfo=zone),
    )


def _place(address: dict[str, Any]) -> str | None:
    """City, state and country; never a street, which would be the recipient's."""
    return place(*(address.get(key) for key in ("city", "stateProvince", "countryCode")))
