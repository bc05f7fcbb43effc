import asyncio
from datetime import timedelta

import pytest

from kit.errors import LockedOut, NotVerified
from service.accounts import service as accounts
from service.accounts import sessions as sign_ins
from service.accounts import throttle
from tests.service.accounts.conftest import NOW

ANA = "ana@example.com"


@pytest.fixture
async def password(add_agent):
    return (await add_agent("Ana"))[1]


async def test_the_right_password_opens_a_session_whatever_the_case_of_the_e_mail(
    enter, who, password
):
    assert (await who(await enter(" ana@EXAMPLE.com ", password))).agent.name == "Ana"


@pytest.mark.parametrize(
    ("email", "typed"),
    [
        (ANA, "wrong"),
        (ANA, ""),
        (ANA, "x" * 100_000),
        (ANA, "nul\0"),
        ("nobody@example.com", "wrong"),
        ("", ""),
    ],
)
async def test_anything_else_is_refused_alike(enter, password, email, typed):
    with pytest.raises(NotVerified, match="sign-in refused"):
        await enter(email, typed)


@pytest.mark.parametrize("email", [ANA, "nobody@example.com"])
async def test_many_wrong_tries_lock_an_e_mail_known_or_not(enter, password, email):
    tries = [
        enter(email, "wrong", address=f"192.0.2.{n}") for n in range(throttle.TRIES_PER_EMAIL + 4)
    ]
    kinds = [type(e) for e in await asyncio.gather(*tries, return_exceptions=True)]
    assert kinds.count(NotVerified) == throttle.TRIES_PER_EMAIL
    assert kinds.count(LockedOut) == 4
    if email == ANA:  # the right one waits too, and then works
        with pytest.raises(LockedOut):
            await enter(email, password)
        assert await enter(email, password, now=NOW + throttle.TRY_COUNTS_FOR)


@pytest.fixture
def tried(sessions):
    """Somebody has tried before: ``await tried("email:ana@example.com", 7)``."""

    async def tried(what, times):
        async with sessions.begin() as session:
            for _ in range(times):
                await throttle.count(session, what, times, now=NOW)

    return tried


async def test_success_clears_the_count(enter, password, tried):
    for _ in range(2):
        await tried(f"email:{ANA}", throttle.TRIES_PER_EMAIL - 1)
        await enter(ANA, password)


async def test_one_address_cannot_try_all_e_mails(enter, password, tried):
    await tried("address:192.0.2.1", throttle.TRIES_PER_ADDRESS - 1)
    with pytest.raises(NotVerified):
        await enter("nobody@example.com", "wrong")
    with pytest.raises(LockedOut):
        await enter(ANA, password)
    assert await enter(ANA, password, address="192.0.2.99")


async def test_a_session_ends_by_age(enter, who, password):
    session_id = await enter(ANA, password)
    almost = NOW + sign_ins.SESSION_LASTS - timedelta(seconds=1)
    assert (await who(session_id, now=almost)).agent.name == "Ana"
    with pytest.raises(NotVerified):
        await who(session_id, now=NOW + sign_ins.SESSION_LASTS)


async def test_a_session_is_ended_by_its_owner_only(sessions, enter, who, add_agent, password):
    ben, bens = await add_agent("Ben")
    first, second, third = [await enter(ANA, password) for _ in range(3)]
    async with sessions.begin() as session:
        await sign_ins.end(session, ben, first)  # not Ben's: left alone
    ana = (await who(first)).agent
    async with sessions.begin() as session:
        await sign_ins.end(session, ana, first)
    with pytest.raises(NotVerified):
        await who(first)
    async with sessions.begin() as session:
        listed = await sign_ins.of_agent(session, ana, now=NOW)
        assert {each.id for each in listed} == {second, third}
        await sign_ins.end(session, ana, keep=third)
    with pytest.raises(NotVerified):
        await who(second)
    assert (await who(third)).agent.name == "Ana"
    assert (await who(await enter("ben@example.com", bens))).agent.name == "Ben"


async def test_a_new_password_ends_sessions_and_the_old_password(sessions, enter, who, password):
    session_id = await enter(ANA, password)
    async with sessions.begin() as session:
        new = await accounts.renew_password(session, ANA)
    with pytest.raises(NotVerified):
        await who(session_id)
    with pytest.raises(NotVerified):
        await enter(ANA, password)
    assert await enter(ANA, new)


async def test_who_is_shut_out_is_out_at_once_and_stays_out(sessions, enter, who, password):
    session_id = await enter(ANA, password)
    agent = (await who(session_id)).agent
    async with sessions.begin() as session:
        await accounts.change(session, agent.id, active=False)
    with pytest.raises(NotVerified):
        await who(session_id)
    with pytest.raises(NotVerified):
        await enter(ANA, password)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 "
            "Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "A browser on some system"),
    ],
)
def test_a_device_is_told_in_words(user_agent, words):
    assert sign_ins.device(user_agent) == words
