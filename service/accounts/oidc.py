"""Signing in with the shop's own identity provider: OpenID Connect, the authorization code flow.

The provider's address is the operator's setting. Its word is taken for who somebody is and for its
own second factor; what they may do here stays with their account.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotVerified, Rejected
from kit.http import call, json_of
from service.accounts import service
from service.accounts.models import Agent
from service.accounts.permissions import Role
from service.settings import Settings

SOURCE: Final = "oidc"
BACK: Final = "/inbox/sign-in/oidc/back"
# Signed with the provider's key pair; a shared secret or no signature at all is never accepted.
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
_LEEWAY_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Begun:
    """What this browser keeps, signed, while its person is at the provider.

    Attributes:
        next: Where they wanted to go.
    """

    state: str
    nonce: str
    verifier: str
    next: str

    def dump(self) -> str:
        """As a cookie keeps it."""
        return json.dumps(asdict(self))

    @staticmethod
    def load(text: str) -> "Begun":
        """What ``dump`` wrote."""
        return Begun(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Claims:
    """Who somebody is, by the provider's word.

    Attributes:
        subject: ``issuer|sub``; never changes, unlike an e-mail.
        email: ``None`` where the provider gave none, or has not verified it.
    """

    subject: str
    email: str | None
    name: str


def is_on(settings: Settings) -> bool:
    """Whether the settings name a provider."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


async def begin(http: httpx.AsyncClient, settings: Settings, *, next: str) -> tuple[str, Begun]:
    """Where to send the browser, and what it must bring back.

    Raises:
        Unavailable, RateLimited: The provider does not answer now.
        Rejected, NotFound: It is not a provider, or not that issuer.
    """
    begun = Begun(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        next=next,
    )
    found = await _discovered(http, settings)
    url: str = prepare_grant_uri(
        _text(found, "authorization_endpoint"),
        settings.oidc_client_id,
        "code",
        redirect_uri=settings.base_url + BACK,
        scope="openid email profile",
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=create_s256_code_challenge(begun.verifier),
        code_challenge_method="S256",
    )
    return url, begun


async def finish(
    http: httpx.AsyncClient,
    settings: Settings,
    begun: Begun,
    *,
    state: str,
    code: str,
    now: datetime,
) -> Claims:
    """Exchange the code that came back, and check what it bought.

    Raises:
        NotVerified: Not what this browser began, or the token is not the provider's for us.
        Unavailable, RateLimited: The provider does not answer now.
        Rejected: It refused the code, or answered something else.

    Source: OpenID Connect Core 1.0, sections 3.1.2.7, 3.1.3 and 3.1.3.7.
    """
    if not code or not secrets.compare_digest(state.encode(), begun.state.encode()):
        raise NotVerified("not the sign-in that was begun here")
    found = await _discovered(http, settings)
    answer = await call(
        http,
        SOURCE,
        "POST",
        _text(found, "token_endpoint"),
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": settings.base_url + BACK,
            "client_id": settings.oidc_client_id,
            "code_verifier": begun.verifier,
        },
        auth=(settings.oidc_client_id, settings.oidc_client_secret),
    )
    keys = await call(http, SOURCE, "GET", _text(found, "jwks_uri"))
    return read_token(
        _text(json_of(answer, SOURCE), "id_token"),
        json_of(keys, SOURCE),
        settings,
        nonce=begun.nonce,
        now=now,
    )


def read_token(token: str, keys: Any, settings: Settings, *, nonce: str, now: datetime) -> Claims:
    """Check an ID token and read it.

    Args:
        keys: The provider's JWK set.

    Raises:
        NotVerified: Signature, issuer, audience, time or nonce is not right; the log says which.
    """
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
        wanted.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotVerified(f"the ID token is refused ({type(error).__name__})") from error
    audience = claims["aud"]
    party = claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party != settings.oidc_client_id:
        raise NotVerified("the ID token is for another party too")
    email = claims.get("email") if claims.get("email_verified") in {True, "true"} else None
    return Claims(
        subject=f"{claims['iss']}|{claims['sub']}",
        email=service.normal_email(email) if isinstance(email, str) else None,
        name=str(claims.get("name") or ""),
    )


async def agent_of(session: AsyncSession, settings: Settings, claims: Claims) -> Agent:
    """The account of somebody the provider knows.

    By the provider's subject; the first time by their verified e-mail, which ties the two together.
    A newcomer gets an account with ``OIDC_ROLE``, where that is set.

    Raises:
        NotVerified: No account, a closed one, one tied to somebody else, or no verified e-mail.
    """
    query = select(Agent).with_for_update()
    known = (await session.scalars(query.filter_by(subject=claims.subject))).one_or_none()
    if known is None and claims.email is not None:
        known = (await session.scalars(query.filter_by(email=claims.email))).one_or_none()
        if known is not None and known.subject is not None:
            raise NotVerified("that account belongs to somebody else at the identity provider")
        if known is None and settings.oidc_role:
            try:
                known = await service.add(
                    session, claims.email, claims.name, role=Role(settings.oidc_role)
                )
            except BadInput as error:
                raise NotVerified("the identity provider's e-mail is not one") from error
    if known is None or not known.active:
        raise NotVerified("no account for this person")
    known.subject = claims.subject
    await session.flush()
    return known


async def _discovered(http: httpx.AsyncClient, settings: Settings) -> Any:
    issuer = settings.oidc_issuer
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    found = json_of(await call(http, SOURCE, "GET", url), SOURCE)
    if _text(found, "issuer") != issuer:
        raise Rejected(SOURCE, "OIDC_ISSUER is not what the provider calls itself")
    return found


def _text(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str):
        raise Rejected(SOURCE, f"its answer has no {name}")
    return value
