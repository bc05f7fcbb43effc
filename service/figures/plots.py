"""Plots drawn on the server, as SVG. Pure: the same numbers, the same picture.

Colours are classes of ``figures.css``, so that the theme decides them. The same numbers stand in a
table beside each plot; a reader that sees no picture hears its title and that table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup, escape

WIDTH: Final = 720
HEIGHT: Final = 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 26
_MOST_LABELS = 8
_BAR_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers, each with its unit behind it; ``None`` where there is none that day."""

    words: str
    values: Sequence[float | None]
    unit: str = ""


def bars(days: Sequence[date], series: Sequence[Series], *, title: str) -> Markup:
    """The series on top of each other, a bar for each day."""
    top = _round_up(
        max((sum(s.values[i] or 0 for s in series) for i in range(len(days))), default=0)
    )
    slot = (WIDTH - _LEFT - _RIGHT) / max(1, len(days))
    drawn = []
    for i, day in enumerate(days):
        below = 0.0
        for number, each in enumerate(series):
            value = each.values[i] or 0
            if not value:
                continue
            y, height = _y(below + value, top), _y(below, top) - _y(below + value, top)
            drawn.append(
                f'<rect class="s{number}" x="{_LEFT + i * slot + slot * 0.12:.1f}" y="{y:.1f}" '
                f'width="{slot * 0.76:.1f}" height="{height:.1f}">'
                f"<title>{_tip(day, each, value)}</title></rect>"
            )
            below += value
    return _frame(days, top, "".join(drawn), title=title, middle=slot / 2, step=slot)


def lines(days: Sequence[date], series: Sequence[Series], *, title: str) -> Markup:
    """A line for each series, broken where there is no number."""
    known = [v for each in series for v in each.values if v is not None]
    top = _round_up(max(known, default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(days))
    drawn = []
    for number, each in enumerate(series):
        path, pen_down = [], False
        for i, value in enumerate(each.values):
            if value is None:
                pen_down = False
                continue
            x, y = _LEFT + (i + 0.5) * step, _y(value, top)
            path.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
            drawn.append(
                f'<circle class="s{number}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
                f"<title>{_tip(days[i], each, value)}</title></circle>"
            )
            pen_down = True
        drawn.append(f'<path class="s{number}" d="{" ".join(path)}"/>')
    return _frame(days, top, "".join(drawn), title=title, middle=step / 2, step=step)


def ranking(names: Sequence[str], values: Sequence[float], *, title: str) -> Markup:
    """A bar for each name, in the order given."""
    top = max(values, default=0) or 1
    height = max(1, len(names)) * _BAR_HEIGHT + 4
    parts = []
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        y = i * _BAR_HEIGHT
        width = (WIDTH - 300) * value / top
        parts.append(
            f'<text x="240" y="{y + 18}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="s0" x="250" y="{y + 4}" width="{width:.1f}" height="18"/>'
            f'<text x="{256 + width:.1f}" y="{y + 18}">{_number(value)}</text>'
        )
    return _svg(height, "".join(parts), title)


def _frame(
    days: Sequence[date], top: float, inside: str, *, title: str, middle: float, step: float
) -> Markup:
    parts = []
    for share in (0, 0.5, 1):
        y = _y(top * share, top)
        parts.append(
            f'<line class="rule" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(top * share)}</text>'
        )
    every = max(1, ceil(len(days) / _MOST_LABELS))
    for i in range(0, len(days), every):
        parts.append(
            f'<text x="{_LEFT + i * step + middle:.1f}" y="{HEIGHT - 6}" text-anchor="middle">'
            f"{days[i]:%-d %b}</text>"
        )
    return _svg(HEIGHT, "".join(parts) + inside, title)


def _svg(height: float, inside: str, title: str) -> Markup:
    return Markup(  # noqa: S704 - every text in it went through ``escape``
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"{inside}</svg>"
    )


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _round_up(value: float) -> float:
    """The end of an axis, never below the value: half of it is as round, and whole for counts."""
    if value <= 0:
        return 2
    power = 10.0 ** floor(log10(value))
    ends = (n * power for n in (1, 2, 4, 6, 10, 20))
    return next(end for end in ends if end >= value and end != 1)


def _tip(day: date, series: Series, value: float) -> str:
    return f"{day:%-d %b}: {escape(series.words)} {_number(value)}{escape(series.unit)}"


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
