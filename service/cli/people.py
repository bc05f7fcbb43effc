"""Commands about people: agents' accounts, and the log of what they did."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlalchemy.ext.asyncio import AsyncSession

from kit import clock
from service.cli.common import AsJson, in_database, out, print_json
from service.settings import settings

agent_app = typer.Typer(help="Accounts of the people who answer.", no_args_is_help=True)
audit_app = typer.Typer(help="The log of what people did and saw.", no_args_is_help=True)

Role = Annotated[str | None, typer.Option(help="agent, lead, editor or admin.")]


@agent_app.command("add")
def agent_add(
    email: str,
    name: Annotated[str, typer.Option(help="For colleagues.")] = "",
    role: Role = None,
) -> None:
    """Make an account; prints its password, once. The first is an admin's unless you say else."""
    from service.accounts import service as accounts
    from service.audit.service import Act

    async def work(session: AsyncSession) -> str:
        wanted = _role(role) if role else await accounts.role_of_newcomer(session)
        password = await accounts.create_agent(session, email, name, role=wanted)
        await _record(session, Act.ACCOUNT_MADE, email, role=wanted)
        return password

    out.print(asyncio.run(in_database(work)), markup=False)


@agent_app.command("list")
def agent_list(as_json: AsJson = False) -> None:
    """Everybody with an account."""
    from service.accounts import service as accounts

    agents = asyncio.run(in_database(accounts.everybody))
    if as_json:
        print_json(
            [
                {
                    "email": each.email,
                    "name": each.name,
                    "role": each.role,
                    "active": each.active,
                    "second_factor": each.totp_secret is not None,
                }
                for each in agents
            ]
        )
        return
    for each in agents:
        closed = "" if each.active else "  [red]closed[/]"
        out.print(f"[bold]{escape(each.email)}[/]  {escape(each.name)}  {each.role}{closed}")


@agent_app.command("invite")
def agent_invite(
    email: str,
    name: Annotated[str, typer.Option(help="For colleagues.")] = "",
    role: Role = None,
) -> None:
    """Print a link to choose a password with; makes the account where there is none."""
    from kit.errors import BadInput
    from kit.signing import Signer
    from service.accounts import service as accounts
    from service.accounts.service import INVITATION
    from service.audit.service import Act
    from service.cli.held import where_up_runs

    async def work(session: AsyncSession) -> str:
        try:
            agent = await accounts.find(session, email)
        except BadInput:
            wanted = _role(role) if role else await accounts.role_of_newcomer(session)
            agent = await accounts.add(session, email, name, role=wanted)
        await _record(session, Act.INVITED, email, role=agent.role)
        token = accounts.invitation(Signer(settings().keys, INVITATION), agent)
        own = settings()
        # Another port may have been given to ``up`` than is set.
        here = own.public_url or where_up_runs(own.var) or own.base_url
        return f"{here.rstrip('/')}/inbox/sign-in/welcome/{token}"

    out.print(asyncio.run(in_database(work)), markup=False, soft_wrap=True)


@agent_app.command("password")
def agent_password(email: str) -> None:
    """Give an agent a new password; prints it, once."""
    from service.accounts import service as accounts
    from service.audit.service import Act

    async def work(session: AsyncSession) -> str:
        password = await accounts.renew_password(session, email)
        await _record(session, Act.PASSWORD_CHANGED, email)
        return password

    out.print(asyncio.run(in_database(work)), markup=False)


@agent_app.command("role")
def agent_role(email: str, role: str) -> None:
    """Give an agent a role: agent, lead, editor or admin."""
    _change(email, role=_role(role))
    out.print(f"{escape(email)} is {role}")


@agent_app.command("close")
def agent_close(email: str) -> None:
    """Shut an agent out, at once; what they did stays theirs."""
    _change(email, active=False)
    out.print(f"{escape(email)} is shut out")


@agent_app.command("open")
def agent_open(email: str) -> None:
    """Let an agent in again."""
    _change(email, active=True)
    out.print(f"{escape(email)} may sign in")


@agent_app.command("no-totp")
def agent_no_totp(email: str) -> None:
    """Take the second factor from who lost both their app and their recovery codes."""
    from service.accounts import second_factor
    from service.accounts import service as accounts
    from service.audit.service import Act

    async def work(session: AsyncSession) -> None:
        await second_factor.switch_off(session, await accounts.find(session, email))
        await _record(session, Act.TOTP_OFF, email)

    asyncio.run(in_database(work))
    out.print(f"{escape(email)} signs in with the password only")


@audit_app.command("check")
def audit_check(
    head: Annotated[str, typer.Option(help="One that was kept: is it still in the log?")] = "",
    as_json: AsJson = False,
) -> None:
    """Say whether the audit log is whole, and print its head; exit code 1 where it is not."""
    from service.audit import service as audit

    async def work(session: AsyncSession) -> tuple[audit.Check, bool]:
        return await audit.check(session), not head or await audit.holds(session, head)

    found, goes_through = asyncio.run(in_database(work))
    if as_json:
        print_json({**asdict(found), "whole": found.whole, "goes_through": goes_through})
    else:
        if found.broken_at is not None:
            out.print(f"[red]changed[/]: position {found.broken_at} does not fit the one before")
        if found.unlinked:
            out.print(f"[red]slipped in[/]: {found.unlinked} entries outside the chain")
        if not goes_through:
            out.print("[red]cut off[/]: the log does not go through that head")
        if found.whole and goes_through:
            out.print(f"whole: {found.length} entries. Head: {found.head}", soft_wrap=True)
    if not (found.whole and goes_through):
        raise typer.Exit(1)


def _change(email: str, **what: Any) -> None:
    from service.accounts import service as accounts
    from service.audit.service import Act

    async def work(session: AsyncSession) -> None:
        agent = await accounts.find(session, email)
        await accounts.change(session, agent.id, **what)
        await _record(session, Act.ACCOUNT_CHANGED, email, **what)

    asyncio.run(in_database(work))


async def _record(session: AsyncSession, act: Any, email: str, **details: Any) -> None:
    from service.accounts import service as accounts
    from service.audit import service as audit

    agent = await accounts.find(session, email)
    await audit.record(session, None, act, f"agent:{agent.id}", now=clock.now(), **details)


def _role(name: str) -> Any:
    from kit.errors import BadInput
    from service.accounts import permissions

    try:
        return permissions.Role(name)
    except ValueError as error:
        raise BadInput(f"no role {name!r}; there are: {', '.join(permissions.Role)}") from error
