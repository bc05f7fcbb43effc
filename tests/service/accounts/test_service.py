import asyncio

import pytest

from kit.errors import BadInput, NotVerified
from kit.signing import Signer
from service.accounts import service as accounts
from service.accounts import teams
from service.accounts.permissions import GRANTS, Permission, Role
from service.accounts.sessions import SignedIn

SIGNER = Signer(["k" * 32], accounts.INVITATION)


async def test_an_account_is_made_once(sessions, add_agent):
    await add_agent()
    async with sessions.begin() as session:
        with pytest.raises(BadInput, match="exists already"):
            await accounts.create_agent(session, "ANA@example.com", "Another")


@pytest.mark.parametrize("email", ["", "ana", "@", "a b@example.com"])
async def test_an_account_needs_an_e_mail(sessions, email):
    async with sessions.begin() as session:
        with pytest.raises(BadInput, match="not an e-mail"):
            await accounts.create_agent(session, email, "Ana")


async def test_an_invitation_sets_a_password_once(sessions, enter):
    async with sessions.begin() as session:
        agent = await accounts.add(session, "ana@example.com", "", role=Role.LEAD)
        link = accounts.invitation(SIGNER, agent)
    for guess in ("", agent.password_hash, "!"):
        with pytest.raises(NotVerified):
            await enter("ana@example.com", guess)
    for bad in ("short", "aaaaaaaaaaaaaaaa", "I am ana of this shop"):
        async with sessions.begin() as session:
            with pytest.raises(BadInput):
                await accounts.choose_password(
                    session, await accounts.invited(session, SIGNER, link), bad
                )

    async def accept(password):
        async with sessions.begin() as session:
            agent = await accounts.invited(session, SIGNER, link)
            await accounts.choose_password(session, agent, password)

    both = await asyncio.gather(
        accept("correct horse 1"), accept("correct horse 2"), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in both) == ["NoneType", "NotVerified"]
    winner = "correct horse 1" if both[0] is None else "correct horse 2"
    assert await enter("ana@example.com", winner)
    with pytest.raises(NotVerified):
        await accept("correct horse 3")


@pytest.mark.parametrize("token", ["", "1:x", "forged.token.here"])
async def test_a_forged_invitation_opens_nothing(sessions, token):
    async with sessions.begin() as session:
        with pytest.raises(NotVerified):
            await accounts.invited(session, SIGNER, token)


async def test_somebody_always_manages_accounts(sessions, add_agent):
    ana, _ = await add_agent("Ana", Role.ADMIN)
    ben, _ = await add_agent("Ben", Role.ADMIN)

    async def demote(agent, **what):
        async with sessions.begin() as session:
            await accounts.change(session, agent.id, **what)

    at_once = await asyncio.gather(
        demote(ana, role=Role.AGENT), demote(ben, active=False), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in at_once) == ["BadInput", "NoneType"]
    async with sessions() as session:
        assert await accounts.has_admin(session)


def test_the_table_of_permissions_says_what_each_role_is_for():
    assert set(GRANTS) == set(Role)
    assert GRANTS[Role.ADMIN] == set(Permission)
    assert not GRANTS[Role.EDITOR] & {
        Permission.READ_CONVERSATIONS,
        Permission.ANSWER,
        Permission.EVERY_TEAM,
        Permission.EXPORT,
    }
    assert GRANTS[Role.AGENT] < GRANTS[Role.LEAD]
    for role in (Role.AGENT, Role.LEAD, Role.EDITOR):
        assert not GRANTS[role] & {
            Permission.EVERY_TEAM,
            Permission.MANAGE_ACCOUNTS,
            Permission.READ_AUDIT,
        }
    assert all(permission.words for permission in Permission)


async def test_teams_are_formed_and_named_once(sessions, add_agent):
    ana, _ = await add_agent("Ana")
    async with sessions.begin() as session:
        team = await teams.add(session, " Returns ", private=False)
        with pytest.raises(BadInput, match="already"):
            await teams.add(session, "Returns", private=True)
        with pytest.raises(BadInput, match="name"):
            await teams.add(session, " \0", private=False)
        with pytest.raises(BadInput, match="no account"):
            await teams.change(session, team, private=False, agent_ids=[ana.id, 10**6])
        await teams.change(session, team, private=True, agent_ids=[ana.id, ana.id])
    async with sessions() as session:
        assert await teams.members(session) == {team: {ana.id}}
        assert await teams.is_private(session, team)
        assert SignedIn(ana, 1, frozenset({team})).may(Permission.ANSWER)
