"""Processes and ports of this machine."""

import asyncio
import errno
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kit.errors import Misconfigured, Refused
from service.settings import ROOT

STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS: Final = 10


@dataclass(slots=True)
class Child:
    """A process that lives as long as we do.

    Attributes:
        log: What it says goes there; the log of the run before is kept beside it as ``.1``.
    """

    name: str
    command: Sequence[str | Path]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process = field(init=False)

    async def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C reaches us alone, and we stop it in order."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def stop(self) -> None:
        """Stop it and whatever it started; by force after ten seconds."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self.process.wait()
        self._signal(signal.SIGKILL)
        await self.process.wait()

    def died(self, code: int) -> Refused:
        """The error that says so.

        Args:
            code: Its exit code; negative for a signal.
        """
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return Refused(f"{self.name} {how}. Its log: {self.log}")

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # all of its group are gone
            os.killpg(self.process.pid, number)


@asynccontextmanager
async def running(child: Child) -> AsyncIterator[Child]:
    """A child, running while this is open."""
    child.log.parent.mkdir(parents=True, exist_ok=True)
    if child.log.exists():
        child.log.replace(child.log.with_name(child.log.name + ".1"))
    await child.start()
    try:
        yield child
    finally:
        await child.stop()


def listener(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        Refused: The port is taken, or not ours to take.
        Misconfigured: The host is no address of this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            why = "taken" if error.errno == errno.EADDRINUSE else "not for ordinary users"
            raise Refused(f"port {port} on {host} is {why}: choose another with --port") from error
        raise Misconfigured(f"HOST: cannot listen on {host!r}: {error.strerror}") from error
    # For each connection that it takes. asyncio does not do it for a socket made like this, and the
    # end of every answer would wait 40 ms until the other side has said that it got the beginning.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def free_port() -> int:
    """A port on loopback that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
