"""Fetch from EasyPost (I/O), parse what it sent or pushed (pure)."""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import httpx

from kit.errors import NotFound, Rejected
from kit.http import call
from tracking_lookup.aggregators import asked_as, check, number_of, pushed, summary
from tracking_lookup.carriers.easypost.manifest import MANIFEST
from tracking_lookup.carriers.easypost.statuses import CARRIERS, DETAILS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    Meaning,
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
DEFAULT_URL: Final = "https://api.easypost.com"
SIGNATURE_HEADER: Final = "x-hmac-signature"

# Statuses that a detail may narrow, and what it may narrow them to.
VAGUE: Final = frozenset({Status.IN_TRANSIT, Status.EXCEPTION})
NARROWER: Final = frozenset(
    {
        Status.OUT_FOR_DELIVERY,
        Status.AVAILABLE_FOR_PICKUP,
        Status.EXCEPTION,
        Status.RETURNING,
        Status.CANCELLED,
        Status.EXPIRED,
    }
)

_THEIRS: Final = asked_as(CARRIERS)


class EasyPost:
    """EasyPost, its Tracking API.

    Args:
        api_key: The account's production key; a test key answers for EasyPost's test numbers only.
        webhook_secret: As given when the webhook was made; without one every webhook is refused.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_key: str,
        webhook_secret: str,
        url: str = DEFAULT_URL,
    ) -> None:
        self._http = http
        self._key = api_key
        self._webhook_secret = webhook_secret
        self._url = url.rstrip("/")

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``.

        Creating a tracker answers with it as it is now; a second one for the same number within
        three months is the first one again. So one call registers and gets.
        """
        tracker = {"tracking_code": tidy(query.number)}
        if query.carrier in _THEIRS:
            tracker["carrier"] = _THEIRS[query.carrier]
        response = await call(
            self._http,
            SLUG,
            "POST",
            f"{self._url}/v2/trackers",
            auth=(self._key, ""),
            json={"tracker": tracker},
            read=(422,),  # its body says what was wrong
        )
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackers``."""
        return parse_trackers(payload, number=number)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``PushCarrier.verify`` and ``signature``."""
        given = headers.get(SIGNATURE_HEADER, "")
        expected = signature(self._webhook_secret, body)
        check(given, expected, key=self._webhook_secret, source=SLUG)

    def parse_push(self, body: bytes) -> list[Tracking]:
        """See ``PushCarrier.parse_push``. EasyPost also tells of batches, refunds and invoices."""
        payload = pushed(body, SLUG)
        told = payload.get("description")
        if payload.get("object") != "Event" or not isinstance(told, str):
            raise Rejected(SLUG, "the webhook is not an event")
        return parse_trackers(payload) if told.startswith("tracker.") else []


def signature(secret: str, body: bytes) -> str:
    """What a webhook's ``X-Hmac-Signature`` must be: ``hmac-sha256-hex=`` and the HMAC in hex.

    The key is the secret in Unicode's NFKD form.

    Source: https://docs.easypost.com/guides/webhooks-guide.
    """
    key = unicodedata.normalize("NFKD", secret).encode()
    return "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def parse_trackers(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read a tracker, a list of them, or a webhook's body.

    Args:
        payload: ``{"object": "Tracker", "tracking_code", "carrier", "status", "status_detail",
            "est_delivery_date", "tracking_details": [...]}``, ``{"trackers": [...]}``, or
            ``{"object": "Event", "description": "tracker.updated", "result": {...}}``.
        number: The parcel to take; ``None`` takes all.

    Returns:
        Events newest first. A tracker of which the carrier has said nothing yet is ``unknown``, and
        so is a status with no row.

    Raises:
        NotFound: EasyPost does not know it.
        Rejected: Another error, not that shape, or other parcels. No retry helps.

    Source: https://docs.easypost.com/docs/trackers; checked against trackers that EasyPost's
    own libraries have recorded of the real API, not against a live answer.
    """
    try:
        if "error" in payload:
            code = text(part(payload, "error").get("code"))
            if code.endswith("NOT_FOUND"):
                raise NotFound(f"{SLUG}: no such tracker")
            raise Rejected(SLUG, f"error {code}")
        if "result" in payload:
            payload = part(payload, "result")
        trackers = items(payload, "trackers") if "trackers" in payload else [payload]
        found = [_tracking(tracker) for tracker in trackers]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    return asked_for(found, number, source=SLUG)


def _tracking(tracker: dict[str, Any]) -> Tracking:
    scans = reversed(items(tracker, "tracking_details"))  # EasyPost sends the oldest first
    events = newest_first(_event(scan) for scan in scans if scan.get("datetime"))
    status, detail = summary(_meaning(tracker), events)
    promised_from, promised_to = promised(tracker.get("est_delivery_date"))
    carrier = text(tracker.get("carrier"))
    return Tracking(
        carrier=CARRIERS.get(carrier, carrier) or SLUG,
        number=number_of(tracker["tracking_code"]),
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = moment(scan["datetime"])
    status, detail = _meaning(scan) or (Status.UNKNOWN, None)
    where = part(scan, "tracking_location")
    codes = (text(scan.get("status")), text(scan.get("status_detail")))
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(where.get("city"), where.get("state"), where.get("country")),
        code=text(scan.get("carrier_code")) or "/".join(filter(None, codes)),
        text=text(scan.get("message")) or text(scan.get("description")),
        local_time_only=local_time_only,
    )


def _meaning(spoken: dict[str, Any]) -> Meaning | None:
    """Our words for a status and its detail; ``None`` where there is no status.

    The status is believed. A detail narrows a vague one, and tells why something is wrong.
    """
    code = text(spoken.get("status"))
    if not code:
        return None
    status, why = STATUSES.get(code, (Status.UNKNOWN, None))
    exact = DETAILS.get(text(spoken.get("status_detail")), (Status.UNKNOWN, None))
    if status in VAGUE and exact[0] in NARROWER:
        return exact
    return status, exact[1] if exact[0] in (status, Status.EXCEPTION) else why
