"""Fetch from the sandbox carrier (I/O), read what it sent or pushed (pure)."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from kit.errors import BadWebhook, NotFound, Rejected
from kit.http import call, json_of
from tracking_lookup.carriers.sandbox.manifest import MANIFEST
from tracking_lookup.carriers.sandbox.statuses import STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent

SLUG = MANIFEST.slug
DEFAULT_URL = "http://127.0.0.1:8000"
SIGNATURE_HEADER = "x-sandbox-signature"


class Sandbox:
    """The sandbox carrier.

    Args:
        url: Where its API is, without a slash at the end; ``/sandbox/track/…`` is added.
        webhook_key: What it signs its webhooks with; without one every webhook is refused.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, *, url: str = DEFAULT_URL, webhook_key: str = ""
    ) -> None:
        self._http = http
        self._url = url
        self._webhook_key = webhook_key

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``."""
        url = f"{self._url}/sandbox/track/{quote(query.number, safe='')}"
        payload = json_of(await call(self._http, SLUG, "GET", url), SLUG)
        if not isinstance(payload, dict):
            raise Rejected(SLUG, "the answer is not an object")
        return payload

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_tracking``."""
        return [parse_tracking(payload, number=number)]

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``PushCarrier.verify``: the header holds ``signature(webhook_key, body)``."""
        given = headers.get(SIGNATURE_HEADER, "")
        expected = signature(self._webhook_key, body)
        if not self._webhook_key or not hmac.compare_digest(expected.encode(), given.encode()):
            raise BadWebhook("sandbox: signature does not match")

    def parse_push(self, body: bytes) -> list[Tracking]:
        """See ``PushCarrier.parse_push``. A webhook has the shape of an answer, with one scan."""
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Rejected(SLUG, "the webhook is not JSON") from error
        return [parse_tracking(payload)]


def parse_tracking(payload: Any, *, number: str | None = None) -> Tracking:
    """Read an answer of ``GET /sandbox/track/{number}``, or a webhook's body.

    Args:
        payload: ``{"parcel": {"number", "promised": {"from", "to"} | null, "scans": [{"code",
            "at", "place", "text"}, …]}}``, scans in any order, times ISO 8601 with an offset.
        number: What was asked for; an answer about another parcel is refused.

    Returns:
        Events newest first; of two scans at one moment the one written later is the newer. The
        status is that of the newest scan, ``unknown`` without one or with a code that has no row.

    Raises:
        NotFound: ``{"error": {"code": "unknown_number"}}``.
        Rejected: Not that shape. The same every time, so no retry.
    """
    try:
        if payload.get("error", {}).get("code") == "unknown_number":
            raise NotFound("sandbox: no such number")
        parcel = payload["parcel"]
        found = _text(parcel["number"])
        events = sorted(map(_event, parcel["scans"]), key=lambda event: event.at)[::-1]
        promised = parcel.get("promised") or {}
        tracking = Tracking(
            carrier=SLUG,
            number=found,
            status=events[0].status if events else Status.UNKNOWN,
            detail=events[0].detail if events else None,
            events=tuple(events),
            promised_from=_time(promised["from"]) if promised else None,
            promised_to=_time(promised["to"]) if promised else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if number is not None and number != found:
        raise Rejected(SLUG, "the answer is about another parcel")
    return tracking


def signature(key: str, body: bytes) -> str:
    """What a webhook's ``X-Sandbox-Signature`` must hold: ``sha256=`` and HMAC-SHA256 in hex."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def _event(scan: dict[str, Any]) -> TrackingEvent:
    code = _text(scan["code"])
    status, detail = STATUSES.get(code, (Status.UNKNOWN, None))
    place = scan.get("place")
    return TrackingEvent(
        at=_time(scan["at"]),
        status=status,
        detail=detail,
        place=_text(place) if place else None,
        code=code,
        text=_text(scan.get("text") or ""),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return at
