"""Whose a ticket is: its team by reason, and in it whoever has room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from kit.errors import BadInput
from service.accounts.models import Agent, Team, TeamMember
from service.accounts.permissions import Permission, Role, allows
from service.db import insert_new
from service.inbox.models import Happening, Ticket, TicketStatus
from service.inbox.tickets import changed

EVERYONE: Final = "Support"
ANSWERING: Final = tuple(role for role in Role if allows(role, Permission.ANSWER))


async def everyone(session: AsyncSession) -> Team:
    """The team of all who may answer, made where there is none yet."""
    for name in (EVERYONE, f"{EVERYONE} (everyone)"):
        found: Team | None = await session.scalar(select(Team).where(Team.everyone))
        if found is not None:
            return found
        await insert_new(session, Team, name=name, everyone=True)
    return (await session.scalars(select(Team).where(Team.everyone))).one()


async def set_team(
    session: AsyncSession, name: str, *, reasons: Sequence[str] | None, round_robin: bool | None
) -> Team:
    """Say what a team gets, and how; ``None`` leaves it as it is.

    Raises:
        BadInput: No team has that name, one of these is no reason, or the team is everyone's,
            which gets what is left.
    """
    await everyone(session)
    team = (await session.scalars(select(Team).filter_by(name=name))).one_or_none()
    if team is None:
        raise BadInput(f"no team is called {name}; make it at /inbox/people")
    if reasons is not None:
        unknown = [reason for reason in reasons if reason not in set(Reason)]
        if unknown:
            raise BadInput(f"no such reason: {', '.join(unknown)}; docs/handoff.md lists them")
        if team.everyone:
            raise BadInput(f"{name} gets what no other team asks for")
        team.reasons = list(dict.fromkeys(reasons))
    if round_robin is not None:
        team.round_robin = round_robin
    await session.flush()
    return team


async def team_for(session: AsyncSession, reasons: Sequence[str]) -> Team:
    """The team that gets the first of these reasons that any asks for; everyone's else.

    A team with nobody in it gets nothing.
    """
    for reason in reasons:
        found: Team | None = await session.scalar(
            select(Team)
            .where(Team.reasons.contains([reason]), Team.id.in_(_staffed()))
            .order_by(Team.id)
            .limit(1)
        )
        if found is not None:
            return found
    return await everyone(session)


def members(team: Team) -> ColumnElement[bool]:
    """Whether an ``Agent`` may take a team's tickets: active, of the team, and one who answers."""
    able = Agent.active & Agent.role.in_(ANSWERING)
    if team.everyone:
        return able
    return able & Agent.id.in_(select(TeamMember.agent_id).where(TeamMember.team_id == team.id))


async def give(session: AsyncSession, ticket: Ticket, *, now: datetime) -> Agent | None:
    """Round robin: give a ticket to the member of its team who has most room for it.

    By the part of their capacity that is taken, then who was given one longest ago. ``None`` where
    the team's tickets wait to be taken, or nobody is there who has room: then it stays the team's.
    """
    team = await session.get(Team, ticket.team_id) if ticket.team_id else None
    if team is None or not team.round_robin:
        return None
    # One at a time in a team, or two tickets of the same second would both see the same room.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext(:team))"), {"team": f"team:{team.id}"}
    )
    load = (
        select(
            func.count().filter(Ticket.status == TicketStatus.OPEN, Ticket.snoozed_until.is_(None))
        )
        .where(Ticket.owner_id == Agent.id, Ticket.status == TicketStatus.OPEN)
        .correlate(Agent)
        .scalar_subquery()
    )
    last = (
        select(func.max(Ticket.owned_at))
        .where(Ticket.owner_id == Agent.id)
        .correlate(Agent)
        .scalar_subquery()
    )
    chosen: Agent | None = await session.scalar(
        select(Agent)
        .where(members(team), ~Agent.away, load < Agent.capacity)
        .order_by(load * 1.0 / Agent.capacity, last.nulls_first(), Agent.id)
        .limit(1)
    )
    if chosen is not None:
        ticket.owner_id, ticket.owned_at = chosen.id, now
        await changed(session, ticket, Happening.ASSIGNED, now=now, to=chosen.name, by="turn")
    return chosen


async def reroute(session: AsyncSession, ticket: Ticket, *, now: datetime) -> Agent | None:
    """Take a ticket from its owner, back to its team, and give it to somebody else who has room.

    A ticket without a team gets the one its reasons ask for.
    """
    ticket.owner_id = ticket.owned_at = None
    if ticket.team_id is None:
        ticket.team_id = (await team_for(session, ticket.reasons or [ticket.reason])).id
    await session.flush()
    return await give(session, ticket, now=now)


def orphaned() -> ColumnElement[bool]:
    """Whether an open ``Ticket`` is nobody's: no owner who is here, and no team with anybody in it.

    What has an owner or a team has a deadline too: the column takes no emptiness.
    """
    return (Ticket.status == TicketStatus.OPEN) & or_(
        Ticket.owner_id.is_not(None) & Ticket.owner_id.not_in(_here()),
        Ticket.owner_id.is_(None)
        & or_(Ticket.team_id.is_(None), Ticket.team_id.not_in(_staffed())),
    )


async def count_orphans(session: AsyncSession) -> int:
    """How many open tickets are nobody's. Must stay 0."""
    return await session.scalar(select(func.count()).select_from(Ticket).where(orphaned())) or 0


def _here() -> Select[int]:
    """Ids of the agents who may answer."""
    return select(Agent.id).where(Agent.active, Agent.role.in_(ANSWERING))


def _staffed() -> Select[int]:
    """Ids of the teams that somebody is in."""
    somebody = select(TeamMember.team_id).where(TeamMember.agent_id.in_(_here()))
    return select(Team.id).where(or_(Team.everyone & _here().exists(), Team.id.in_(somebody)))
