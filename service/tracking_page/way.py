"""A sketch of a parcel's way: where it was scanned, drawn without anybody's map. Pure."""

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from kit.text import fold
from tracking_lookup.model import TrackingEvent

PLACES: Final = Path(__file__).parent / "places.csv"
WIDTH, HEIGHT = 480, 220
_MARGIN: Final = 48
_MOST: Final = 12
# Of the label's text, in the drawing's units: enough to keep two labels apart.
_LETTER, _LINE = 9.5, 20
_GAP: Final = 12


@dataclass(frozen=True, slots=True)
class Stop:
    """A dot of the drawing.

    Attributes:
        label: ``None`` where there is no room for it; the list of events names the place.
        anchor: SVG's ``text-anchor`` of the label.
    """

    x: float
    y: float
    name: str
    label: str | None
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Way:
    """A drawing of ``WIDTH`` by ``HEIGHT``.

    Attributes:
        stops: First to newest.
        path: The line through them, as SVG's ``d``.
        grid: Lines of latitude and longitude, as SVG's ``d``; empty for a plain line of stops.
    """

    stops: tuple[Stop, ...]
    path: str
    grid: str


def way(events: Sequence[TrackingEvent]) -> Way | None:
    """The way of a parcel; ``None`` where it was seen in fewer than two places.

    To scale where each place is known by its name, else stops on a line, evenly.

    Args:
        events: Newest first.
    """
    names: list[str] = []
    for event in reversed(events):
        if event.place and (not names or fold(event.place) != fold(names[-1])):
            names.append(event.place)
    names = names[-_MOST:]
    if len({fold(name) for name in names}) < 2:
        return None
    found = [_places().get(_key(name)) for name in names]
    known = [point for point in found if point is not None]
    if len(known) == len(found) and len(set(known)) > 1:
        points, grid = _projected(known)
    else:
        points, grid = _line(len(names)), ""
    return Way(_labelled(names, points), _curve(points), grid)


def _projected(places: Sequence[tuple[float, float]]) -> tuple[list[tuple[float, float]], str]:
    """Latitudes and longitudes on the drawing, as large as fits, and its grid."""
    shrink = math.cos(math.radians(sum(lat for lat, _ in places) / len(places)))
    start = places[0][1]
    # The short way round, also across the date line.
    flat = [((_near(lon, start)) * shrink, -lat) for lat, lon in places]
    left, right = min(x for x, _ in flat), max(x for x, _ in flat)
    top, bottom = min(y for _, y in flat), max(y for _, y in flat)
    wide, high = max(right - left, 0.5), max(bottom - top, 0.5)
    scale = min((WIDTH - 2.6 * _MARGIN) / wide, (HEIGHT - 1.6 * _MARGIN) / high)
    middle = ((left + right) / 2, (top + bottom) / 2)

    def placed(x: float, y: float) -> tuple[float, float]:
        return (
            round(WIDTH / 2 + (x - middle[0]) * scale, 1),
            round(HEIGHT / 2 + (y - middle[1]) * scale, 1),
        )

    step = next((s for s in (0.5, 1, 2, 5, 10, 20) if s * scale >= 36), 40.0)
    lines = []
    half_wide, half_high = WIDTH / 2 / scale, HEIGHT / 2 / scale
    number = math.ceil((middle[1] - half_high) / step)
    while number * step < middle[1] + half_high:
        lines.append(f"M0 {placed(0, number * step)[1]}H{WIDTH}")
        number += 1
    across = step * shrink
    number = math.ceil((middle[0] - half_wide) / across)
    while number * across < middle[0] + half_wide:
        lines.append(f"M{placed(number * across, 0)[0]} 0V{HEIGHT}")
        number += 1
    return [placed(x, y) for x, y in flat], "".join(lines)


def _near(longitude: float, start: float) -> float:
    return start + (longitude - start + 180) % 360 - 180


def _line(count: int) -> list[tuple[float, float]]:
    step = (WIDTH - 2 * _MARGIN) / (count - 1)
    return [(round(_MARGIN + n * step, 1), HEIGHT / 2) for n in range(count)]


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A line that bends a little, so that a way and its return are two."""
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        x = (x1 + x2) / 2 + (y2 - y1) * 0.12
        y = (y1 + y2) / 2 - (x2 - x1) * 0.12
        parts.append(f"Q{x:.1f} {y:.1f} {x2} {y2}")
    return "".join(parts)


def _labelled(names: Sequence[str], points: Sequence[tuple[float, float]]) -> tuple[Stop, ...]:
    """The stops with their labels where these find room; the newest and the first go first."""
    order = [len(names) - 1, *range(len(names) - 1)]
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in points]
    stops: dict[int, Stop] = {}
    said: set[str] = set()
    for index in order:
        name, (x, y) = names[index], points[index]
        short = name.rpartition(",")[0].strip() or name
        short = short if len(short) <= 22 else f"{short[:21].rstrip()}…"
        wide = len(short) * _LETTER
        stop = Stop(x, y, name, None, x, y, "middle")
        places = (
            (x, y - _GAP, "middle", x - wide / 2),
            (x, y + _GAP + _LINE - 4, "middle", x - wide / 2),
            (x + _GAP, y + 5, "start", x + _GAP),
            (x - _GAP, y + 5, "end", x - _GAP - wide),
        )
        for label_x, label_y, anchor, left in places if fold(name) not in said else ():
            box = (left, label_y - _LINE + 4, left + wide, label_y + 4)
            inside = box[0] > 4 and box[2] < WIDTH - 4 and box[1] > 4 and box[3] < HEIGHT - 4
            # Its own dot is among those taken, but a label may touch that one's corner.
            free = all(not _meet(box, other) for n, other in enumerate(taken) if n != index)
            if inside and free:
                taken.append(box)
                said.add(fold(name))
                stop = Stop(x, y, name, short, round(label_x, 1), round(label_y, 1), anchor)
                break
        stops[index] = stop
    return tuple(stops[index] for index in range(len(names)))


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _key(place: str) -> tuple[str, str]:
    """``Leipzig, DE`` as the table has it; without a country nothing is found."""
    name, _, country = place.rpartition(",")
    return fold(name.partition(",")[0]).strip(), country.strip().upper()


@cache
def _places() -> Mapping[tuple[str, str], tuple[float, float]]:
    with PLACES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            (fold(row["name"]), row["country"]): (float(row["latitude"]), float(row["longitude"]))
            for row in rows
        }
