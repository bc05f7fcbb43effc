"""Commands that bring something in or set something right: orders, parcels, webhooks."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from kit import clock
from kit.errors import BadInput
from service.cli import people, teams
from service.cli.common import AsJson, TextFile, in_database, out, print_json
from service.settings import settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

app = typer.Typer()
parcel_app = typer.Typer(help="Set right what is known of a parcel.", no_args_is_help=True)
import_app = typer.Typer(help="Bring orders in.", no_args_is_help=True)
webhooks_app = typer.Typer(help="Carriers' webhooks that could not be read.", no_args_is_help=True)
app.add_typer(people.agent_app, name="agent")
app.add_typer(people.audit_app, name="audit")
app.add_typer(teams.team_app, name="team")
app.add_typer(import_app, name="import")
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(parcel_app, name="parcel")


@webhooks_app.command("list")
def webhooks_list(as_json: AsJson = False) -> None:
    """Those that could not be read, newest first, each with the reason."""
    from service.tracking import service as tracking

    dead = asyncio.run(in_database(tracking.dead_letters))
    if as_json:
        print_json([{"id": w.id, "source": w.source, "error": w.error} for w in dead])
    for webhook in () if as_json else dead:
        out.print(f"[bold]{webhook.id}[/]  {webhook.source}  {escape(webhook.error or '')}")


@webhooks_app.command("replay")
def webhooks_replay(
    ids: Annotated[list[int] | None, typer.Argument(help="All, if none is named.")] = None,
) -> None:
    """Have them read again, once an adapter has been mended."""
    from service.tracking import service as tracking

    count = asyncio.run(in_database(lambda session: tracking.replay(session, ids or None)))
    out.print(f"{count} will be read again")


@parcel_app.command("carrier")
def parcel_carrier(
    number: Annotated[str, typer.Argument(help="The tracking number.")],
    carrier: Annotated[str, typer.Argument(help="Its carrier's slug: royal_mail.")],
    order: Annotated[str | None, typer.Option(help="Its order, if several have it.")] = None,
) -> None:
    """Say who carries a parcel; imports and look-ups do not change that again."""
    from service.carriers import manifest_of, slugs
    from service.storefront import carriers

    known = [slug for slug in slugs() if not manifest_of(slug).aggregator]
    if carrier not in known:
        raise BadInput(f"no carrier {carrier!r}; there are: {', '.join(known)}")

    async def work(session: "AsyncSession") -> None:
        parcel = await carriers.find(session, number, order=order)
        await carriers.correct(session, parcel.id, carrier, now=clock.now())

    asyncio.run(in_database(work))
    out.print(f"{escape(number)} is with {carrier}; it will be looked up within a minute")


@import_app.command("csv")
def import_csv(file: TextFile, as_json: AsJson = False) -> None:
    """Orders from a CSV file; the same file again changes nothing."""
    _import_orders("csv", file, as_json)


@import_app.command("shopify")
def import_shopify(file: TextFile, as_json: AsJson = False) -> None:
    """Orders as Shopify's Admin API writes them, JSON; the same file again changes nothing."""
    _import_orders("shopify", file, as_json)


def _import_orders(storefront: str, file: Path, as_json: bool) -> None:
    from service.cli import orders_in

    report = asyncio.run(orders_in.bring_in(settings(), storefront, file))
    if as_json:
        print_json(asdict(report))
    else:
        orders_in.show(report)
    if report.problem_count:
        raise typer.Exit(1)
