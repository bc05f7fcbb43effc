import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import BadInput, LockedOut, NotVerified
from service.inbox import accounts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
async def password(sessions):
    async with sessions.begin() as session:
        return await accounts.create_agent(session, "Ana@Example.com", "Ana")


async def sign_in(sessions, email, password, *, address="192.0.2.1", now=NOW):
    return await accounts.sign_in(sessions, email, password, address=address, now=now)


async def who(sessions, session_id, *, now=NOW):
    async with sessions() as session:
        return (await accounts.signed_in(session, session_id, now=now)).agent.name


async def test_the_right_password_opens_a_session_whatever_the_case_of_the_e_mail(
    sessions, password
):
    assert await who(sessions, await sign_in(sessions, " ana@EXAMPLE.com ", password)) == "Ana"


@pytest.mark.parametrize(
    ("email", "typed"),
    [
        ("ana@example.com", "wrong"),
        ("ana@example.com", ""),
        ("ana@example.com", "x" * 100_000),
        ("ana@example.com", "nul\0"),
        ("nobody@example.com", "wrong"),
        ("", ""),
    ],
)
async def test_anything_else_is_refused_alike(sessions, password, email, typed):
    with pytest.raises(NotVerified, match="sign-in refused"):
        await sign_in(sessions, email, typed)


@pytest.mark.parametrize("email", ["ana@example.com", "nobody@example.com"])
async def test_many_wrong_tries_lock_an_e_mail_known_or_not(sessions, password, email):
    tries = [
        sign_in(sessions, email, "wrong", address=f"192.0.2.{n}")
        for n in range(accounts.TRIES_PER_EMAIL + 4)
    ]
    kinds = [type(e) for e in await asyncio.gather(*tries, return_exceptions=True)]
    assert kinds.count(NotVerified) == accounts.TRIES_PER_EMAIL
    assert kinds.count(LockedOut) == 4


async def test_the_right_password_waits_too_and_then_works(sessions, password):
    for _ in range(accounts.TRIES_PER_EMAIL):
        with pytest.raises(NotVerified):
            await sign_in(sessions, "ana@example.com", "wrong")
    with pytest.raises(LockedOut):
        await sign_in(sessions, "ana@example.com", password)
    later = NOW + accounts.TRY_COUNTS_FOR
    assert await sign_in(sessions, "ana@example.com", password, now=later)


async def test_success_clears_the_count(sessions, password):
    for _ in range(3):
        for _ in range(accounts.TRIES_PER_EMAIL - 1):
            with pytest.raises(NotVerified):
                await sign_in(sessions, "ana@example.com", "wrong")
        await sign_in(sessions, "ana@example.com", password)


async def test_one_address_cannot_try_all_e_mails(sessions, password):
    tries = [
        sign_in(sessions, f"{n}@example.com", "wrong") for n in range(accounts.TRIES_PER_ADDRESS)
    ]
    kinds = {type(e) for e in await asyncio.gather(*tries, return_exceptions=True)}
    assert kinds == {NotVerified}
    with pytest.raises(LockedOut):
        await sign_in(sessions, "ana@example.com", password)
    assert await sign_in(sessions, "ana@example.com", password, address="192.0.2.99")


async def test_a_session_ends_by_age(sessions, password):
    session_id = await sign_in(sessions, "ana@example.com", password)
    almost = NOW + accounts.SESSION_LASTS - timedelta(seconds=1)
    assert await who(sessions, session_id, now=almost) == "Ana"
    with pytest.raises(NotVerified):
        await who(sessions, session_id, now=NOW + accounts.SESSION_LASTS)


async def test_a_session_ends_with_sign_out_and_only_that_one(sessions, password):
    first = await sign_in(sessions, "ana@example.com", password)
    second = await sign_in(sessions, "ana@example.com", password)
    async with sessions.begin() as session:
        await accounts.sign_out(session, first)
    with pytest.raises(NotVerified):
        await who(sessions, first)
    assert await who(sessions, second) == "Ana"


async def test_a_new_password_ends_sessions_and_the_old_password(sessions, password):
    session_id = await sign_in(sessions, "ana@example.com", password)
    async with sessions.begin() as session:
        new = await accounts.renew_password(session, "ana@example.com")
    with pytest.raises(NotVerified):
        await who(sessions, session_id)
    with pytest.raises(NotVerified):
        await sign_in(sessions, "ana@example.com", password)
    assert await sign_in(sessions, "ana@example.com", new)


async def test_who_is_shut_out_is_out_at_once_and_stays_out(sessions, password):
    session_id = await sign_in(sessions, "ana@example.com", password)
    async with sessions.begin() as session:
        await accounts.deactivate(session, "ana@example.com")
    with pytest.raises(NotVerified):
        await who(sessions, session_id)
    with pytest.raises(NotVerified):
        await sign_in(sessions, "ana@example.com", password)


async def test_an_account_is_made_once(sessions, password):
    async with sessions.begin() as session:
        with pytest.raises(BadInput, match="exists already"):
            await accounts.create_agent(session, "ana@example.com", "Another")


@pytest.mark.parametrize("email", ["", "ana", "@", "a b@example.com"])
async def test_an_account_needs_an_e_mail(sessions, email):
    async with sessions.begin() as session:
        with pytest.raises(BadInput, match="not an e-mail"):
            await accounts.create_agent(session, email, "Ana")
