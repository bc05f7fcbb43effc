"""The figures' page, and each figure as a spreadsheet."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from markupsafe import Markup
from sqlalchemy import select

from kit import clock
from kit.errors import NotFound
from kit.sheets import sheet
from service.accounts import guard
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.conversations.models import Conversation
from service.db import SessionDep
from service.figures import plots
from service.figures.catalogue import BY_SLUG, FIGURES, Column, Figure, Shape
from service.figures.plots import Series
from service.figures.service import MAX_DAYS, Result, Row, Span, run
from service.inbox.pages import render
from service.inbox.tickets import reason_words
from service.runtime import runtime

router = APIRouter(prefix="/figures")

DAYS = 30
LONGEST_RANKING = 12

ReaderDep = Annotated[SignedIn, Depends(guard.requires(Permission.READ_FIGURES))]
ExporterDep = Annotated[SignedIn, Depends(guard.requires(Permission.EXPORT))]


def span(
    request: Request,
    first: Annotated[date | None, Query()] = None,
    last: Annotated[date | None, Query()] = None,
    channel: Annotated[str, Query(max_length=40)] = "",
) -> Span:
    """The days that are asked for: the last 30 unless the address says else, a year at most."""
    zone = runtime(request).settings.zone
    today = clock.now().astimezone(zone).date()
    end = min(last or today, today)
    start = first if first is not None and first <= end else end - timedelta(days=DAYS - 1)
    return Span(max(start, end - timedelta(days=MAX_DAYS - 1)), end, zone, channel or None)


SpanDep = Annotated[Span, Depends(span)]


@router.get("")
async def figures(
    request: Request, session: SessionDep, who: ReaderDep, asked: SpanDep
) -> Response:
    """Every figure: its numbers, its plot, how it was counted."""
    now = clock.now()
    results = [await run(session, figure, asked, now=now) for figure in FIGURES]
    known = await session.scalars(
        select(Conversation.channel).distinct().order_by(Conversation.channel)
    )
    return render(
        request,
        "figures.html",
        now=now,
        who=who,
        span=asked,
        shown=[(result, _plot(result, asked)) for result in results],
        parameters={
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in asked.parameters(now=now).items()
        },
        channels=known.all(),
        Shape=Shape,
        number=_number,
        kind_words=_kind_words,
        longest=LONGEST_RANKING,
    )


@router.get("/{slug}.csv")
async def export(session: SessionDep, who: ExporterDep, asked: SpanDep, slug: str) -> Response:
    """A figure for each day and channel, as a spreadsheet. That it was exported is written down."""
    figure = BY_SLUG.get(slug)
    if figure is None:
        raise NotFound("no such figure")
    now = clock.now()
    result = await run(session, figure, asked, now=now)
    names = [*([figure.kind.name] if figure.kind else []), *(each.name for each in figure.columns)]
    await audit.record(
        session,
        who,
        Act.EXPORTED,
        f"figure:{slug}",
        now=now,
        first=asked.first.isoformat(),
        last=asked.last.isoformat(),
        channel=asked.channel,
    )
    rows = [[row["day"], row["channel"], *(row[name] for name in names)] for row in result.finest]
    return Response(
        sheet(["day", "channel", *names], rows),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{slug}-{asked.first}-{asked.last}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _plot(result: Result, asked: Span) -> Markup | None:
    """A figure's picture; ``None`` where there is nothing to show."""
    figure = result.figure
    if not any(row[name] for row in result.whole for name in figure.drawn):
        return None
    title = f"{figure.title}, {asked.first:%-d %b} to {asked.last:%-d %b %Y}"
    if figure.shape is Shape.RANKING:
        rows = result.whole[:LONGEST_RANKING]
        names = [_kind_words(figure, row) for row in rows]
        return plots.ranking(names, [float(row[figure.drawn[0]]) for row in rows], title=title)
    drawn = [next(c for c in figure.columns if c.name == name) for name in figure.drawn]
    series = [
        Series(
            column.words,
            [_value(result.daily.get(day, ()), column) for day in asked.days],
            column.unit,
        )
        for column in drawn
    ]
    draw = plots.bars if figure.shape is Shape.BARS else plots.lines
    return draw(asked.days, series, title=title)


def _value(rows: Any, column: Column) -> float | None:
    return float(rows[0][column.name]) if rows and rows[0][column.name] is not None else None


def _kind_words(figure: Figure, row: Row) -> str:
    """What a row is about, for people."""
    return reason_words(str(row[figure.kind.name])) if figure.kind else ""


def _number(row: Row, column: Column) -> str:
    """A number with its unit: ``"1,204"``, ``"61.5%"``; a dash where there is none."""
    value = row[column.name]
    if value is not None and column.unit == " min" and value >= 120:
        return f"{float(value) / 60:,.1f}".removesuffix(".0") + " h"
    return "-" if value is None else f"{float(value):,.2f}".rstrip("0").rstrip(".") + column.unit
