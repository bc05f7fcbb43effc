"""Fetch from 17TRACK (I/O), parse what it sent or pushed (pure)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from kit.http import call
from tracking_lookup.aggregators import asked_as, check, meaning, number_of, pushed, summary
from tracking_lookup.carriers.seventeentrack.manifest import MANIFEST
from tracking_lookup.carriers.seventeentrack.statuses import CARRIERS, STATUSES
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
DEFAULT_URL: Final = "https://api.17track.net/track/v2.4"
SIGNATURE_HEADER: Final = "sign"

# Error codes, of a whole answer or of one number in it.
# Source: https://help.17track.net/hc/en-us/articles/37570440168473-Error-Codes-and-Troubleshooting
ALREADY_REGISTERED: Final = -18019901
NOT_REGISTERED: Final = -18019902
NO_NEWS_YET: Final = -18019909  # registered; the carrier has not answered
NO_SUCH_NUMBER: Final = frozenset({-18010012, NOT_REGISTERED, -18019903})  # format, no carrier
BUSY: Final = frozenset({-18019907})  # the day's limit
DOWN: Final = frozenset({-18010003, -18019911})  # its own fault; a carrier it cannot ask now

_THEIRS: Final = asked_as(CARRIERS)


class SeventeenTrack:
    """17TRACK, its Tracking API.

    Args:
        api_key: The account's access key. It also signs webhooks.
    """

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, api_key: str, url: str = DEFAULT_URL) -> None:
        self._http = http
        self._key = api_key
        self._url = url.rstrip("/")

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``; a number that 17TRACK does not follow yet is registered first."""
        return await self.fetch_many([query])

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """See ``BatchCarrier.fetch_many``.

        Only a number that is not registered is registered, as each registration is paid for. What
        17TRACK says against single numbers stays in the answer, for ``parse``; it is raised here
        where it is about our account and no number was answered.
        """
        try:
            known, refused = await self._followed(queries)
            if not known:
                for item in refused:
                    error = _error(_code(item))
                    if error is not None and not isinstance(error, NotFound):
                        raise error
        except UNREADABLE as error:
            raise _unreadable(error) from error
        return {"code": 0, "data": {"accepted": known, "rejected": refused}}

    async def _followed(
        self, queries: Sequence[Query]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What is known of the numbers and which were refused, all of them registered by now."""
        known, refused = await self._ask("gettrackinfo", [_numbered(query) for query in queries])
        strangers = {tidy(item.get("number")) for item in refused if _code(item) == NOT_REGISTERED}
        if not strangers:
            return known, refused
        refused = [item for item in refused if tidy(item.get("number")) not in strangers]
        new = [query for query in queries if tidy(query.number) in strangers]
        _, turned_away = await self._ask("register", [_registration(query) for query in new])
        turned_away = [item for item in turned_away if _code(item) != ALREADY_REGISTERED]
        turned = {tidy(item.get("number")) for item in turned_away}
        new = [query for query in new if tidy(query.number) not in turned]
        more, waiting = await self._ask("gettrackinfo", [_numbered(query) for query in new])
        return [*known, *more], [*refused, *turned_away, *waiting]

    async def _ask(
        self, endpoint: str, numbers: list[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """One call: what it answered, and the numbers it refused."""
        if not numbers:
            return [], []
        response = await call(
            self._http,
            SLUG,
            "POST",
            f"{self._url}/{endpoint}",
            headers={"17token": self._key},
            json=numbers,
        )
        payload = object_of(response, SLUG)
        code = _answer_code(payload)
        if code != 0:
            raise _error(code) or Rejected(SLUG, f"error {code}")
        data = part(payload, "data")
        return items(data, "accepted"), items(data, "rejected")

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """See ``PushCarrier.verify`` and ``signature``."""
        given = headers.get(SIGNATURE_HEADER, "").lower()
        check(given, signature(self._key, body), key=self._key, source=SLUG)

    def parse_push(self, body: bytes) -> list[Tracking]:
        """See ``PushCarrier.parse_push``. "No longer followed" says nothing of the parcel."""
        payload = pushed(body, SLUG)
        if payload.get("event") == "TRACKING_STOPPED":
            return []
        return parse_trackings(payload)


def signature(key: str, body: bytes) -> str:
    """What a webhook's ``sign`` must be: SHA-256, in hex, of body, ``/`` and key; not an HMAC.

    Source: https://asset.17track.net/api/document/v2.4_en/index.html (webhook).
    """
    return hashlib.sha256(body + b"/" + key.encode()).hexdigest()


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``POST /gettrackinfo``, or a webhook's body.

    Args:
        payload: ``{"code": 0, "data": {"accepted": [{"number", "carrier", "track_info": {
            "latest_status": {"status", "sub_status"}, "tracking": {"providers": [{"events":
            [...]}]}, "time_metrics": {...}}}], "rejected": [{"number", "error": {"code"}}]}}``, or
            ``{"event", "data": {"number", ...}}``.
        number: The parcel to take; ``None`` takes all.

    Returns:
        Events of all carriers involved, newest first. A number that is registered, and of which the
        carrier has said nothing yet, is ``not_found``. A sub-status with no row leaves the main
        status; that without a row is ``unknown``.

    Raises:
        NotFound: 17TRACK does not know the number, or no carrier for it.
        Rejected: Another error, not that shape, or other parcels. No retry helps.

    Source: https://asset.17track.net/api/document/v2.4_en/index.html.
    Not yet checked against a live answer.
    """
    try:
        if "event" not in payload and (code := _answer_code(payload)) != 0:
            raise _final(code)
        data = part(payload, "data")
        if "event" in payload:
            found, unknown = [_tracking(data)], []
        else:
            refused = items(data, "rejected")
            found = [_tracking(item) for item in items(data, "accepted")]
            found += [_waiting(item) for item in refused if _code(item) == NO_NEWS_YET]
            unknown = [
                text(item.get("number"))
                for item in refused
                if isinstance(_error(_code(item)), NotFound)
            ]
    except UNREADABLE as error:
        raise _unreadable(error) from error
    return asked_for(found, number, source=SLUG, unknown=unknown)


def _tracking(item: dict[str, Any]) -> Tracking:
    info = part(item, "track_info")
    events = _events(info)
    latest = part(info, "latest_status")
    said = meaning(STATUSES, text(latest.get("sub_status")), text(latest.get("status")))
    status, detail = summary(said, events)
    window = part(part(info, "time_metrics"), "estimated_delivery_date")
    promised_from, promised_to = promised(
        window.get("from"), window.get("to"), zone=events[0].at.tzinfo if events else None
    )
    carrier = text(item.get("carrier"))
    return Tracking(
        carrier=CARRIERS.get(carrier, carrier) or SLUG,
        number=number_of(item["number"]),
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _waiting(item: dict[str, Any]) -> Tracking:
    return Tracking(carrier=SLUG, number=number_of(item["number"]), status=Status.NOT_FOUND)


def _events(info: dict[str, Any]) -> tuple[TrackingEvent, ...]:
    """The scans of the first and the last carrier together, each list newest first as sent."""
    scans = [
        scan
        for provider in items(part(info, "tracking"), "providers")
        for scan in items(provider, "events")
    ]
    if not scans and info.get("latest_event"):
        scans = [part(info, "latest_event")]
    return newest_first(_event(scan) for scan in scans if _time(scan))


def _event(scan: dict[str, Any]) -> TrackingEvent:
    at, local_time_only = moment(_time(scan))
    codes = (text(scan.get("sub_status")), text(scan.get("stage")))
    status, detail = meaning(STATUSES, *codes) or (Status.UNKNOWN, None)
    where = part(scan, "address")
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(where.get("city"), where.get("state"), where.get("country"))
        or place(scan.get("location")),
        code=codes[0] or codes[1],
        text=text(scan.get("description")),
        local_time_only=local_time_only,
    )


def _time(scan: dict[str, Any]) -> str:
    """Its time with the place's offset, else in UTC, else as the carrier wrote it; "" without."""
    raw = part(scan, "time_raw")
    written = " ".join(filter(None, (text(raw.get("date")), text(raw.get("time")))))
    iso = text(scan.get("time_iso"))
    return iso or text(scan.get("time_utc")) or (written if raw.get("date") else "")


def _numbered(query: Query) -> dict[str, Any]:
    # Without the carrier: it was settled when the number was registered, perhaps as another.
    return {"number": tidy(query.number)}


def _registration(query: Query) -> dict[str, Any]:
    carrier = _THEIRS.get(query.carrier or "", query.carrier or "")
    return _numbered(query) | ({"carrier": int(carrier)} if carrier.isdecimal() else {})


def _answer_code(payload: dict[str, Any]) -> int:
    """0 where 17TRACK took the request; it writes a refusal in ``code`` or in ``data.errors``."""
    errors = items(part(payload, "data"), "errors")
    return int(errors[0]["code"] if errors else payload["code"])


def _code(refused: dict[str, Any]) -> int:
    return int(part(refused, "error")["code"])


def _error(code: int) -> AppError | None:
    """An error code as one of ours; ``None`` where it is none for us."""
    if code == NO_NEWS_YET:
        return None
    if code in NO_SUCH_NUMBER:
        return NotFound(f"{SLUG}: no such number (error {code})")
    if code in BUSY:
        return RateLimited(SLUG, f"the day's limit is reached (error {code})")
    if code in DOWN:
        return Unavailable(SLUG, f"error {code}")
    return Rejected(SLUG, f"error {code}")


def _final(code: int) -> NotFound | Rejected:
    """The same for an answer that is only read: asking again cannot change it."""
    error = _error(code)
    return error if isinstance(error, NotFound | Rejected) else Rejected(SLUG, f"error {code}")


def _unreadable(error: Exception) -> Rejected:
    return Rejected(SLUG, f"unreadable answer ({type(error).__name__})")
