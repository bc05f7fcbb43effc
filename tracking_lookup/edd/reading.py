"""A file of parcels, read row by row: what cannot be used is counted by its reason."""

import csv
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from kit.errors import BadInput
from tracking_lookup.edd.shipments import UNKNOWN, Scan, Shipment, flaw
from tracking_lookup.model import Status

REQUIRED: Final = ("ordered_at", "delivered_at")
MOST: Final = 300_000
"""How many parcels are learned from at most: evenly thinned where there are more. Some 300 MB."""
OLDEST: Final = timedelta(days=730)
"""Before the newest; where there are more than ``MOST``, older ones go first."""
REPORT_EVERY: Final = 50_000
# No cell of a text file holds it.
_BETWEEN: Final = "\0"
# To how much of ``MOST`` the rows are thinned at once, so that this is not done for each row.
_ROOM: Final = 0.9

Progress = Callable[[str], None]
_Kept = tuple[datetime, int, str]
"""A row: its order time, its number, its cells joined."""


@dataclass(slots=True)
class Loaded:
    """What a file held.

    Attributes:
        shipments: In the order of ``ordered_at``.
        rows: How many rows there were.
        skipped: Rows that could not be used, by reason.
        left_out: Rows that were not looked at because there were enough: old ones, and of the newer
            all but every second, fourth and so on.
    """

    shipments: list[Shipment]
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    left_out: int = 0


class _BadRow(Exception):
    """Why one row cannot be used, in a few words that are counted."""


def read_csv(
    file: Path,
    *,
    zone: tzinfo = UTC,
    country: str = "",
    most: int = MOST,
    progress: Progress | None = None,
) -> Loaded:
    """Read parcels from a CSV file with a header, in memory bounded by ``most``.

    Args:
        zone: Of times that name none. Days are counted on this calendar.
        country: ISO 3166 alpha-2 of both ends where the file has no column for it; may be empty.

    Raises:
        BadInput: No such file, not a CSV, a needed column is missing, or not one row can be used.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return _read(csv.reader(text), file.name, zone, country, most, progress)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: not UTF-8 text (byte {error.start})") from error
    except csv.Error as error:
        raise BadInput(f"{file}: not a CSV file ({error})") from error


def _read(
    rows: Iterable[list[str]],
    name: str,
    zone: tzinfo,
    country: str,
    most: int,
    progress: Progress | None,
) -> Loaded:
    lines = iter(rows)
    header = [cell.strip().lower() for cell in next(lines, [])]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise BadInput(f"{name}: no column {', '.join(missing)}; there are: {', '.join(header)}")
    loaded = Loaded([])
    newest_first = _sample(lines, header, zone, most, loaded, progress)
    while newest_first:  # each is let go of as soon as it is read
        number, line = newest_first.pop()
        try:
            row = dict(zip(header, line.split(_BETWEEN), strict=False))
            loaded.shipments.append(_shipment(row, number, zone, country))
        except _BadRow as bad:
            loaded.skipped[str(bad)] += 1
    if not loaded.shipments:
        why = ", ".join(f"{count} x {reason}" for reason, count in loaded.skipped.most_common(5))
        raise BadInput(f"{name}: no parcel that can be used{f' ({why})' if why else ''}")
    return loaded


def _sample(
    lines: Iterable[list[str]],
    header: list[str],
    zone: tzinfo,
    most: int,
    loaded: Loaded,
    progress: Progress | None,
) -> list[tuple[int, str]]:
    """The rows to be used, the newest order first: each one's number, and its cells joined.

    Where there are too many, first those older than ``OLDEST`` are let go of, then every second,
    and every second of those, and so on: evenly over time, so that days stay comparable.
    """
    place = header.index("ordered_at")
    kept: list[_Kept] = []
    every = 1
    for row in lines:
        if not row:
            continue
        loaded.rows += 1
        if progress and loaded.rows % REPORT_EVERY == 0:
            progress(f"{loaded.rows:,} rows")
        if loaded.rows % every:
            continue
        try:
            at = _time(row[place].strip() if place < len(row) else "", "ordered_at", zone)
            if at is None:
                raise _BadRow("no ordered_at")
        except _BadRow as bad:
            loaded.skipped[str(bad)] += 1
            continue
        kept.append((at, loaded.rows, _BETWEEN.join(row)))
        if len(kept) > most:
            kept = _recent(kept)
            while len(kept) > most * _ROOM:
                every *= 2
                kept = [entry for entry in kept if entry[1] % every == 0]
    kept = sorted(kept) if every == 1 else _recent(kept)
    loaded.left_out = loaded.rows - len(kept) - loaded.skipped.total()
    return [(number, line) for _, number, line in reversed(kept)]


def _recent(kept: list[_Kept]) -> list[_Kept]:
    kept = sorted(kept)
    return kept[bisect_left(kept, (kept[-1][0] - OLDEST,)) :]


def _shipment(row: dict[str, str], number: int, zone: tzinfo, country: str) -> Shipment:
    ordered = _time(_text(row, "ordered_at"), "ordered_at", zone)
    if ordered is None:
        raise _BadRow("no ordered_at")
    handed = _time(_text(row, "handed_over_at"), "handed_over_at", zone)
    delivered = _time(_text(row, "delivered_at"), "delivered_at", zone)
    one = Shipment(
        id=_text(row, "parcel_id") or str(number),
        ordered_at=ordered,
        carrier=_text(row, "carrier") or UNKNOWN,
        service=_text(row, "service"),
        handed_over_at=handed,
        delivered_at=delivered,
        promised=_day(row, "promised_at", zone),
        carrier_promised=_day(row, "carrier_promised_at", zone),
        seller=_text(row, "seller"),
        origin_country=_text(row, "origin_country") or country,
        origin_postcode=_text(row, "origin_postcode"),
        origin_region=_text(row, "origin_region"),
        destination_country=_text(row, "destination_country") or country,
        destination_postcode=_text(row, "destination_postcode"),
        destination_region=_text(row, "destination_region"),
        distance_km=_number(row, "distance_km"),
        weight_g=_number(row, "weight_g"),
        scans=_scans(row.get("scans", ""), zone),
    )
    why = flaw(one)
    if why:
        raise _BadRow(why)
    return one


def _text(row: dict[str, str], column: str) -> str:
    return row.get(column, "").strip()


def _time(text: str, column: str, zone: tzinfo) -> datetime | None:
    if not text:
        return None
    try:
        return _aware(text, zone)
    except (ValueError, OverflowError):
        raise _BadRow(f"{column} is not a time") from None


def _aware(text: str, zone: tzinfo) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)


def _day(row: dict[str, str], column: str, zone: tzinfo) -> date | None:
    at = _time(_text(row, column), column, zone)
    return at.date() if at else None


def _number(row: dict[str, str], column: str) -> float | None:
    """A measure; one that cannot be read is unknown, since the row is good without it."""
    try:
        value = float(_text(row, column))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _scans(text: str, zone: tzinfo) -> tuple[Scan, ...]:
    """``TIME|status|region`` joined by ``;``; what cannot be read is left out."""
    found = []
    for part in filter(None, text.split(";")):
        at, _, rest = part.partition("|")
        status, _, region = rest.partition("|")
        try:
            found.append(Scan(_aware(at.strip(), zone), Status(status.strip()), region.strip()))
        except ValueError:
            continue
    return tuple(sorted(found, key=lambda scan: scan.at))
