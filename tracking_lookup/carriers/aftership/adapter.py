"""Fetch from AfterShip (I/O), parse what it sent or pushed (pure)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

import httpx

from kit.errors import NotFound, Rejected
from kit.http import call
from tracking_lookup.aggregators import asked_as, check, meaning, number_of, pushed, summary
from tracking_lookup.carriers.aftership.manifest import MANIFEST
from tracking_lookup.carriers.aftership.statuses import CARRIERS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
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
DEFAULT_URL: Final = "https://api.aftership.com/tracking/2025-01"
SIGNATURE_HEADER: Final = "aftership-hmac-sha256"
# ``meta.code``: no such tracking, resource or number; no courier for it; an odd format.
# Source: https://www.aftership.com/docs/tracking/quickstart/request-errors
NO_SUCH_NUMBER: Final = frozenset({404, 4004, 4005, 4012, 4017})
ALREADY_CREATED: Final = 4003

_THEIRS: Final = asked_as(CARRIERS)


class AfterShip:
    """AfterShip, its Tracking API.

    Args:
        api_key: Made in AfterShip's admin, with access to trackings.
        webhook_secret: Shown there beside the webhooks; without one every webhook is refused.
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
        """See ``Carrier.fetch``; a number that AfterShip does not follow yet is created first.

        AfterShip is asked by number alone: it may have corrected the courier since.
        """
        answer = await self._list(query)
        if _trackings(answer):
            return answer
        new = {"tracking_number": tidy(query.number)}
        if query.carrier in _THEIRS:
            new["slug"] = _THEIRS[query.carrier]
        answer = await self._call("POST", json=new, read=(400,))
        if _code(answer) == ALREADY_CREATED:  # by another of our processes, in between
            return await self._list(query)
        return answer

    async def _list(self, query: Query) -> dict[str, Any]:
        return await self._call("GET", params={"tracking_numbers": tidy(query.number)})

    async def _call(self, method: str, **request: Any) -> dict[str, Any]:
        url = f"{self._url}/trackings"
        headers = {"as-api-key": self._key}
        response = await call(self._http, SLUG, method, url, headers=headers, **request)
        return object_of(response, SLUG)

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``PushCarrier.verify`` and ``signature``."""
        given = headers.get(SIGNATURE_HEADER, "")
        expected = signature(self._webhook_secret, body)
        check(given, expected, key=self._webhook_secret, source=SLUG)

    def parse_push(self, body: bytes) -> list[Tracking]:
        """See ``PushCarrier.parse_push``. Each webhook has the whole tracking in ``msg``."""
        return parse_trackings(pushed(body, SLUG))


def signature(secret: str, body: bytes) -> str:
    """What a webhook's ``aftership-hmac-sha256`` must be: HMAC-SHA256 of the body in base64.

    Source: https://www.aftership.com/docs/tracking/webhook/webhook-signature.
    """
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of AfterShip, or a webhook's body.

    Args:
        payload: ``{"meta": {"code": 200}, "data": {"trackings": [{"tracking_number", "slug",
            "tag", "subtag", "checkpoints": [...], "courier_estimated_delivery_date": {...}}]}}``,
            the same with one tracking as ``data``, or ``{"event", "msg": {...}}``.
        number: The parcel to take; ``None`` takes all.

    Returns:
        Events newest first. A tracking that is created, and of which the courier has said nothing
        yet, is ``not_found``. A sub-code with no row leaves the tag's status; a tag without a row
        is ``unknown``.

    Raises:
        NotFound: AfterShip does not know the number, or no courier for it.
        Rejected: Another error, not that shape, or other parcels. No retry helps.

    Source: https://www.aftership.com/docs/tracking/2025-01/model/tracking.
    Not yet checked against a live answer.
    """
    try:
        found = [_tracking(item) for item in _trackings(payload)]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    return asked_for(found, number, source=SLUG)


def _trackings(payload: Any) -> list[dict[str, Any]]:
    """The trackings of a list, of one answer or of a webhook; none in an empty list.

    Raises:
        NotFound, Rejected: ``meta`` says that this is no answer.
    """
    try:
        if "msg" in payload:
            return [part(payload, "msg")]
        code = _code(payload)
        if code in NO_SUCH_NUMBER:
            raise NotFound(f"{SLUG}: no such number (error {code})")
        if not 200 <= code < 300:
            raise Rejected(SLUG, f"error {code}")
        data = part(payload, "data")
        # Versions before 2024-07 wrap a single tracking once more.
        return items(data, "trackings") if "trackings" in data else [part(data, "tracking") or data]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error


def _code(payload: dict[str, Any]) -> int:
    """``meta.code``; 0 where there is none."""
    return int(part(payload, "meta").get("code", 0))


def _tracking(item: dict[str, Any]) -> Tracking:
    events = newest_first(
        _event(scan) for scan in reversed(items(item, "checkpoints")) if scan.get("checkpoint_time")
    )
    said = meaning(STATUSES, text(item.get("subtag")), text(item.get("tag")))
    status, detail = summary(said, events)
    window = part(item, "courier_estimated_delivery_date")
    day = window.get("estimated_delivery_date")
    promised_from, promised_to = promised(
        window.get("estimated_delivery_date_min") or day,
        window.get("estimated_delivery_date_max") or day,
        zone=events[0].at.tzinfo if events else None,
    )
    slug = text(item.get("slug"))
    return Tracking(
        carrier=CARRIERS.get(slug, slug) or SLUG,
        number=number_of(item["tracking_number"]),
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = moment(scan["checkpoint_time"])
    codes = (text(scan.get("subtag")), text(scan.get("tag")))
    status, detail = meaning(STATUSES, *codes) or (Status.UNKNOWN, None)
    country = scan.get("country_region") or scan.get("country_iso3")  # named so before 2024-07
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(scan.get("city"), scan.get("state"), country) or place(scan.get("location")),
        code=codes[0] or codes[1],
        text=text(scan.get("message")),
        local_time_only=local_time_only,
    )
