"""The long-running processes: web and worker."""

import asyncio
import gc
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop

from kit.errors import Refused
from service import jobs, logs
from service.app import create_app, make_runtime
from service.cli.held import database
from service.cli.process import STOPS, listener
from service.db import check_schema
from service.settings import Settings

# New objects before the young are looked through for garbage. Nearly all that a turn makes is freed
# as it falls; what awaits an answer would be looked at again and again (Python's own: 700).
YOUNG = 10_000
# An open event stream ends at once; a request in work may take this long.
FINISH_SECONDS = 5


class _Server(uvicorn.Server):
    """uvicorn without its signal handling, which would end the process before our own clean-up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to ``_stopped``."""
        yield


def web(settings: Settings, *, with_parent: bool = False) -> None:
    """Serve HTTP until told to stop.

    Args:
        with_parent: Standard input is a pipe from the parent: stop when it closes, which it does
            however the parent dies.

    Raises:
        Refused: The port is taken.
        Misconfigured: The database cannot be reached, or is not migrated.
    """
    uvloop.run(_web(settings, with_parent))


async def _web(settings: Settings, with_parent: bool) -> None:
    stopped = _stopped(with_parent)
    with (
        listener(settings.host, settings.port) as bound,
        database(settings.database_url, settings.var) as url,
    ):
        check_schema(url)
        app = create_app(settings)
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                ws="none",
                timeout_graceful_shutdown=FINISH_SECONDS,
            )
        )
        _collect_less()
        serving = asyncio.create_task(_serve(server, bound))
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        if hasattr(app.state, "runtime"):
            app.state.runtime.news.close()  # or open event streams would hold the server up
        await serving


async def _serve(server: uvicorn.Server, bound: socket.socket) -> None:
    try:
        await server.serve(sockets=[bound])
    except SystemExit as end:  # uvicorn's way to say that the app did not start
        raise Refused("the web process did not start; what was wrong is logged above") from end


def worker(settings: Settings, *, with_parent: bool = False) -> None:
    """Run jobs until told to stop; any number of workers may run on one database.

    Args:
        with_parent: As for ``web``.
    """
    uvloop.run(_worker(settings, with_parent))


async def _worker(settings: Settings, with_parent: bool) -> None:
    stopped = _stopped(with_parent)
    logs.configure(settings.log_level)
    with database(settings.database_url, settings.var) as url:
        check_schema(url)
        _collect_less()
        async with make_runtime(settings) as runtime:
            working = asyncio.create_task(jobs.work(runtime))
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            await asyncio.gather(working, return_exceptions=stopped.done())


def _collect_less() -> None:
    """Keep what is here for good out of garbage collections, and have fewer of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


def _stopped(with_parent: bool) -> "asyncio.Future[None]":
    """Done when the process is told to stop: by a signal, or by its parent's death."""
    loop = asyncio.get_running_loop()
    stopped = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    for number in STOPS:
        loop.add_signal_handler(number, stop)
    if with_parent:
        stdin = sys.stdin.fileno()

        def read() -> None:
            if not os.read(stdin, 4096):
                loop.remove_reader(stdin)
                stop()

        loop.add_reader(stdin, read)
    return stopped
