"""Fetch from Shippo (I/O), parse what it sent or pushed (pure)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, Rejected
from kit.http import call
from tracking_lookup.aggregators import asked_as, check, meaning, number_of, pushed, summary
from tracking_lookup.carriers.shippo.manifest import MANIFEST
from tracking_lookup.carriers.shippo.statuses import CARRIERS, STATUSES
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
    part,
    place,
    promised,
    refuse_problem,
    text,
    tidy,
)

SLUG: Final = MANIFEST.slug
DEFAULT_URL: Final = "https://api.goshippo.com"
API_VERSION: Final = "2018-02-08"
SIGNATURE_HEADER: Final = "shippo-auth-signature"
# Shippo's other way is a token in the webhook's URL; whoever takes the request in passes the
# query's ``token`` on as this header.
TOKEN_HEADER: Final = "x-webhook-token"  # noqa: S105 - its name, not the token

_THEIRS: Final = asked_as(CARRIERS)
_SEVERAL: Final = frozenset(CARRIERS.values()) - frozenset(_THEIRS)


class Shippo:
    """Shippo, its Tracking API.

    Args:
        api_key: A live token; a test token answers for Shippo's test numbers only.
        webhook_secret: The HMAC secret that Shippo gave, or the token in the webhook's URL;
            without one every webhook is refused.
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

        Shippo finds no carrier by itself: ``query.carrier`` is ours, where it is one of theirs
        only, or Shippo's own token. Without one the request is ``Rejected`` unsent.
        """
        carrier = _THEIRS.get(query.carrier or "", query.carrier or "")
        if not carrier or carrier in _SEVERAL:
            raise Rejected(SLUG, "it must be told which of its carriers has the parcel")
        path = f"{quote(carrier, safe='')}/{quote(tidy(query.number), safe='')}"
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/tracks/{path}",
            headers={
                "Authorization": f"ShippoToken {self._key}",
                "SHIPPO-API-VERSION": API_VERSION,
            },
        )
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_tracks``."""
        return parse_tracks(payload, number=number)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``PushCarrier.verify`` and ``signature``. A signature is believed before a token.

        The signed time is not compared with the clock: an old webhook played again brings events
        that are known already.
        """
        signed = headers.get(SIGNATURE_HEADER)
        if signed is None:
            given, expected = headers.get(TOKEN_HEADER, ""), self._webhook_secret
        else:
            fields = dict(field.strip().partition("=")[::2] for field in signed.split(","))
            given = fields.get("v1", "").lower()
            expected = signature(self._webhook_secret, fields.get("t", ""), body)
        check(given, expected, key=self._webhook_secret, source=SLUG)

    def parse_push(self, body: bytes) -> list[Tracking]:
        """See ``PushCarrier.parse_push``. Shippo also tells of labels bought and batches."""
        payload = pushed(body, SLUG)
        told = payload.get("event")
        if not isinstance(told, str):
            raise Rejected(SLUG, "the webhook is not an event")
        return parse_tracks(payload) if told == "track_updated" else []


def signature(secret: str, at: str, body: bytes) -> str:
    """What ``v1`` in a webhook's ``Shippo-Auth-Signature: t=…,v1=…`` must be.

    Args:
        at: Its ``t``, seconds since 1970, as written.

    Returns:
        HMAC-SHA256, in hex, of ``t``, a full stop and the body.

    Source: https://docs.goshippo.com/docs/tracking/webhooksecurity.
    """
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def parse_tracks(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /tracks/{carrier}/{number}``, or a webhook's body.

    Args:
        payload: ``{"carrier", "tracking_number", "eta", "tracking_status": {"status",
            "substatus": {"code"}, ...} | null, "tracking_history": [...]}``, or
            ``{"event": "track_updated", "data": {...}}``.
        number: The parcel to take.

    Returns:
        One tracking, events newest first. A substatus with no row leaves the status; a status
        without a row is ``unknown``.

    Raises:
        NotFound: The carrier has told Shippo nothing of the number.
        Rejected: An error, not that shape, or another parcel. No retry helps.

    Source: https://docs.goshippo.com/shippoapi/public-api/tracking-status.
    Not yet checked against a live answer.
    """
    try:
        refuse_problem(as_object(payload), SLUG)
        found = _tracking(part(payload, "data") if "event" in payload else payload)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    return asked_for([found], number, source=SLUG)


def _tracking(track: dict[str, Any]) -> Tracking:
    number = number_of(track["tracking_number"])
    current = part(track, "tracking_status")
    scans = items(track, "tracking_history") or ([current] if current else [])
    if not scans:
        raise NotFound(f"{SLUG}: the carrier knows no such number")
    # Shippo sends the oldest first.
    events = newest_first(_event(scan) for scan in reversed(scans) if scan.get("status_date"))
    said = meaning(STATUSES, _code(current), text(current.get("status")))
    status, detail = summary(said, events)
    promised_from, promised_to = promised(track.get("eta"))
    carrier = text(track.get("carrier"))
    return Tracking(
        carrier=CARRIERS.get(carrier, carrier) or SLUG,
        number=number,
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = moment(scan["status_date"])
    code = _code(scan)
    status, detail = meaning(STATUSES, code, text(scan.get("status"))) or (Status.UNKNOWN, None)
    where = part(scan, "location")
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(where.get("city"), where.get("state"), where.get("country")),
        code=code,
        text=text(scan.get("status_details")),
        local_time_only=local_time_only,
    )


def _code(spoken: dict[str, Any]) -> str:
    """``TRANSIT/package_arrived``, or ``TRANSIT`` alone."""
    codes = (text(spoken.get("status")), text(part(spoken, "substatus").get("code")))
    return "/".join(filter(None, codes))
