"""A file of parcels, read row by row: what cannot be used is counted by its reason."""

import csv
import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Final

from kit.errors import BadInput
from tracking_lookup.edd.shipments import UNKNOWN, Scan, Shipment, flaw
from tracking_lookup.model import Status

REQUIRED: Final = ("ordered_at", "delivered_at")
NEWEST: Final = 300_000
"""How many parcels of a longer file are kept: the newest by order time. Some 300 MB."""
REPORT_EVERY: Final = 50_000

Progress = Callable[[str], None]


@dataclass(slots=True)
class Loaded:
    """What a file held.

    Attributes:
        shipments: In the order of ``ordered_at``.
        rows: How many rows there were.
        skipped: Rows that could not be used, by reason.
        older: Good rows that were left out because there were newer ones enough.
    """

    shipments: list[Shipment]
    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    older: int = 0


class _BadRow(Exception):
    """Why one row cannot be used, in a few words that are counted."""


def read_csv(
    file: Path,
    *,
    zone: tzinfo = UTC,
    country: str = "",
    newest: int = NEWEST,
    progress: Progress | None = None,
) -> Loaded:
    """Read parcels from a CSV file with a header, in memory bounded by ``newest``.

    Args:
        zone: Of times that name none. Days are counted on this calendar.
        country: ISO 3166 alpha-2 of both ends where the file has no column for it; may be empty.

    Raises:
        BadInput: No such file, not a CSV, a needed column is missing, or not one row can be used.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return _read(csv.reader(text), file.name, zone, country, newest, progress)
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
    newest: int,
    progress: Progress | None,
) -> Loaded:
    lines = iter(rows)
    header = [cell.strip().lower() for cell in next(lines, [])]
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise BadInput(f"{name}: no column {', '.join(missing)}; there are: {', '.join(header)}")
    loaded = Loaded([])
    kept: list[tuple[datetime, int, Shipment]] = []
    for row in lines:
        if not row:
            continue
        loaded.rows += 1
        if progress and loaded.rows % REPORT_EVERY == 0:
            progress(f"{loaded.rows:,} rows")
        try:
            shipment = _shipment(dict(zip(header, row, strict=False)), loaded.rows, zone, country)
        except _BadRow as bad:
            loaded.skipped[str(bad)] += 1
            continue
        entry = (shipment.ordered_at, loaded.rows, shipment)
        if len(kept) < newest:
            heapq.heappush(kept, entry)
        else:
            heapq.heappushpop(kept, entry)
            loaded.older += 1
    if not kept:
        why = ", ".join(f"{count} x {reason}" for reason, count in loaded.skipped.most_common(5))
        raise BadInput(f"{name}: no parcel that can be used{f' ({why})' if why else ''}")
    loaded.shipments = [shipment for _, _, shipment in sorted(kept, key=lambda entry: entry[:2])]
    return loaded


def _shipment(row: dict[str, str], number: int, zone: tzinfo, country: str) -> Shipment:
    ordered = _time(row, "ordered_at", zone)
    if ordered is None:
        raise _BadRow("no ordered_at")
    handed = _time(row, "handed_over_at", zone)
    delivered = _time(row, "delivered_at", zone)
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


def _time(row: dict[str, str], column: str, zone: tzinfo) -> datetime | None:
    text = _text(row, column)
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
    at = _time(row, column, zone)
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
