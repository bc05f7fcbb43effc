"""Fetch from DPD (I/O), parse what it sent (pure)."""

import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from kit.errors import NotFound, RateLimited, Rejected
from kit.http import call
from tracking_lookup.carriers.dpd.manifest import MANIFEST
from tracking_lookup.carriers.dpd.statuses import STATUSES
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
    text,
    tidy,
    whole_day,
)

DEFAULT_URL: Final = "https://cloud.dpd.com"
SLUG: Final = MANIFEST.slug
# The steps DPD tells of one by one, last first.
STEPS: Final = ("Delivered", "CarLoad", "DeliveryDepot", "OnTheRoad", "Start")
TOO_MANY_CALLS: Final = "CLOUD_API_USERCALLLIMIT"
WAIT_SECONDS: Final = 600.0  # DPD says no time; its counters are by the day and the hour
GERMAN_TIME: Final = "%d.%m.%Y, %H:%M"
DAY: Final = re.compile(r"(?P<iso>\d{4}-\d{2}-\d{2})|(?P<german>\d{2}\.\d{2}\.\d{4})")


class Dpd:
    """DPD Deutschland's parcel life cycle by number.

    Args:
        http: The shared client.
        partner_name: The software partner's name at DPD.
        partner_token: Its token.
        user_id: The customer's ``cloudUserID``.
        user_token: Its token.
        url: Where the API is; another one in tests.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        partner_name: str,
        partner_token: str,
        user_id: str,
        user_token: str,
        *,
        url: str = DEFAULT_URL,
    ) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/api/v1/getOrderStatus"
        self._headers = {
            "Version": "100",
            "Language": "en_EN",
            "PartnerCredentials-Name": partner_name,
            "PartnerCredentials-Token": partner_token,
            "UserCredentials-cloudUserID": user_id,
            "UserCredentials-Token": user_token,
            "Accept": "application/json",
        }

    async def fetch(self, query: Query) -> dict[str, Any]:
        """See ``Carrier.fetch``.

        The postcode is left out on purpose (``null`` in its place): with it DPD adds the
        recipient's address, and nothing that is needed here.
        """
        url = f"{self._url}/{quote(tidy(query.number), safe='')}/null"
        payload = object_of(await call(self._http, SLUG, "GET", url, headers=self._headers), SLUG)
        if _too_many_calls(payload):
            raise RateLimited(SLUG, "the account's limit of calls is reached", WAIT_SECONDS)
        return payload

    def parse(self, payload: Any, *, number: str | None = None) -> list[Tracking]:
        """See ``Carrier.parse`` and ``parse_trackings``."""
        return parse_trackings(payload, number=number)


def parse_trackings(payload: Any, *, number: str | None = None) -> list[Tracking]:
    """Read an answer of ``getOrderStatus``.

    Args:
        payload: ``{"Ack": true, "OrderStatus": {"ParcelNo", "OrderInformation":
            {"EstimatedDeliveryTime"}, "LastStatusInfo": {"StatusReached", "StatusID", "Headline",
            "StatusDate", "DepotData"}, "StatusInfoContainer": {"Start", "OnTheRoad",
            "DeliveryDepot", "CarLoad", "Delivered"}}}``, or ``{"Ack": false, "ErrorDataList":
            [{"ErrorID", "ErrorCode"}]}``.
        number: The parcel to give; ``None`` gives the one there is.

    Returns:
        The steps that were reached, newest first, at the wall-clock time DPD writes. A code with
        no row in ``statuses.py`` is ``unknown``. The recipient's address, and the description
        that may name who signed, are never read.

    Raises:
        NotFound: DPD has no data about the number.
        Rejected: An error of DPD, not that shape, or another parcel. No retry helps.

    Source: https://esolutions.dpd.com/entwickler/dpd-cloud-webservice.aspx and
    https://cloud.dpd.com/services/v1/DPDCloudService.asmx?op=getOrderStatus. Not yet checked
    against a live answer.
    """
    try:
        _refuse_errors(as_object(payload))
        order = part(payload, "OrderStatus")
        last = part(order, "LastStatusInfo")
        unknown = not last or _code(last) == "NO_TRACKINGDATA"
        trackings = [] if unknown else [_tracking(order, last)]
    except UNREADABLE as error:
        raise Rejected(SLUG, f"unreadable answer ({type(error).__name__})") from error
    if unknown:
        raise NotFound("dpd: no such number")
    return asked_for(trackings, number, source=SLUG)


def _too_many_calls(payload: dict[str, Any]) -> bool:
    try:
        return TOO_MANY_CALLS in _errors(payload)
    except UNREADABLE:
        return False  # ``parse`` says what is wrong with it


def _refuse_errors(payload: dict[str, Any]) -> None:
    """``Ack`` says whether there is an answer at all; a warning beside an answer is no error."""
    if payload["Ack"] is not True:
        raise Rejected(SLUG, f"error {', '.join(_errors(payload)) or 'without a code'}")


def _errors(payload: dict[str, Any]) -> list[str]:
    errors = items(payload, "ErrorDataList")
    return [text(error.get("ErrorCode")) or text(error.get("ErrorID")) for error in errors]


def _code(step: dict[str, Any]) -> str:
    return text(step.get("StatusID")).upper()


def _tracking(order: dict[str, Any], last: dict[str, Any]) -> Tracking:
    number = tidy(order.get("ParcelNo"))
    if not number:
        raise ValueError("no number")
    events = _events(order, last)
    status, detail = STATUSES.get(_code(last), (Status.UNKNOWN, None))
    if status in {Status.DELIVERED, Status.RETURNING}:
        promised_from, promised_to = None, None
    else:
        promised_from, promised_to = _promise(order)
    return Tracking(
        carrier=SLUG,
        number=number,
        status=status,
        detail=detail,
        events=events,
        promised_from=promised_from,
        promised_to=promised_to,
    )


def _events(order: dict[str, Any], last: dict[str, Any]) -> tuple[TrackingEvent, ...]:
    """The last step and those before it, each once; what is still to come has no event."""
    steps = part(order, "StatusInfoContainer")
    reached = [part(steps, name) for name in STEPS]
    reached = [step for step in reached if _is_true(step.get("StatusReached"))]
    dated = [step for step in (last, *reached) if text(step.get("StatusDate"))]
    by_step = {(_code(step), text(step["StatusDate"])): step for step in reversed(dated)}
    return newest_first(map(_event, reversed(by_step.values())))


def _event(step: dict[str, Any]) -> TrackingEvent:
    code = _code(step)
    written = text(step["StatusDate"])
    at, local_time_only = moment(written, form=GERMAN_TIME if "," in written else None)
    status, detail = STATUSES.get(code, (Status.UNKNOWN, None))
    address = part(part(step, "DepotData"), "Address")
    return TrackingEvent(
        at=at,
        status=status,
        detail=detail,
        place=place(address.get("City"), address.get("Country")),
        code=code,
        text=text(step.get("Headline")),
        local_time_only=local_time_only,
    )


def _promise(order: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The whole of the day in the estimate, which DPD writes as words; none where it has no day."""
    words = text(part(order, "OrderInformation").get("EstimatedDeliveryTime"))
    day = DAY.search(words)
    if day is None:
        return None, None
    try:
        return whole_day(day.group(), form="%d.%m.%Y" if day["german"] else None)
    except (ValueError, OverflowError):
        return None, None


def _is_true(value: Any) -> bool:
    return value is True or value == "true"
