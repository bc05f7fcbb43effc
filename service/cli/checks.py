"""``wismo test``: every check that a change must pass."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.markup import escape

from kit.errors import Misconfigured
from service.cli import setup
from service.cli.steps import console, run_tool
from service.settings import ROOT

LINT_IMPORTS: Final = "from importlinter.cli import lint_imports_command; lint_imports_command()"
CHECKS: Final = (
    ("Lint", ("-m", "ruff", "check", ".")),
    ("Format", ("-m", "ruff", "format", "--check", ".")),
    ("Types", ("-m", "mypy")),
    ("Import contracts", ("-c", LINT_IMPORTS)),
)
# The tests wait more than they work: two processes halve their time on two cores. A file's tests
# stay together, so that what they share is made once.
AT_ONCE: Final = ("--numprocesses=2", "--dist=loadfile")
CHROMIUMS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
INSTALLERS: Final = {
    "apt-get": (("apt-get", "update"), ("apt-get", "install", "--yes", "chromium")),
    "dnf": (("dnf", "install", "--assumeyes", "chromium"),),
    "apk": (("apk", "add", "chromium"),),
}


def run(arguments: Sequence[str], var: Path) -> int:
    """Run every check, or with arguments pytest alone with those.

    Each check runs, whatever became of the ones before; pytest is last, and so are its words.

    Returns:
        0 where all passed, else 1 (or pytest's own code).

    Raises:
        Refused: Something they need cannot be set up.
    """
    asyncio.run(prepare(var))
    failed = [] if arguments else [title for title, command in CHECKS if not _check(title, command)]
    if failed:
        console.print(f"[red]✗ failed before the tests: {', '.join(failed)}")
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", *(arguments or AT_ONCE)], cwd=ROOT, check=False
    )
    return tests.returncode or (1 if failed else 0)


async def prepare(var: Path) -> None:
    """Bring what the tests need beside Python packages: the bot, its model, a browser."""
    await setup.set_up_bot(var)
    await setup.train(var)
    if chromium() is None:
        await _install_chromium(var)


def chromium() -> str | None:
    """The browser the tests drive: ``WISMO_CHROMIUM``, or the system's; ``None``: there is none."""
    chosen = os.environ.get("WISMO_CHROMIUM")
    return chosen or next(filter(None, map(shutil.which, CHROMIUMS)), None)


async def _install_chromium(var: Path) -> None:
    manager = next(filter(shutil.which, INSTALLERS), None)
    commands = INSTALLERS.get(manager or "", ())
    if os.geteuid() == 0:
        for command in commands:
            await run_tool(
                f"Installing Chromium for the browser tests ({' '.join(command)})",
                command,
                log=var / "log" / "chromium.log",
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
    if chromium() is None:
        how = " && ".join("sudo " + " ".join(command) for command in commands)
        raise Misconfigured(
            "the browser tests need Chromium: "
            + (f"run {how}" if how else "install it")
            + ", or name one in WISMO_CHROMIUM"
        )


def _check(title: str, command: Sequence[str]) -> bool:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        console.print(f"[green]✓[/] {title}")
        return True
    console.print(f"[red]✗ {title}")
    console.print(escape(done.stdout + done.stderr), soft_wrap=True)
    return False
