"""Accounts on a real database."""

from datetime import UTC, datetime

import pytest

from service.accounts import service as accounts
from service.accounts import sessions as sign_ins
from service.accounts.permissions import Role
from tests.service.inbox.conftest import add_order, app, make_desk, runtime, shopper, url

# The pages are tested in the inbox they stand in.
__all__ = ["add_order", "app", "make_desk", "runtime", "shopper", "url"]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def add_agent(sessions):
    """Makes an account: ``agent, password = await add_agent("Ana", Role.LEAD)``."""

    async def add(name="Ana", role=Role.AGENT):
        email = f"{name.lower()}@example.com"
        async with sessions.begin() as session:
            password = await accounts.create_agent(session, email, name, role=role)
            return await accounts.find(session, email), password

    return add


@pytest.fixture
def enter(sessions):
    """Signs in with a password alone, as the door does; gives the session's id."""

    async def enter(email, password, *, address="192.0.2.1", now=NOW):
        agent = await sign_ins.check_password(sessions, email, password, address=address, now=now)
        async with sessions.begin() as session:
            begun = await sign_ins.begin(session, agent, address=address, device="x", now=now)
            return begun.session_id

    return enter


@pytest.fixture
def who(sessions):
    """Who a session belongs to."""

    async def who(session_id, *, now=NOW):
        async with sessions() as session:
            return await sign_ins.signed_in(session, session_id, now=now)

    return who


@pytest.fixture
def set_up(runtime):
    """Changes settings of the running inbox: ``set_up(oidc_role="lead")``."""

    def set_up(**settings):
        changed = runtime.settings.model_copy(update=settings)
        object.__setattr__(runtime, "settings", changed)

    return set_up


@pytest.fixture
def give_role(sessions):
    """Gives an agent at a desk a role."""

    async def give(desk, role):
        async with sessions.begin() as session:
            (await accounts.find(session, desk.email)).role = role

    return give
