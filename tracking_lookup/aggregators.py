"""What the adapters of aggregators share, beyond ``reading``."""

import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kit.errors import BadWebhook, Rejected
from tracking_lookup.model import Status, TrackingEvent
from tracking_lookup.reading import Meaning, tidy

_UNKNOWN: Final[Meaning] = (Status.UNKNOWN, None)


def number_of(value: Any) -> str:
    """A parcel's number, tidy. Raises ``ValueError`` for none: it could be anybody's parcel."""
    number = tidy(value)
    if not number:
        raise ValueError("no number")
    return number


def asked_as(carriers: Mapping[str, str]) -> dict[str, str]:
    """How to ask for a carrier of ours: our slug → the aggregator's code.

    Args:
        carriers: The aggregator's code → our slug.

    Returns:
        A carrier that is one of theirs only. Where several of theirs are one of ours (``"dpd"``
        and ``"dpd-uk"``) there is no row, and the aggregator's own detection is the better judge.
    """
    times = Counter(carriers.values())
    return {ours: theirs for theirs, ours in carriers.items() if times[ours] == 1}


def meaning(table: Mapping[str, Meaning], *codes: str) -> Meaning | None:
    """Our words for the first code that has a row.

    Args:
        codes: The most exact first; empty where it was left out.

    Returns:
        ``unknown`` where none has a row; ``None`` where all were left out.
    """
    given = [code for code in codes if code]
    return next((table[code] for code in given if code in table), _UNKNOWN) if given else None


def summary(said: Meaning | None, events: Sequence[TrackingEvent]) -> Meaning:
    """A parcel's status and detail.

    Args:
        said: What the aggregator says of the parcel as a whole; ``None`` where it says nothing.
        events: Newest first.

    Returns:
        What was said, with the newest scan's detail where both have one status; the newest scan's
        only where nothing was said. A word that we do not know stays ``unknown``.
    """
    newest = (events[0].status, events[0].detail) if events else _UNKNOWN
    if said is None:
        return newest
    status, detail = said
    return status, detail or (newest[1] if status is newest[0] else None)


def pushed(body: bytes, source: str) -> dict[str, Any]:
    """The JSON object in a webhook. Raises ``Rejected`` for anything else."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rejected(source, "the webhook is not JSON") from error
    if not isinstance(payload, dict):
        raise Rejected(source, "the webhook is not an object")
    return payload


def check(given: str, expected: str, *, key: str, source: str) -> None:
    """Compare a webhook's signature in constant time.

    Args:
        key: What it was made with; without one every webhook is refused.

    Raises:
        BadWebhook: It does not match.
    """
    if not key or not hmac.compare_digest(given.encode(), expected.encode()):
        raise BadWebhook(f"{source}: signature does not match")
