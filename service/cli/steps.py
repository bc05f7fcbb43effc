"""What a person at a terminal sees of long work: one line a step, and what it is at."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kit.errors import Refused
from service.settings import ROOT

# Standard output belongs to answers (``--json``); what is being done is told here.
console = Console(stderr=True, highlight=False)


class Step:
    """One step while it lasts.

    Attributes:
        result: Stands in its closing line in place of the seconds it took.
    """

    def __init__(self, title: str, progress: Progress) -> None:
        self._title = title
        self._progress = progress
        self._task = progress.add_task(title)
        self.result = ""

    def at(self, what: str) -> None:
        """Show what it is at, beside the spinner; nothing where there is no terminal."""
        self._progress.update(self._task, description=f"{self._title}  [dim]{escape(what[:50])}[/]")


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step while it runs, and one line when it is done."""
    begun = time.monotonic()
    if not console.is_terminal:
        console.print(f"… {title}")
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        shown = Step(title, progress)
        yield shown
    took = time.monotonic() - begun
    console.print(f"[green]✓[/] {title}  [dim]{escape(shown.result) or f'{took:.1f} s'}")


async def run_tool(
    title: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run one of our tools as a step; its output goes to a log.

    Cancelled, it stops the tool and whatever that started.

    Raises:
        Refused: It failed; the message holds its last words and names the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    last = ""
    with step(title) as shown, log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        said = process.stdout or asyncio.StreamReader()
        try:
            while chunk := await said.read(65536):
                file.write(chunk)
                lines = [line.strip() for line in chunk.decode(errors="replace").splitlines()]
                last = next((line for line in reversed(lines) if line), last)
                shown.at(last)
            await process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            why = f" ({last[:200]})" if last else ""
            raise Refused(f"{title}: failed{why}. All of it is in {log}")
