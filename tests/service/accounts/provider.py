"""A small identity provider, replayed: the border at which agents come from elsewhere."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.jwk import RSAKey


@dataclass
class Provider:
    """Signs in whoever it is told to, by OpenID Connect's code flow.

    Attributes:
        claims: What its next ID token says, over what is right.
        key: What it signs with; ``published`` is what it says it signs with.
    """

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    claims: dict = field(default_factory=dict)
    header: dict = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    issuer: str = ""
    status: int = 200
    codes: dict = field(default_factory=dict)
    unsigned: bool = False

    def __post_init__(self):
        self.published = self.key

    def agree(self, location):
        """What the person does there: says yes. Gives the query they come back with."""
        asked = {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"state": asked["state"], "code": code}

    def app(self):
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def configuration():
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }

        @app.get("/keys")
        async def keys():
            return {"keys": [self.published.as_dict(private=False)]}

        @app.post("/token")
        async def token(request: Request):
            form = await request.form()
            asked = self.codes.pop(form["code"], None)  # a code is good once
            good = asked and (
                form["redirect_uri"] == asked["redirect_uri"]
                and create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
                and request.headers["authorization"].startswith("Basic ")
            )
            if not good or self.status != 200:
                return JSONResponse(
                    {"error": "invalid_grant"}, status_code=self.status if good else 400
                )
            now = int(time.time())
            claims = {
                "iss": self.issuer,
                "aud": asked["client_id"],
                "sub": "u-1",
                "iat": now,
                "exp": now + 60,
                "nonce": asked["nonce"],
                "email": "ana@example.com",
                "email_verified": True,
                "name": "Ana of the provider",
                **self.claims,
            }
            given = {name: value for name, value in claims.items() if value is not None}
            if self.unsigned:
                parts = ({"alg": "none"}, given)
                signed = ".".join(urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts)
                signed = signed.replace("=", "") + "."
            else:
                signed = jwt.encode(self.header, given, self.key)
            return {"id_token": signed, "token_type": "Bearer", "access_token": "x"}

        return app
