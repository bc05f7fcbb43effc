"""What the commands share: where they print, how they read a file, how they use the database."""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from kit.errors import BadInput
from service.settings import settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
TextFile = Annotated[Path, typer.Argument(help="The file.", show_default=False)]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """Write the one JSON value of ``--json``."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


async def in_database(work: Callable[["AsyncSession"], Awaitable[T]]) -> T:
    """Do one thing in one transaction, in the database as it is now or will be first."""
    from service import db
    from service.cli.held import database

    with database(settings().database_url, settings().var) as url:
        db.migrate(url)
        async with db.opened(url) as sessions, sessions.begin() as session:
            return await work(session)


def read_text(file: Path) -> str:
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
