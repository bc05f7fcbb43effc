"""What ``track`` and ``normalise`` print."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_timedelta
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kit import clock
from kit.errors import BadInput, Misconfigured, NotFound, Rejected, Upstream
from kit.http import client
from service.carriers import make_carriers, manifest_of, reader, slugs
from service.settings import Settings
from tracking_lookup import report
from tracking_lookup.asking import candidates
from tracking_lookup.contract import Carrier, PushCarrier, Query
from tracking_lookup.detect import Found as Detected
from tracking_lookup.model import Status, Tracking

Found = list[dict[str, Any]]

out = Console(highlight=False)


async def track(settings: Settings, number: str, carrier: str | None) -> Found:
    """Ask about a number those it may belong to, until one knows it.

    Asked are the carriers whose numbers look like it, the likeliest first, then the aggregators; a
    number that looks like nobody's is asked of everybody. One that fails does not end the search.

    Args:
        carrier: Ask this source alone.

    Raises:
        BadInput: No such source is configured.
        Misconfigured: None that could know it is.
        Upstream: Nobody knew it, and this one could not answer.
    """
    number = "".join(number.split())
    async with client() as http:
        known = make_carriers(settings, http)
        if carrier is not None and carrier not in known:
            raise BadInput(_not_configured([carrier], known))
        found: Found = []
        fault: Upstream | None = None
        for slug in [carrier] if carrier is not None else _who_may_know(number, known):
            try:
                raw = await known[slug].fetch(Query(number))
                trackings = known[slug].parse(raw, number=number)
            except NotFound:
                found = found or [_not_found(slug, number)]
            except Upstream as error:
                fault = fault or error
            else:
                return [report.as_json(tracking, now=clock.now()) for tracking in trackings]
        if fault is not None:
            raise fault
        return found


def _who_may_know(number: str, known: Mapping[str, Carrier]) -> list[str]:
    """Sources to ask, best first. Raises ``Misconfigured`` where there is none."""
    like = candidates(number)
    aggregators = sorted(slug for slug, source in known.items() if source.manifest.aggregator)
    asked = [slug for slug in like if slug in known] + aggregators
    if not like:
        asked = [*sorted(known.keys() - set(aggregators)), *aggregators]
    if not asked:
        raise Misconfigured(_not_configured(like, known))
    return list(dict.fromkeys(asked))


def _not_configured(wanted: Sequence[str], known: Mapping[str, Carrier]) -> str:
    on = ", ".join(known) or "none"
    missing = [slug for slug in wanted if slug in slugs()]
    if not missing:
        what = f"no carrier {wanted[0]!r}" if wanted else "no carrier"
        return f"{what} is configured; there are: {on}"
    needed = " and ".join(manifest_of(missing[0]).secrets)
    return f"{missing[0]} is not configured: set {needed}; configured are: {on}"


def normalise(source: str, text: str) -> Found:
    """Read a source's raw answer, or the body of one of its webhooks; no key is needed for it.

    Args:
        text: JSON, a JSON list of several answers, or XML where the source answers in it.

    Raises:
        BadInput: No such source, or the file is neither JSON nor XML.
        Upstream: The answer is an error, or not of the documented shape.
    """
    if source not in slugs():
        raise BadInput(f"no source {source!r}; there are: {', '.join(slugs())}")
    is_xml = text.lstrip().startswith("<")
    try:
        payload = text if is_xml else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the file is not JSON ({error})") from error
    carrier = reader(source)
    try:
        return _reports(carrier, payload, text)
    except Rejected:
        if not isinstance(payload, list) or not payload:
            raise
    return [found for one in payload for found in _reports(carrier, one, json.dumps(one))]


def _reports(carrier: Carrier, payload: Any, text: str) -> Found:
    try:
        trackings = _read(carrier, payload, text)
    except NotFound:
        return [_not_found(carrier.manifest.slug, "")]
    return [report.as_json(tracking, now=clock.now()) for tracking in trackings]


def _read(carrier: Carrier, payload: Any, text: str) -> list[Tracking]:
    """As an answer, else as a webhook; where it is neither, why it is no answer."""
    try:
        return carrier.parse(payload)
    except Rejected as no_answer:
        if not isinstance(carrier, PushCarrier):
            raise
        try:
            return carrier.parse_push(text.encode())
        except Rejected:
            raise no_answer from None


def show(found: Found) -> None:
    """Print trackings for people."""
    for tracking in found:
        if tracking["status"] == Status.NOT_FOUND:
            out.print(f"{tracking['carrier']}: no such number: {escape(tracking['number'])}")
            continue
        detail = f" ({tracking['detail']})" if tracking["detail"] else ""
        out.print(
            f"[bold]{escape(tracking['number'])}[/]  {tracking['carrier']}  "
            f"[bold cyan]{tracking['status']}{detail}[/]  → {tracking['verdict']}"
            f"{_promise(tracking)}"
        )
        out.print(f"[dim]{_age(tracking['events'])}[/]")
        rows = Table.grid(padding=(0, 2))
        for event in tracking["events"]:
            rows.add_row(
                f"[dim]{_moment(event['at'])}[/]",
                event["status"],
                escape(event["place"] or ""),
                escape(event["text"]),
            )
        out.print(rows)


def _promise(tracking: dict[str, Any]) -> str:
    times = [_moment(at) for at in (tracking["promised_from"], tracking["promised_to"]) if at]
    return f"  promised {' to '.join(times)}" if times else ""


def _age(events: Sequence[dict[str, Any]]) -> str:
    if not events:
        return "no scan yet"
    since = datetime.fromisoformat(events[0]["at"]) - clock.now()
    return f"last scan {format_timedelta(since, add_direction=True, locale='en')}"


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at):%a %d %b %H:%M}"


def show_detected(found: Sequence[Detected]) -> None:
    """Print tracking numbers for people."""
    for one in found:
        candidates = ", ".join(
            f"{candidate.carrier}{f' ({candidate.country})' if candidate.country else ''} "
            f"[dim]{candidate.confidence:.2f}[/]"
            for candidate in one.candidates
        )
        out.print(f"[bold]{escape(one.number)}[/]  {candidates}")
    if not found:
        out.print("no tracking number")


def _not_found(carrier: str, number: str) -> dict[str, Any]:
    tracking = Tracking(carrier=carrier, number=number, status=Status.NOT_FOUND)
    return report.as_json(tracking, now=clock.now())
