"""The command line. Each command is a few lines; the work is in the modules it calls.

With ``--json`` exactly one JSON value goes to standard output and everything else to standard
error. Exit code 0: done; 1: checked and not good; 2: could not. What a command needs is imported
when it runs, so that ``--help`` is there at once.
"""

import asyncio
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from kit.errors import AppError, BadInput
from service.cli import edd, look_up, manage
from service.cli.common import AsJson, err, out, print_json
from service.settings import ROOT, Settings, settings

app = typer.Typer(
    name="wismo",
    help='Self-hosted answers to "Where is my order?"',
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(look_up.app)
app.add_typer(manage.app)
app.add_typer(edd.app, name="edd", rich_help_panel="Look things up")

From = Annotated[str, typer.Option("--from", help="Speak as this shopper: a name of your own.")]
New = Annotated[bool, typer.Option("--new", help="Begin a new conversation.")]


@app.command(rich_help_panel="Run")
def up(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default 8000.")] = None,
    demo: Annotated[bool | None, typer.Option("--demo/--no-demo", help="The demo shop.")] = None,
) -> None:
    """Set up what is missing and run everything, until Ctrl-C."""
    from service.cli import supervisor

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
    from service.cli import terminal

    answer = asyncio.run(terminal.ask(text, sender=sender, new=new))
    if as_json:
        print_json(answer.as_json())
    else:
        terminal.show_answer(answer)


@app.command(rich_help_panel="Run")
def chat(sender: From = "", new: New = False) -> None:
    """Talk with the running service here in the terminal; Ctrl-D leaves."""
    from service.cli import terminal

    asyncio.run(terminal.chat(sender=sender, new=new))


@app.command(rich_help_panel="Run")
def doctor(as_json: AsJson = False) -> None:
    """Say what is configured, reachable, missing, and how to mend it."""
    from service.cli import doctor as checks

    findings = asyncio.run(checks.look(_settings_or_none()))
    if as_json:
        print_json([finding.as_json() for finding in findings])
    else:
        checks.show(findings)
    if any(finding.is_broken for finding in findings):
        raise typer.Exit(1)


@app.command(rich_help_panel="Develop")
def train() -> None:
    """Train the bot's model, if what it learns from has changed."""
    from service.cli import setup

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
    from service.cli import checks

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
    # As a module: what is beside it, such as bench/faq.py, would hide the packages of that name.
    command = [sys.executable, "-P", "-m", f"bench.{name}", *context.args]
    os.execve(sys.executable, command, os.environ | {"PYTHONPATH": str(ROOT)})  # noqa: S606


@app.command(rich_help_panel="Develop")
def lock() -> None:
    """Compile the locks again after a change of dependencies."""
    from service.cli import setup

    asyncio.run(setup.compile_locks(settings().var))


@app.command(hidden=True)
def serve(with_parent: bool = False) -> None:
    """Run the web process alone, as production does."""
    from service.cli import serve as processes

    processes.web(settings(), with_parent=with_parent)


@app.command(hidden=True)
def worker(with_parent: bool = False) -> None:
    """Run a worker alone, as production does."""
    from service.cli import serve as processes

    processes.worker(settings(), with_parent=with_parent)


@app.command(hidden=True)
def migrate() -> None:
    """Bring the database to the newest schema, as production does before it starts."""
    from service import db
    from service.cli.held import database

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
        print_json({"error": {"kind": kind, "message": message}})
    err.print(f"[red]wismo:[/] {escape(message)}", soft_wrap=True)
    sys.exit(2)


def _settings_or_none() -> Settings | str:
    """The settings, or why they cannot be read."""
    try:
        return settings()
    except AppError as error:
        return error.message
