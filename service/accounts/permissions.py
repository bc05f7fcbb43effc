"""Who may do what. The one table; every page and act asks it, and nothing compares roles."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an agent is there for. An editor writes articles and reads no conversation."""

    AGENT = "agent"
    LEAD = "lead"
    EDITOR = "editor"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing that somebody may or may not do."""

    READ_CONVERSATIONS = "read_conversations"
    ANSWER = "answer"
    EVERY_TEAM = "every_team"
    EDIT_ARTICLES = "edit_articles"
    EDIT_MACROS = "edit_macros"
    READ_FIGURES = "read_figures"
    EXPORT = "export"
    MANAGE_TEAMS = "manage_teams"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_AUDIT = "read_audit"

    @property
    def words(self) -> str:
        """What it is, for people."""
        return _WORDS[self]


_WORDS: Final[Mapping[Permission, str]] = {
    Permission.READ_CONVERSATIONS: "Read conversations and their orders",
    Permission.ANSWER: "Take tickets and answer",
    Permission.EVERY_TEAM: "See the private tickets of every team",
    Permission.EDIT_ARTICLES: "Edit FAQ articles",
    Permission.EDIT_MACROS: "Edit ready-made answers",
    Permission.READ_FIGURES: "See the figures",
    Permission.EXPORT: "Export figures",
    Permission.MANAGE_TEAMS: "Form teams",
    Permission.MANAGE_ACCOUNTS: "Invite people, give roles, close accounts",
    Permission.READ_AUDIT: "Read and export the audit log",
}

_AGENT: Final = {Permission.READ_CONVERSATIONS, Permission.ANSWER}
_LEAD: Final = {
    *_AGENT,
    Permission.EDIT_MACROS,
    Permission.READ_FIGURES,
    Permission.EXPORT,
    Permission.MANAGE_TEAMS,
}

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.AGENT: frozenset(_AGENT),
    Role.LEAD: frozenset(_LEAD),
    Role.EDITOR: frozenset(
        {Permission.EDIT_ARTICLES, Permission.EDIT_MACROS, Permission.READ_FIGURES}
    ),
    Role.ADMIN: frozenset(Permission),
}


def allows(role: str, permission: Permission) -> bool:
    """Whether a role grants a permission."""
    return permission in GRANTS[Role(role)]
