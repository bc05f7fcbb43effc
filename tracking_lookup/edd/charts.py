"""Two small charts as SVG text: no script, no library, readable by a screen reader."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 40, 14, 40


def reliability(points: Sequence[tuple[str, Sequence[tuple[float, float]]]]) -> str:
    """Promised share against the share that came by then; on the diagonal dates mean what they say.

    Args:
        points: Per line its name, and its (promised, came) from 0 to 1.
    """
    ticks = [(value / 4, f"{value * 25} %") for value in range(5)]
    body = [_line("guide", [_at(0, 0), _at(1, 1)])]
    for number, (name, line) in enumerate(points):
        body.append(_line(f"line{number}", [_at(x, y) for x, y in line]))
        body += [_dot(f"line{number}", _at(x, y), f"{name}: {x:.0%} promised, {y:.1%} came")
                 for x, y in line]  # fmt: skip
    said = "; ".join(
        f"{name}: " + ", ".join(f"{x:.0%} promised {y:.0%} came" for x, y in line)
        for name, line in points
    )
    return _chart("Reliability", said, body, ticks, ticks)


def over_time(
    title: str, labels: Sequence[str], lines: Sequence[tuple[str, Sequence[float]]], unit: str
) -> str:
    """One value a month, a line each. NaN is a gap; there is none in ours."""
    highest = max((value for _, values in lines for value in values), default=1.0)
    top = 2 * math.ceil(highest / 2) or 2  # so that its quarters are round
    step = max(1, len(labels) // 6)
    width = max(1, len(labels) - 1)
    across = [(i / width, label) for i, label in enumerate(labels) if i % step == 0]
    down = [(part / 4, f"{top * part / 4:g}") for part in range(5)]
    body = []
    for number, (name, values) in enumerate(lines):
        spots = [_at(i / width, value / top) for i, value in enumerate(values)]
        body.append(_line(f"line{number}", spots))
        body += [_dot(f"line{number}", spot, f"{name}, {label}: {value:.1f} {unit}")
                 for spot, label, value in zip(spots, labels, values, strict=True)]  # fmt: skip
    said = "; ".join(
        f"{name}: "
        + ", ".join(f"{label} {value:.1f}" for label, value in zip(labels, values, strict=True))
        for name, values in lines
    )
    return _chart(title, said, body, across, down)


def legend(names: Sequence[str]) -> str:
    """What the colours mean."""
    keys = "".join(
        f'<li><span class="key line{number}"></span>{escape(name)}</li>'
        for number, name in enumerate(names)
    )
    return f'<ul class="legend">{keys}</ul>'


def _chart(
    title: str,
    said: str,
    body: Sequence[str],
    across: Sequence[tuple[float, str]],
    down: Sequence[tuple[float, str]],
) -> str:
    grid = []
    for place, label in across:
        x, _ = _at(place, 0)
        grid.append(
            f'<text x="{x:.0f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(label)}</text>'
        )
    for place, label in down:
        x, y = _at(0, place)
        end, _ = _at(1, place)
        grid.append(f'<line class="grid" x1="{x:.0f}" y1="{y:.0f}" x2="{end:.0f}" y2="{y:.0f}"/>')
        grid.append(
            f'<text x="{x - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{escape(label)}</text>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(said)}</desc>{''.join(grid)}{''.join(body)}</svg>"
    )


def _at(x: float, y: float) -> tuple[float, float]:
    """A place of the unit square, in the drawing."""
    return (
        _LEFT + x * (WIDTH - _LEFT - _RIGHT),
        HEIGHT - _BOTTOM - y * (HEIGHT - _TOP - _BOTTOM),
    )


def _line(name: str, spots: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    return f'<polyline class="{name}" points="{path}"/>'


def _dot(name: str, spot: tuple[float, float], said: str) -> str:
    x, y = spot
    title = f"<title>{escape(said)}</title>"
    return f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">{title}</circle>'
