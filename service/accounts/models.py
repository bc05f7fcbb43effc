"""Agents, their teams, and their sign-ins."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from service.accounts.permissions import Role
from service.db import Base, Key


class Team(Base):
    """People who take the same tickets.

    Attributes:
        private: Its tickets are for its members, and for who may see every team's.
        everyone: Each agent who may answer is in it, without a row of ``TeamMember``. There is one
            such team; it gets what is no other team's.
        reasons: What it gets, of ``bot.actions.contract.Reason``.
        round_robin: New tickets go to a member who has room; off: they wait to be taken.
    """

    __tablename__ = "teams"
    __table_args__ = (
        UniqueConstraint("name"),
        Index("uq_teams_everyone", "everyone", unique=True, postgresql_where="everyone"),
    )

    id: Mapped[Key]
    name: Mapped[str]
    private: Mapped[bool] = mapped_column(server_default="false")
    everyone: Mapped[bool] = mapped_column(server_default="false")
    reasons: Mapped[list[Any]] = mapped_column(server_default="[]")
    round_robin: Mapped[bool] = mapped_column(server_default="false")


class TeamMember(Base):
    """An agent in a team; an agent may be in several."""

    __tablename__ = "team_members"
    __table_args__ = (Index("ix_team_members_agent_id", "agent_id"),)

    team_id: Mapped[int] = mapped_column(
        ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[int] = mapped_column(
        ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True
    )


class Agent(Base):
    """A person who answers. ``email`` is kept in lower case.

    Attributes:
        role: What they may do, one of ``Role``.
        password_hash: Argon2id; one that fits nothing (``!`` and a nonce) until an invited person
            has chosen a password.
        subject: ``issuer|sub`` at the shop's identity provider; ``None`` where they never came
            that way.
        totp_secret: The second factor's, in base 32; ``None`` without one.
        totp_step: The last 30-second step whose code was taken; a code works once.
        capacity: How many open tickets are given to them without asking.
        away: Takes no new tickets for now.
    """

    __tablename__ = "agents"
    __table_args__ = (
        UniqueConstraint("email"),
        UniqueConstraint("subject"),
        CheckConstraint("role IN ('agent', 'lead', 'editor', 'admin')", name="role"),
    )

    id: Mapped[Key]
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str] = mapped_column(server_default=Role.AGENT)
    password_hash: Mapped[str]
    subject: Mapped[str | None]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(server_default="0")
    capacity: Mapped[int] = mapped_column(server_default="20")
    away: Mapped[bool] = mapped_column(server_default="false")
    active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RecoveryCode(Base):
    """Signs in once in place of the second factor; deleted when used.

    Attributes:
        digest: SHA-256 of the code, which has 80 random bits.
    """

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("agent_id", "digest"),)

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    digest: Mapped[str]


class AgentSession(Base):
    """One sign-in of an agent, for as long as the row is there.

    Attributes:
        password_hash: The agent's at that moment; a session of an earlier password is none.
        device: Browser and system in words, for the list of sessions.
        address: Where it began.
    """

    __tablename__ = "agent_sessions"
    __table_args__ = (Index("ix_agent_sessions_agent_id", "agent_id"),)

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    password_hash: Mapped[str]
    started_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")


class SignInTry(Base):
    """One attempt to sign in that has not succeeded.

    Attributes:
        digest: SHA-256 of what is counted, an e-mail or an address; what was typed is not kept.
    """

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index("ix_sign_in_tries_digest_at", "digest", "at"),)

    id: Mapped[Key]
    digest: Mapped[str]
    at: Mapped[datetime]
