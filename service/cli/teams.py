"""Commands about teams: what they get, and whether it goes round."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from service.cli.common import AsJson, in_database, out, print_json

team_app = typer.Typer(help="Teams, and which cases they get.", no_args_is_help=True)


@team_app.command("set")
def team_set(
    name: str,
    reasons: Annotated[
        str | None, typer.Option(help="What it gets, separated by commas; empty: nothing.")
    ] = None,
    round_robin: Annotated[
        bool | None,
        typer.Option("--round-robin/--by-hand", help="Cases go round, or wait to be taken."),
    ] = None,
) -> None:
    """Say which cases a team gets, and how; what is not given stays as it is."""
    from service.inbox import assignment

    wanted = None if reasons is None else [r.strip() for r in reasons.split(",") if r.strip()]

    async def work(session: AsyncSession) -> None:
        await assignment.set_team(session, name, reasons=wanted, round_robin=round_robin)

    asyncio.run(in_database(work))


@team_app.command("list")
def team_list(as_json: AsJson = False) -> None:
    """Every team, what it gets and how."""
    from sqlalchemy import select

    from service.accounts.models import Team
    from service.inbox import assignment

    async def work(session: AsyncSession) -> list[dict[str, object]]:
        await assignment.everyone(session)
        teams = await session.scalars(select(Team).order_by(Team.name))
        return [
            {
                "name": team.name,
                "private": team.private,
                "gets": ["everything else"] if team.everyone else team.reasons,
                "round_robin": team.round_robin,
            }
            for team in teams
        ]

    found = asyncio.run(in_database(work))
    if as_json:
        print_json(found)
        return
    table = Table("team", "gets", "how")
    for team in found:
        gets = team["gets"]
        table.add_row(
            str(team["name"]) + (" (private)" if team["private"] else ""),
            ", ".join(map(str, gets)) if isinstance(gets, list) and gets else "nothing",
            "goes round" if team["round_robin"] else "waits to be taken",
        )
    out.print(table)
