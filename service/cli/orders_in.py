"""``wismo import``: a shop's file of orders, with a bar that says how far it is."""

import os
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from integrations.contract import Storefront
from integrations.storefronts.csv import Csv
from integrations.storefronts.shopify import Shopify
from kit.errors import BadInput
from service import db
from service.cli.held import database
from service.cli.steps import console
from service.settings import Settings
from service.storefront.service import ImportReport, import_orders

STOREFRONTS: Final[dict[str, Storefront]] = {
    storefront.manifest.slug: storefront for storefront in (Csv(), Shopify())
}
SHOWN_PROBLEMS: Final = 20


async def bring_in(settings: Settings, storefront: str, path: Path) -> ImportReport:
    """Import a file of orders into the database, migrated first if it must be.

    Raises:
        BadInput: The file is missing, a folder, or a pipe.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    if not file.seekable():
        file.close()
        raise BadInput(f"{path}: not a file that can be read twice; save it as one first")
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with file, database(settings.database_url, settings.var) as url:
        db.migrate(url)
        # A second descriptor of the same open file tells how far the reader is, whatever it does
        # to its own.
        where = os.dup(file.fileno())
        size = os.fstat(where).st_size
        try:
            with Progress(
                *columns, console=console, transient=True, disable=not console.is_terminal
            ) as progress:
                task = progress.add_task("Importing", total=size)

                def show_progress(seen: int) -> None:
                    at = os.lseek(where, 0, os.SEEK_CUR)
                    progress.update(task, completed=at, description=f"Importing, {seen} orders")

                async with db.opened(url) as sessions:
                    return await import_orders(
                        sessions,
                        STOREFRONTS[storefront].read(file, zone=settings.zone),
                        source=storefront,
                        progress=show_progress,
                        region=settings.shop_country,
                    )
        finally:
            os.close(where)


def show(report: ImportReport) -> None:
    """Print what an import did, and what it could not read."""
    for problem in report.problems[:SHOWN_PROBLEMS]:
        console.print(f"[red]{escape(problem.where)}[/]: {escape(problem.reason)}", soft_wrap=True)
    unseen = report.problem_count - SHOWN_PROBLEMS
    if unseen > 0:
        console.print(f"[dim]… and {unseen} more; --json lists up to a thousand")
    Console(highlight=False).print(
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.problem_count} with problems"
    )
