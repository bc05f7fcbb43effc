"""The command line. Each command is a few lines; the work is in the modules it calls.

With ``--json`` exactly one JSON value goes to standard output and everything else to standard
error. Exit code 0: done; 1: checked and not good; 2: could not.
"""

import asyncio
import json
import os
import sys
import traceback
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from kit.errors import AppError, BadInput, Upstream
from service.settings import ROOT, Settings, settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

app = typer.Typer(
    name="wismo",
    help='Self-hosted answers to "Where is my order?"',
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
agent_app = typer.Typer(help="Accounts of the people who answer.", no_args_is_help=True)
import_app = typer.Typer(help="Bring orders in.", no_args_is_help=True)
faq_app = typer.Typer(help="Try the FAQ as the bot sees it.", no_args_is_help=True)
nlu_app = typer.Typer(help="Try what the bot understands.", no_args_is_help=True)
app.add_typer(agent_app, name="agent")
app.add_typer(import_app, name="import")
app.add_typer(faq_app, name="faq")
webhooks_app = typer.Typer(help="Carriers' webhooks that could not be read.", no_args_is_help=True)
app.add_typer(nlu_app, name="nlu")
app.add_typer(webhooks_app, name="webhooks")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
From = Annotated[str, typer.Option("--from", help="Speak as this shopper: a name of your own.")]
New = Annotated[bool, typer.Option("--new", help="Begin a new conversation.")]
TextFile = Annotated[Path, typer.Argument(help="The file.", show_default=False)]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@app.command(rich_help_panel="Run")
def up(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default 8000.")] = None,
    demo: Annotated[bool | None, typer.Option("--demo/--no-demo", help="The demo shop.")] = None,
) -> None:
    """Set up what is missing and run everything, until Ctrl-C."""
    from service import supervisor

    given = {"port": port, "demo": demo}
    changed = {name: value for name, value in given.items() if value is not None}
    supervisor.up(settings().model_copy(update=changed))


@app.command(rich_help_panel="Run")
def say(
    text: Annotated[str, typer.Argument(show_default=False)],
    sender: From = "",
    as_json: AsJson = False,
    new: New = False,
) -> None:
    """Send one message into the running service and print the replies."""
    from service import terminal

    answer = asyncio.run(terminal.ask(text, sender=sender, new=new))
    if as_json:
        _print_json(answer.as_json())
    else:
        terminal.show_answer(answer)


@app.command(rich_help_panel="Run")
def chat(sender: From = "", new: New = False) -> None:
    """Talk with the running service here in the terminal; Ctrl-D leaves."""
    from service import terminal

    asyncio.run(terminal.chat(sender=sender, new=new))


@app.command(rich_help_panel="Run")
def doctor(as_json: AsJson = False) -> None:
    """Say what is configured, reachable, missing, and how to mend it."""
    from service import doctor as checks

    findings = asyncio.run(checks.look(_settings_or_none()))
    if as_json:
        _print_json([finding.as_json() for finding in findings])
    else:
        checks.show(findings)
    if any(finding.is_broken for finding in findings):
        raise typer.Exit(1)


@app.command(rich_help_panel="Develop")
def train() -> None:
    """Train the bot's model, if what it learns from has changed."""
    from service import setup

    async def work() -> Path:
        await setup.set_up_bot(settings().var)
        return await setup.train(settings().var)

    out.print(str(asyncio.run(work())), soft_wrap=True, markup=False)


@app.command(
    rich_help_panel="Develop",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def test(context: typer.Context) -> None:
    """Run every check; with arguments, pytest alone with those."""
    from service import checks

    raise typer.Exit(checks.run(context.args, settings().var))


@app.command(
    rich_help_panel="Develop",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def bench(context: typer.Context, name: str) -> None:
    """Run a benchmark of [bold]bench/[/]."""
    script = ROOT / "bench" / f"{name}.py"
    if not name.isidentifier() or not script.exists():
        known = sorted(path.stem for path in (ROOT / "bench").glob("[!_]*.py"))
        raise BadInput(f"no benchmark {name!r}; there are: {', '.join(known) or 'none yet'}")
    os.execv(sys.executable, [sys.executable, str(script), *context.args])  # noqa: S606


@app.command(rich_help_panel="Develop")
def lock() -> None:
    """Compile the locks again after a change of dependencies."""
    from service import setup

    asyncio.run(setup.compile_locks(settings().var))


@app.command(rich_help_panel="Look things up")
def track(
    number: str,
    carrier: Annotated[str | None, typer.Option(help="Ask this carrier alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the configured carriers where a parcel is."""
    from service import lookups

    _answer(lambda: asyncio.run(lookups.track(settings(), number, carrier)), as_json)


@app.command(rich_help_panel="Look things up")
def detect(text: str, as_json: AsJson = False) -> None:
    """The tracking numbers in a text, and who may carry each."""
    from service import lookups
    from tracking_lookup import detect as detection

    found = detection.detect(text)
    if as_json:
        _print_json(detection.as_json(found))
    else:
        lookups.show_detected(found)


@app.command(rich_help_panel="Look things up")
def normalise(source: str, file: TextFile, as_json: AsJson = False) -> None:
    """Turn a carrier's raw answer into canonical tracking."""
    from service import lookups

    _answer(lambda: lookups.normalise(source, _read(file)), as_json)


@faq_app.command("search")
def faq_search(
    text: str,
    lang: str = "en",
    at: Annotated[str | None, typer.Option(help="A day, as 2026-12-24; default today.")] = None,
    as_json: AsJson = False,
) -> None:
    """The articles that may answer a question."""
    from service import lookups

    found = lookups.faq_search(settings(), text, lang, at)
    if as_json:
        _print_json(found)
    else:
        lookups.show_faq(found)


@faq_app.command("eval")
def faq_eval(file: TextFile, as_json: AsJson = False) -> None:
    """How often the right article is found: lines of {"text", "article"}."""
    from service import lookups

    figures = lookups.faq_eval(settings(), _read(file))
    if as_json:
        _print_json(figures)
    else:
        out.print("  ".join(f"{name} [bold]{value}[/]" for name, value in figures.items()))


@nlu_app.command("eval")
def nlu_eval(file: TextFile, as_json: AsJson = False) -> None:
    """How often the intent is right: lines of {"text", "intent"} or {"text", "group"}."""
    from service import nlu

    figures = nlu.evaluate(settings(), _read(file))
    if as_json:
        _print_json(nlu.as_json(figures))
    else:
        nlu.show(figures)


@nlu_app.command("parse")
def nlu_parse() -> None:
    """Read texts on standard input, one a line; write what they mean, one JSON object a line."""
    from service import nlu

    for parsed in nlu.parse(settings(), _read(Path("-"))):
        _print_json(parsed)


@webhooks_app.command("list")
def webhooks_list(as_json: AsJson = False) -> None:
    """Those that could not be read, newest first, each with the reason."""
    from service.tracking import service as tracking

    dead = asyncio.run(_in_database(tracking.dead_letters))
    if as_json:
        _print_json([{"id": w.id, "source": w.source, "error": w.error} for w in dead])
    for webhook in () if as_json else dead:
        out.print(f"[bold]{webhook.id}[/]  {webhook.source}  {escape(webhook.error or '')}")


@webhooks_app.command("replay")
def webhooks_replay(
    ids: Annotated[list[int] | None, typer.Argument(help="All, if none is named.")] = None,
) -> None:
    """Have them read again, once an adapter has been mended."""
    from service.tracking import service as tracking

    count = asyncio.run(_in_database(lambda session: tracking.replay(session, ids or None)))
    out.print(f"{count} will be read again")


@import_app.command("csv")
def import_csv(file: TextFile, as_json: AsJson = False) -> None:
    """Orders from a CSV file; the same file again changes nothing."""
    _import_orders("csv", file, as_json)


@import_app.command("shopify")
def import_shopify(file: TextFile, as_json: AsJson = False) -> None:
    """Orders as Shopify's Admin API writes them, JSON; the same file again changes nothing."""
    _import_orders("shopify", file, as_json)


@agent_app.command("add")
def agent_add(email: str, name: Annotated[str, typer.Option(help="For colleagues.")] = "") -> None:
    """Make an account; prints its password, once."""
    from service.inbox import accounts

    out.print(
        asyncio.run(_in_database(lambda session: accounts.create_agent(session, email, name))),
        markup=False,
    )


@agent_app.command("password")
def agent_password(email: str) -> None:
    """Give an agent a new password; prints it, once."""
    from service.inbox import accounts

    out.print(
        asyncio.run(_in_database(lambda session: accounts.renew_password(session, email))),
        markup=False,
    )


@app.command(hidden=True)
def serve(with_parent: bool = False) -> None:
    """Run the web process alone, as production does."""
    from service import serve as processes

    processes.web(settings(), with_parent=with_parent)


@app.command(hidden=True)
def worker() -> None:
    """Run a worker alone, as production does."""
    from service import serve as processes

    processes.worker(settings())


@app.command(hidden=True)
def migrate() -> None:
    """Bring the database to the newest schema, as production does before it starts."""
    from service import db
    from service.held import database

    with database(settings().database_url, settings().var) as url:
        db.migrate(url)


def main() -> None:
    """Run the command line: every failure is one line, and its exit code says what kind."""
    warnings.simplefilter("ignore")  # they are for developers; the tests make them errors
    try:
        app(prog_name="./wismo")
    except AppError as error:
        _fail(error.kind, error.message)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # the last resort: a person never sees a traceback
        if os.environ.get("WISMO_DEBUG"):
            raise
        log = settings().var / "log" / "error.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc())
        _fail("defect", f"a defect ({type(error).__name__}); what happened is in {log}")


def _fail(kind: str, message: str) -> NoReturn:
    if "--json" in sys.argv[1:]:
        _print_json({"error": {"kind": kind, "message": message}})
    err.print(f"[red]wismo:[/] {escape(message)}", soft_wrap=True)
    sys.exit(2)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _answer(lookup: Callable[[], list[dict[str, Any]]], as_json: bool) -> None:
    """Print what a lookup found; what the carrier refused is an answer too, with exit code 1."""
    from service import lookups

    try:
        found = lookup()
    except Upstream as error:
        if not as_json:
            err.print(f"[red]{escape(error.message)}", soft_wrap=True)
        else:
            _print_json({"error": {"kind": error.kind, "message": error.message}})
        raise typer.Exit(1) from error
    if as_json:
        _print_json(found)
    else:
        lookups.show(found)


def _import_orders(storefront: str, file: Path, as_json: bool) -> None:
    from service import orders_in

    report = asyncio.run(orders_in.bring_in(settings(), storefront, file))
    if as_json:
        _print_json(asdict(report))
    else:
        orders_in.show(report)
    if report.problem_count:
        raise typer.Exit(1)


async def _in_database(work: Callable[["AsyncSession"], Awaitable[T]]) -> T:
    """Do one thing in one transaction, in the database as it is now or will be first."""
    from service import db
    from service.held import database

    with database(settings().database_url, settings().var) as url:
        db.migrate(url)
        async with db.opened(url) as sessions, sessions.begin() as session:
            return await work(session)


def _read(file: Path) -> str:
    """A text file.

    Raises:
        BadInput: It is missing, a folder, or not text; the message says which.
    """
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: not UTF-8 text (byte {error.start})") from error
    if "\0" in text:
        raise BadInput(f"{file}: not a text file")
    return text


def _settings_or_none() -> Settings | str:
    """The settings, or why they cannot be read."""
    try:
        return settings()
    except AppError as error:
        return error.message


if __name__ == "__main__":
    main()
