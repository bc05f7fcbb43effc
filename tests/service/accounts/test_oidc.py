import pytest
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from service.accounts.models import Agent
from tests.service.accounts.provider import Provider
from tests.support.serving import serve


@pytest.fixture
async def provider(runtime, set_up):
    """The shop's identity provider, and settings that name it."""
    provider = Provider()
    async with serve(provider.app()) as provider.issuer:
        set_up(oidc_issuer=provider.issuer, oidc_client_id="wismo", oidc_client_secret="s")
        yield provider


@pytest.fixture
def come(provider):
    """Goes to the provider and back: ``answer = await come(browser)``."""

    async def come(http, **changed):
        left = await http.get("/inbox/sign-in/oidc", params={"next": "/inbox/account"})
        assert left.status_code == 303, left.text
        back = {**provider.agree(left.headers["location"]), **changed}
        return await http.get("/inbox/sign-in/oidc/back", params=back)

    return come


async def is_in(desk):
    return (await desk.http.get("/inbox/account")).status_code == 200


async def test_a_known_e_mail_comes_in_and_is_tied_to_its_person(make_desk, provider, come):
    ana = await make_desk(signed_in=False)
    assert "Sign in with single sign-on" in (await ana.http.get("/inbox/sign-in")).text
    assert (await come(ana.http)).headers["location"] == "/inbox/account"
    assert "ana@example.com" in (await ana.http.get("/inbox/account")).text

    provider.claims = {"email": "ana.new@example.com"}  # the same person, renamed there
    assert (await come(ana.http)).status_code == 303
    provider.claims = {"sub": "u-2"}  # somebody else, who was given her old address
    assert "did not open an account" in (await come(ana.http)).text


async def test_a_token_that_is_not_right_in_all_opens_nothing(make_desk, provider, come):
    ana = await make_desk(signed_in=False)
    for claims in (
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["wismo", "another"], "azp": "another"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"email_verified": False},
        {"email_verified": None},
        {"email": "nobody@example.com"},
        {"email": None},
    ):
        provider.claims = claims
        assert (await come(ana.http)).status_code == 403, claims
        assert not await is_in(ana), claims


async def test_a_token_that_is_not_the_providers_opens_nothing(make_desk, provider, come):
    ana = await make_desk(signed_in=False)
    provider.key = RSAKey.generate_key(2048, {"kid": "1"})
    assert (await come(ana.http)).status_code == 403
    provider.key = OctKey.generate_key(256, {"kid": "1"})
    provider.header = {"alg": "HS256", "kid": "1"}
    assert (await come(ana.http)).status_code == 403
    provider.unsigned = True
    assert (await come(ana.http)).status_code == 403
    assert not await is_in(ana)


async def test_only_what_this_browser_began_is_ended_here(make_desk, provider, come):
    ana, eve = await make_desk("Ana", signed_in=False), await make_desk("Eve", signed_in=False)
    left = await eve.http.get("/inbox/sign-in/oidc")
    eves = provider.agree(left.headers["location"])
    # Eve's answer in Ana's browser, which has begun nothing, and then something else.
    assert (await ana.http.get("/inbox/sign-in/oidc/back", params=eves)).status_code == 403
    assert (await come(ana.http, **eves)).status_code == 403
    assert (await come(ana.http, code="")).status_code == 403  # she said no there
    assert not await is_in(ana)


async def test_a_provider_in_trouble_leaves_the_password(make_desk, provider, come):
    ana = await make_desk(signed_in=False)
    provider.status = 503
    answer = await come(ana.http)
    assert answer.status_code == 503
    assert "sign in with a password" in answer.text
    assert (await ana.sign_in()).status_code == 303


async def test_a_newcomer_gets_an_account_where_the_settings_give_a_role(
    make_desk, provider, come, set_up, sessions
):
    somebody = await make_desk("Zoe", signed_in=False)
    assert (await come(somebody.http)).status_code == 403
    set_up(oidc_role="editor")
    assert (await come(somebody.http)).status_code == 303
    async with sessions() as session:
        made = (await session.scalars(select(Agent).filter_by(email="ana@example.com"))).one()
    assert (made.role, made.name) == ("editor", "Ana of the provider")
    assert made.password_hash.startswith("!")


async def test_without_a_provider_there_is_no_way_to_one(make_desk):
    ana = await make_desk(signed_in=False)
    assert "single sign-on" not in (await ana.http.get("/inbox/sign-in")).text
    assert (await ana.http.get("/inbox/sign-in/oidc")).status_code == 403
