"""``wismo up``: everything in one foreground command, and nothing left when it ends.

The processes it starts hold the reading end of a pipe from it as their standard input. When it
dies, however it dies, the pipe closes and they stop.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import psycopg
from rich.console import Console
from sqlalchemy import select

from kit import clock
from kit.errors import Misconfigured, Refused
from service import db
from service.accounts import service as accounts
from service.accounts.models import Agent
from service.accounts.permissions import Role
from service.cli import setup
from service.cli.held import database, held
from service.cli.process import STOPS, Child, free_port, listener, running
from service.cli.steps import console, step
from service.demo import service as demo
from service.settings import Settings

T = TypeVar("T")

READY_SECONDS = 120
RASA_RESTARTS = 5
DEMO_AGENT = "agent@example.com"


def up(settings: Settings) -> None:
    """Set up what is missing, run everything, and return when told to stop.

    Raises:
        Refused: Another ``up`` runs here, the port is taken, or something failed or died.
        Misconfigured: The database cannot be used.
    """
    note = f"Wismo is already running here: {settings.local_url} (process {os.getpid()})"
    with held(settings.var / "up.lock", note):
        listener(settings.host, settings.port).close()
        asyncio.run(_until_stopped(settings))


async def _until_stopped(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(_up(settings))

    def stop() -> None:
        for number in STOPS:  # asked once is enough; asking again must not break the clean-up
            loop.add_signal_handler(number, lambda: None)
        work.cancel()

    for number in STOPS:
        loop.add_signal_handler(number, stop)
    try:
        await work
    except asyncio.CancelledError:
        console.print("Stopped.")


async def _up(settings: Settings) -> None:
    with ExitStack() as blocking:
        try:
            url = await _prepare(settings, blocking)
            await _run(settings, url, blocking)
        finally:
            console.print("[dim]Stopping …")
            await _to_its_end(blocking.close)


async def _prepare(settings: Settings, stack: ExitStack) -> str:
    """Everything that must be there first, what fails soonest first; gives the database's URL."""
    with step("Database") as shown:
        if settings.database_url is None:
            shown.result = "PostgreSQL 18, in var/postgres"
        else:
            await _to_its_end(lambda: check_database(str(settings.database_url)))
            shown.result = "the one in DATABASE_URL"
        opened = database(settings.database_url, settings.var)
        url = await _to_its_end(lambda: stack.enter_context(opened))
        await _to_its_end(lambda: db.migrate(url))
    await setup.set_up_bot(settings.var)
    await setup.train(settings.var)
    return url


async def _run(settings: Settings, url: str, stack: ExitStack) -> None:
    rasa_port = free_port()
    scratch = stack.enter_context(TemporaryDirectory(prefix="rasa-", dir=settings.var))
    rasa = Child(
        "Rasa",
        [
            *(setup.BOT_PYTHON, setup.BOT / "serve.py"),
            *("--model", setup.model_path(settings.var)),
            *("--port", str(rasa_port)),
        ],
        settings.var / "log" / "rasa.log",
        {
            "ACTION_ENDPOINT_URL": f"{settings.local_url}/internal/rasa/actions",
            "ACTION_TOKEN": settings.rasa_token,
            "TMPDIR": scratch,
        },
    )
    web = Child(
        "The web process",
        [sys.executable, "-m", "service.cli", "serve", "--with-parent"],
        settings.var / "log" / "web.log",
        {
            "PORT": str(settings.port),
            "DEMO": str(settings.demo),
            "RASA_URL": f"http://127.0.0.1:{rasa_port}",
        },
    )
    async with running(rasa):
        password = await _demo_shop(url) if settings.demo else None
        async with running(web):
            with step("Rasa and the web process"):
                await _unless_ended([rasa, web], _ready(settings.local_url))
            _announce(settings, password)
            await _unless_ended([web], _keep(rasa))


async def _demo_shop(url: str) -> str | None:
    """Fill the demo shop; gives the first agent's password where that account was made now."""
    with step("Demo shop") as shown:
        async with db.opened(url) as sessions:
            new = await demo.seed(sessions, now=clock.now())
            async with sessions.begin() as session:
                orders = len(await demo.demo_orders(session))
                await demo.begin_year(session)
                shown.result = f"{orders} orders, {'with dates around now' if new else 'as before'}"
                if await session.scalar(select(Agent.id).limit(1)) is not None:
                    return None
                return await accounts.create_agent(
                    session, DEMO_AGENT, "Demo agent", role=Role.ADMIN
                )


async def _unless_ended(children: Sequence[Child], work: Coroutine[Any, Any, None]) -> None:
    """Await ``work``, unless one of the children ends first.

    Raises:
        Refused: One did.
    """
    ends: dict[asyncio.Task[Any], Child] = {
        asyncio.create_task(child.process.wait()): child for child in children
    }
    working: asyncio.Task[Any] = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({working, *ends}, return_when=asyncio.FIRST_COMPLETED)
        for task in done & ends.keys():
            raise ends[task].died(task.result())
        await working
    finally:
        for task in (working, *ends):
            task.cancel()
        await asyncio.gather(working, *ends, return_exceptions=True)


async def _ready(url: str) -> None:
    missing = "the web process does not answer"
    async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as http:
        try:
            async with asyncio.timeout(READY_SECONDS):
                while True:
                    try:
                        answer = await http.get("/readyz")
                    except httpx.TransportError:
                        pass
                    else:
                        if answer.is_success:
                            return
                        missing = answer.text
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Refused(f"not ready after {READY_SECONDS} s: {missing}") from None


async def _keep(rasa: Child) -> None:
    """Start Rasa again when it dies. Meanwhile shoppers are handed to people, so nobody is lost.

    Raises:
        Refused: It has died too often to be an accident.
    """
    for restart in range(RASA_RESTARTS):
        code = await rasa.process.wait()
        console.print(f"[yellow]![/] {rasa.died(code).message}. Starting it again.", soft_wrap=True)
        await asyncio.sleep(restart)
        await rasa.start()
    raise rasa.died(await rasa.process.wait())


def _announce(settings: Settings, password: str | None) -> None:
    """Say where everything is: on standard output, since this is what was asked for."""
    rows = [("Demo shop", f"{settings.base_url}/demo")] if settings.demo else []
    rows.append(("Inbox", f"{settings.base_url}/inbox"))
    if password:
        rows.append(("", f"sign in as {DEMO_AGENT} with {password} (shown once)"))
    rows.append(("API", f"{settings.base_url}/docs"))
    answers = Console(highlight=False)
    answers.print()
    for name, value in rows:
        answers.print(f"  [bold]{name:12}[/]{value}", soft_wrap=True)
    answers.print("\n  Ctrl-C stops everything.\n")


async def _to_its_end(function: Callable[[], T]) -> T:
    """Run blocking work in a thread. A cancellation waits for it, so that nothing is half done."""
    task = asyncio.create_task(asyncio.to_thread(function))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def check_database(url: str) -> None:
    """See that a database answers, within five seconds.

    Raises:
        Misconfigured: It does not; the message says why, without the password.
    """
    try:
        psycopg.connect(db.libpq_url(url), connect_timeout=5).close()
    except psycopg.ProgrammingError as error:  # its words quote the URL, password and all
        raise Misconfigured(
            "DATABASE_URL cannot be read: is a sign in it not %-encoded?"
        ) from error
    except (psycopg.Error, UnicodeError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise Misconfigured(f"the database in DATABASE_URL cannot be used: {reason}") from error
