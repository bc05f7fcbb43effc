import asyncio
from datetime import timedelta

import pyotp
import pytest

from kit.errors import BadInput, LockedOut, NotVerified
from service.accounts import second_factor, throttle
from service.accounts import service as accounts
from tests.service.accounts.conftest import NOW

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def with_app(sessions, add_agent):
    """An agent with an app: the agent, what the app shows at a time, and the recovery codes."""
    agent, _ = await add_agent()
    app = pyotp.TOTP(second_factor.new_secret())
    async with sessions.begin() as session:
        mine = await accounts.get(session, agent.id)
        codes = await second_factor.switch_on(session, mine, app.secret, app.at(NOW), now=NOW)
    return mine, app.at, codes


async def test_it_is_switched_on_only_by_the_apps_own_code(sessions, add_agent):
    agent, _ = await add_agent()
    secret = second_factor.new_secret()
    right = pyotp.TOTP(secret).at(NOW)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for code in (wrong, "", "abcdef", "１２３４５６", right[:5]):
        async with sessions.begin() as session:
            mine = await accounts.get(session, agent.id)
            with pytest.raises(BadInput):
                await second_factor.switch_on(session, mine, secret, code, now=NOW)
            assert mine.totp_secret is None


async def test_a_code_is_taken_once_within_its_time(sessions, with_app):
    agent, shown_at, _ = with_app
    with pytest.raises(NotVerified):  # the one that switched it on
        await second_factor.check(sessions, agent, shown_at(NOW), now=NOW)
    code = shown_at(LATER)
    tries = [second_factor.check(sessions, agent, f" {code} ", now=LATER) for _ in range(3)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["NoneType", *["NotVerified"] * 2]
    late = LATER + timedelta(minutes=20)
    with pytest.raises(NotVerified):
        await second_factor.check(sessions, agent, shown_at(late - timedelta(minutes=2)), now=late)
    slow_clock = shown_at(late - timedelta(seconds=30))
    await second_factor.check(sessions, agent, slow_clock, now=late)


async def test_a_recovery_code_works_once_and_as_written_down(sessions, with_app):
    agent, _, codes = with_app
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    await second_factor.check(sessions, agent, codes[3].upper().replace("-", " "), now=LATER)
    with pytest.raises(NotVerified):
        await second_factor.check(sessions, agent, codes[3], now=LATER)
    await second_factor.check(sessions, agent, codes[4], now=LATER)


async def test_codes_cannot_be_tried_through(sessions, with_app):
    agent, _, codes = with_app
    tries = [second_factor.check(sessions, agent, f"{n:06}", now=LATER) for n in range(9)]
    kinds = [type(e) for e in await asyncio.gather(*tries, return_exceptions=True)]
    assert kinds.count(LockedOut) == 9 - throttle.TRIES_PER_CODE
    with pytest.raises(LockedOut):
        await second_factor.check(sessions, agent, codes[0], now=LATER)


async def test_switched_off_nothing_is_left_of_it(sessions, with_app):
    agent, shown_at, codes = with_app
    async with sessions.begin() as session:
        mine = await accounts.get(session, agent.id)
        await second_factor.switch_off(session, mine)
    for code in (codes[0], shown_at(LATER)):
        with pytest.raises(NotVerified):
            await second_factor.check(sessions, mine, code, now=LATER)


def test_the_picture_holds_the_secret_for_an_app():
    svg = second_factor.qr(
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", email="ana@example.com", shop="Northwind"
    )
    assert svg.startswith("<svg")
    assert "viewBox=" in svg  # it grows and shrinks whole
    assert "style=" not in svg  # the page's policy would refuse it
    assert "<script" not in svg
