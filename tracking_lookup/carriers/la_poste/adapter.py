"""Fetch from La Poste (I/O), parse what it sent (pure)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import Rejected, Unavailable
from kit.http import call, json_of
from tracking_lookup.carriers.la_poste.manifest import MANIFEST
from tracking_lookup.carriers.la_poste.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    as_object,
    asked_for,
    items,
    moment,
    newest_first,
    part,
    promised,
    text,
    tidy,
)

DEFAULT_URL: Final = "https://api.laposte.fr"
SLUG: Final = MANIFEST.slug
NO_SUCH_NUMBER: Final = frozenset({"400", "404"})  # 400: it cannot be one of La Poste's
OUTAGE: Final = frozenset({"500", "504"})


class LaPoste:
    """La Poste's tracking by number, up to ten in one call.

    Args:
        http: The shared client.
        key: The Okapi key of an application on developer.laposte.fr.
        url: Where the API is; another one in tests.
    """

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, key: str, *, url: str = DEFAULT_URL) -> None:
        self._http = http
        self._key = key
        self._url = url.rstrip("/")

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``."""
        return await self.fetch_many([query])

    async def fetch_many(self, queries: Sequence[Query]) -> dict[str, Any]:
        """See ``BatchCarrier.fetch_many``. La Poste's bare list is put under ``responses``."""
        numbers = ",".join(quote(tidy(query.number), safe="") for query in queries)
        response = await call(
            self._http,
            SLUG,
            "GET",
            f"{self._url}/suivi/v2/idships/{numbers}",
            headers={"X-Okapi-Key": self._key, "Accept": "application/json"},
            params={"lang": "en_GB"},
            read=(400,),  # its body says what was wrong
        )
        payload = json_of(response, SLUG)
        if isinstance(payload, list):
            payload = {"responses": payload}
        if not isinstance(payload, dict):
            raise Rejected(SLUG, "the answer is neither an object nor a list")
        _raise_outage(payload)
        return payload

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``GET /suivi/v2/idships/{numbers}``.

    Args:
        payload: ``{"returnCode": 200, "shipment": {"idShip", "isFinal", "estimDate",
            "deliveryDate", "event": [{"code", "label", "date"}]}}`` for a number,
            ``{"returnCode": 404, "idShip"}`` for an unknown one; those of several numbers under
            ``responses``.
        number: The parcel to give; ``None`` gives every one.

    Returns:
        Events newest first; La Poste names no place for them. A code with no row in
        ``statuses.py`` is ``unknown``. The estimated day is the promise until the delivery.

    Raises:
        NotFound: La Poste does not know the number.
        Rejected: An error of La Poste, not that shape, or other parcels. No retry helps.

    Source: https://developer.laposte.fr/products/suivi/latest. Not yet checked against a live
    answer.
    """
    trackings: list[Tracking] = []
    unknown: list[str] = []
    refused: list[str] = []
    try:
        for answer in _answers(payload):
            code = _return_code(answer)
            if part(answer, "shipment"):
                trackings.append(_tracking(answer["shipment"]))
            elif code in NO_SUCH_NUMBER:
                unknown.append(text(answer.get("idShip")) or number or "")
            elif code:
                refused.append(code)
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if refused and not trackings and not unknown:
        raise Rejected(SLUG, f"error {', '.join(refused)}")
    return asked_for(trackings, number, source=SLUG, unknown=unknown)


def _raise_outage(payload: dict[str, Any]) -> None:
    """Raises ``Unavailable`` where La Poste says so for all that was asked for, in a 200."""
    try:
        codes = [_return_code(answer) for answer in _answers(payload)]
    except UNREADABLE:
        return  # ``parse`` says what is wrong with it
    if codes and OUTAGE.issuperset(codes):
        raise Unavailable(SLUG, f"answered {codes[0]}")


def _answers(payload: Any) -> list[dict[str, Any]]:
    answer = as_object(payload)
    return items(answer, "responses") if "responses" in answer else [answer]


def _return_code(answer: dict[str, Any]) -> str:
    """``returnCode`` of the tracking itself, or ``code`` of the gateway before it."""
    return text(answer.get("returnCode")) or text(answer.get("code"))


def _tracking(shipment: dict[str, Any]) -> Tracking:
    number = tidy(shipment["idShip"])
    if not number:
        raise ValueError("no number")
    events = newest_first(map(_event, items(shipment, "event")), ANNOUNCEMENTS)
    promised_from, promised_to = _promise(shipment)
    return Tracking(
        carrier=SLUG,
        number=number,
        status=events[0].status if events else Status.UNKNOWN,
        detail=events[0].detail if events else None,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _event(event: dict[str, Any]) -> TrackingEvent:
    code = text(event.get("code")).upper()
    at, local_time_only = moment(event["date"])
    status, detail = STATUSES.get(code, (Status.UNKNOWN, None))
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        code=code,
        text=text(event.get("label")),
        local_time_only=local_time_only,
    )


def _promise(shipment: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The whole of the estimated day, whatever its hour; none once the parcel has come."""
    if shipment.get("isFinal") is True or text(shipment.get("deliveryDate")):
        return None, None
    day = shipment.get("estimDate")
    return promised(None, day)[0], promised(day)[1]
