"""What several processes on one clone share: locks that die with their holder."""

import asyncio
import fcntl
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from kit.errors import Refused
from service.postgres import EmbeddedPostgres


@contextmanager
def held(path: Path, note: str) -> Iterator[None]:
    """Hold a file for this process alone. The kernel lets it go when the process dies, however.

    Args:
        note: What the next one who wants it is told; kept in the file while it is held.

    Raises:
        Refused: Another process holds it; the message is that one's note.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Refused(file.read().strip() or f"{path.name} is held") from None
        file.truncate(0)
        file.write(note)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def where_up_runs(var: Path) -> str | None:
    """The address that a running ``up`` noted in its lock; ``None`` where none runs."""
    with suppress(FileNotFoundError):
        found = re.search(r"https?://\S+", (var / "up.lock").read_text())
        return found[0] if found else None
    return None


@asynccontextmanager
async def in_turn(path: Path) -> AsyncIterator[None]:
    """Hold a file for this process alone, waiting for whoever has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield


@contextmanager
def database(url: str | None, var: Path) -> Iterator[str]:
    """The database to use: the configured one, or the embedded one, running while this is open.

    Every process that uses the embedded server opens it here, and the last one out stops it. So a
    command beside a running ``up`` does not stop it, and a server left behind by processes that
    were killed is taken over and stopped by the next.

    Args:
        url: ``DATABASE_URL``; ``None`` for the embedded server in ``var``.

    Raises:
        Misconfigured: The embedded server does not start.
    """
    if url is not None:
        yield url
        return
    server = EmbeddedPostgres(var / "postgres")
    var.mkdir(parents=True, exist_ok=True)
    with (var / "postgres.users").open("a") as users, (var / "postgres.turn").open("a") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)  # starting and stopping: one at a time
            fcntl.flock(users, fcntl.LOCK_SH)
            server.start()
            fcntl.flock(turn, fcntl.LOCK_UN)
            yield server.url
        finally:
            fcntl.flock(turn, fcntl.LOCK_EX)
            with suppress(BlockingIOError):  # somebody still uses it
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()
