"""Commands that look something up: parcels, tracking numbers, articles, intents."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from kit.errors import Upstream
from service.cli.common import AsJson, TextFile, err, out, print_json, read_text
from service.settings import settings

OnDay = Annotated[
    str | None,
    typer.Option("--at", help="A day, as 2026-12-24, or an hour of it, as 2026-12-24T15:00."),
]

app = typer.Typer()
faq_app = typer.Typer(help="Try the FAQ as the bot sees it.", no_args_is_help=True)
nlu_app = typer.Typer(help="Try what the bot understands.", no_args_is_help=True)
app.add_typer(faq_app, name="faq")
app.add_typer(nlu_app, name="nlu")


@app.command(rich_help_panel="Look things up")
def track(
    number: str,
    carrier: Annotated[str | None, typer.Option(help="Ask this carrier alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the configured carriers where a parcel is."""
    from service.cli import lookups

    _answer(lambda: asyncio.run(lookups.track(settings(), number, carrier)), as_json)


@app.command(rich_help_panel="Look things up")
def detect(text: str, as_json: AsJson = False) -> None:
    """The tracking numbers in a text, and who may carry each."""
    from service.cli import lookups
    from tracking_lookup import detect as detection

    found = detection.detect(text)
    if as_json:
        print_json(detection.as_json(found))
    else:
        lookups.show_detected(found)


@app.command(rich_help_panel="Look things up")
def normalise(source: str, file: TextFile, as_json: AsJson = False) -> None:
    """Turn a carrier's raw answer into canonical tracking."""
    from service.cli import lookups

    _answer(lambda: lookups.normalise(source, read_text(file)), as_json)


@faq_app.command("search")
def faq_search(
    text: str,
    lang: str = "en",
    at: OnDay = None,
    as_json: AsJson = False,
) -> None:
    """The articles that may answer a question."""
    from service.cli import faq

    found, said = faq.search(settings(), text, lang, at)
    if as_json:
        print_json(found)
    else:
        faq.show(found, said)


@faq_app.command("eval")
def faq_eval(
    file: TextFile,
    lang: str = "en",
    at: OnDay = None,
    content: Annotated[
        Path | None, typer.Option(help="Search this folder of articles; titles are enough.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How often the right article is found: lines of {"text", "article"}."""
    from service.cli import faq

    figures = faq.evaluated(settings(), read_text(file), lang, at, content)
    if as_json:
        print_json(figures)
    else:
        out.print("  ".join(f"{name} [bold]{value}[/]" for name, value in figures.items()))


@faq_app.command("check")
def faq_check(at: OnDay = None, as_json: AsJson = False) -> None:
    """Broken links, missing translations, overlaps, holes in the year; exit code 1 on errors."""
    from service.cli import faq

    findings = faq.checked(settings(), at)
    if as_json:
        print_json([one.as_json() for one in findings])
    else:
        faq.show_findings(findings)
    if any(one.is_error for one in findings):
        raise typer.Exit(1)


@nlu_app.command("eval")
def nlu_eval(file: TextFile, as_json: AsJson = False) -> None:
    """How often the intent is right: lines of {"text", "intent"} or {"text", "group"}."""
    from service.cli import nlu

    figures = nlu.evaluate(settings(), read_text(file))
    if as_json:
        print_json(nlu.as_json(figures))
    else:
        nlu.show(figures)


@nlu_app.command("parse")
def nlu_parse() -> None:
    """Read texts on standard input, one a line; write what they mean, one JSON object a line."""
    from service.cli import nlu

    for parsed in nlu.parse(settings(), read_text(Path("-"))):
        print_json(parsed)


def _answer(lookup: Callable[[], list[dict[str, Any]]], as_json: bool) -> None:
    """Print what a lookup found; what the carrier refused is an answer too, with exit code 1."""
    from service.cli import lookups

    try:
        found = lookup()
    except Upstream as error:
        if not as_json:
            err.print(f"[red]{escape(error.message)}", soft_wrap=True)
        else:
            print_json({"error": {"kind": error.kind, "message": error.message}})
        raise typer.Exit(1) from error
    if as_json:
        print_json(found)
    else:
        lookups.show(found)
