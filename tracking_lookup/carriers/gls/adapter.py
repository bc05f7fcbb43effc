"""Fetch from GLS (I/O), parse what it sent (pure)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from kit.http import call
from tracking_lookup.carriers.gls.manifest import MANIFEST
from tracking_lookup.carriers.gls.statuses import ANNOUNCEMENTS, SCANS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.oauth import ClientCredentials
from tracking_lookup.reading import (
    UNREADABLE,
    as_object,
    items,
    moment,
    newest_first,
    object_of,
    part,
    place,
    text,
    tidy,
)

DEFAULT_URL: Final = "https://api.gls-group.net"
SLUG: Final = MANIFEST.slug
NO_SUCH_NUMBER: Final = "E_404_"
OUTAGE: Final = "E_500_"
QUOTA: Final = "policies.ratelimit."


class Gls:
    """GLS's tracking by number, up to ten in one call.

    Args:
        http: The shared client.
        client_id: From an app on dev-portal.gls-group.net.
        client_secret: Likewise.
        url: Where the API is; another one in tests.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        client_id: str,
        client_secret: str,
        *,
        url: str = DEFAULT_URL,
    ) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._auth = ClientCredentials(
            http, SLUG, f"{self._url}/oauth2/v2/token", client_id, client_secret
        )

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``."""
        return await self.fetch_many([query])

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """See ``BatchCarrier.fetch_many``."""
        numbers = ",".join(quote(tidy(query.number), safe="") for query in queries)
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/track-and-trace-v1/tracking/simple/trackids/{numbers}",
            auth=self._auth,
            headers={"Accept": "application/json", "Accept-Language": "EN"},
        )
        payload = object_of(response, SLUG)
        _raise_passing(payload)
        return payload

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /tracking/simple/trackids/{numbers}``.

    Args:
        payload: ``{"parcels": [{"requested", "unitno", "status", "events": [{"code", "city",
            "country", "description", "eventDateTime"}]}]}``; a parcel that cannot be told of is
            ``{"requested", "errorCode"}``.
        number: The parcel to give, as it was asked for or as GLS writes it; ``None`` gives all.

    Returns:
        Under the number that was asked for: GLS's own may lack the check digit. Events newest
        first; a code with no row in ``statuses.py`` is ``unknown``. This API promises no day.

    Raises:
        NotFound: GLS does not know the number.
        Rejected: An error of GLS, not that shape, or other parcels. No retry helps.

    Source: https://dev-portal.gls-group.net, "Track And Trace V1" 1.0.7. Not yet checked against a
    live answer.
    """
    try:
        _refuse_errors(as_object(payload))
        parcels = items(payload, "parcels")
        if number is not None:
            parcels = [parcel for parcel in parcels if tidy(number) in _numbers(parcel)][:1]
        errors = [error for error in map(_error, parcels) if error]
        found = [_tracking(parcel, number) for parcel in parcels if not _error(parcel)]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if found:
        return found
    if any(error.startswith(NO_SUCH_NUMBER) for error in errors):
        raise NotFound("gls: no such number")
    raise Rejected(SLUG, f"error {', '.join(errors)}" if errors else "no such parcel in the answer")


def _raise_passing(payload: dict[str, Any]) -> None:
    """Raises what may be otherwise in a while, where GLS writes it into a 200.

    Raises:
        RateLimited: The day's quota is used up.
        Unavailable: GLS could look up none of the numbers.
    """
    try:
        fault, errors = _fault(payload), list(map(_error, items(payload, "parcels")))
    except UNREADABLE:
        return  # ``parse`` says what is wrong with it
    if fault.startswith(QUOTA):
        raise RateLimited(SLUG, fault)
    if errors and all(error.startswith(OUTAGE) for error in errors):
        raise Unavailable(SLUG, f"error {errors[0]}")


def _refuse_errors(payload: dict[str, Any]) -> None:
    """The gateway's, the token endpoint's or the service's error in place of parcels."""
    fault = _fault(payload)
    kinds = [text(error.get("type")) for error in items(payload, "errors")]
    if fault or kinds:
        raise Rejected(SLUG, f"error {fault or ', '.join(kinds)}")
    if "parcels" not in payload and text(payload.get("title")):
        raise Rejected(SLUG, f"error {text(payload.get('status'))}")


def _fault(payload: dict[str, Any]) -> str:
    fault = part(payload, "fault")
    return text(part(fault, "detail").get("errorcode")) if fault else ""


def _error(parcel: dict[str, Any]) -> str:
    return text(parcel.get("errorCode"))


def _numbers(parcel: dict[str, Any]) -> set[str]:
    return {tidy(parcel.get("requested")), tidy(parcel.get("unitno"))} - {""}


def _tracking(parcel: dict[str, Any], asked: str | None) -> Tracking:
    """Under the number that was asked for, where one was."""
    number = tidy(asked) or tidy(parcel.get("requested")) or tidy(parcel.get("unitno"))
    if not number:
        raise ValueError("no number")
    events = newest_first(map(_event, items(parcel, "events")), ANNOUNCEMENTS)
    status, detail = _summary(text(parcel["status"]).upper(), events)
    return Tracking(carrier=SLUG, number=number, status=status, detail=detail, events=events)


def _summary(said: str, events: tuple[TrackingEvent, ...]) -> tuple[Status, Detail | None]:
    """The parcel's own status; where GLS gives none that says anything, its newest event's."""
    newest = (events[0].status, events[0].detail) if events else (Status.UNKNOWN, None)
    status, detail = STATUSES.get(said, (Status.UNKNOWN, None))
    if status is Status.UNKNOWN:
        return newest
    return status, detail or (newest[1] if status is newest[0] else None)


def _event(event: dict[str, Any]) -> TrackingEvent:
    code = text(event.get("code")).upper()
    at, local_time_only = moment(event["eventDateTime"])
    status, detail = SCANS.get(code, (Status.UNKNOWN, None))
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(event.get("city"), event.get("country")),
        code=code,
        text=text(event.get("description")),
        local_time_only=local_time_only,
    )
