"""Teams, and whose tickets are whose to see."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, delete, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from kit.errors import BadInput, NotFound
from kit.text import clean
from service.accounts.models import Agent, Team, TeamMember
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.db import insert_new


def visible(
    who: SignedIn, team_id: ColumnElement[int | None] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Which tickets somebody may see, by their team: none, one that is not private, or their own.

    Args:
        team_id: The ticket's, as a column. Every query for tickets has this condition, and what it
            leaves out is not there: not found, rather than refused.
    """
    if who.may(Permission.EVERY_TEAM):
        return true()
    return or_(
        team_id.is_(None),
        team_id.in_(sorted(who.teams)),
        team_id.in_(select(Team.id).where(~Team.private)),
    )


async def all_teams(session: AsyncSession) -> Sequence[Team]:
    """Every team, by name."""
    return (await session.scalars(select(Team).order_by(Team.name))).all()


async def is_private(session: AsyncSession, team_id: int) -> bool:
    """Whether a team is private; one that does not exist is not."""
    query = select(Team.private).where(Team.id == team_id)
    return team_id < 2**63 and bool(await session.scalar(query))


async def members(session: AsyncSession) -> Mapping[int, frozenset[int]]:
    """Who is in each team: agents' ids by team; a team without members is left out."""
    found: dict[int, set[int]] = {}
    for team_id, agent_id in await session.execute(select(TeamMember.team_id, TeamMember.agent_id)):
        found.setdefault(team_id, set()).add(agent_id)
    return {team_id: frozenset(ids) for team_id, ids in found.items()}


async def add(session: AsyncSession, name: str, *, private: bool) -> int:
    """Make a team.

    Returns:
        Its id.

    Raises:
        BadInput: No name, or one that is taken.
    """
    words = clean(name, limit=60)
    if not words:
        raise BadInput("A team needs a name.")
    made = await insert_new(session, Team, name=words, private=private)
    if made is None:
        raise BadInput(f"There is a team {words} already.")
    return made


async def change(
    session: AsyncSession, team_id: int, *, private: bool, agent_ids: Sequence[int]
) -> Team:
    """Say whether a team is private, and who is in it.

    Raises:
        NotFound: There is no such team.
        BadInput: One of the agents does not exist.
    """
    team = await session.get(Team, team_id, with_for_update=True) if team_id < 2**63 else None
    if team is None:
        raise NotFound("no such team")
    wanted = set(agent_ids)
    known = set(await session.scalars(select(Agent.id).where(Agent.id.in_(wanted))))
    if wanted - known:
        raise BadInput("One of these people has no account.")
    team.private = private
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team_id))
    session.add_all(TeamMember(team_id=team_id, agent_id=each) for each in sorted(wanted))
    await session.flush()
    return team
