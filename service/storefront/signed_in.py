"""Shoppers whom the shop's own page vouches for: a token that its server signs when they sign in.

The token is ``payload.signature``: the payload is base64url (without ``=``) of a JSON object with
``exp`` (Unix seconds) and ``email`` or ``order`` or both; the signature is the hexadecimal
HMAC-SHA256 of the payload's text with ``IDENTITY_KEY``. docs/widget.md has it in three languages.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import Counter
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotVerified
from service.storefront.identity import PROOF_LASTS
from service.storefront.models import IdentityProof, Order
from service.storefront.normal import email_of, order_key

KIND: Final = "signed"
MAX_TOKEN: Final = 2000
# A token is for one visit: one that is good for longer was made by mistake.
MAX_LIFE: Final = timedelta(hours=24)
MAX_ORDERS: Final = 20

REFUSED = Counter("wismo_identity_tokens_refused", "Tokens of signed-in shoppers that do not hold.")


@dataclass(frozen=True, slots=True)
class Claim:
    """What the shop says about who is signed in.

    Attributes:
        email: As compared (``email_of``); opens the newest 20 orders of that address.
        order: As compared (``order_key``); opens that order.
    """

    email: str | None
    order: str | None
    expires_at: datetime


class _Payload(BaseModel):
    email: str | None = Field(None, min_length=3, max_length=254)
    order: str | None = Field(None, min_length=1, max_length=64)
    exp: int = Field(ge=0, le=2**40)


def read(token: str, keys: Sequence[str], *, now: datetime) -> Claim:
    """What a token says.

    Args:
        keys: ``Settings.identity_keys``; none: every token is refused.

    Raises:
        NotVerified: Not signed with one of the keys, over, good for too long, or of another shape.
    """
    payload, _, signature = token[:MAX_TOKEN].partition(".")
    if not any(_equal(signature, sign(payload, key)) for key in keys):
        raise _refused("signature")
    try:
        padded = payload + "=" * (-len(payload) % 4)
        said = _Payload.model_validate(json.loads(base64.urlsafe_b64decode(padded)))
    except (ValueError, ValidationError) as error:
        raise _refused("payload") from error
    expires_at = datetime.fromtimestamp(said.exp, UTC)
    if not now < expires_at <= now + MAX_LIFE:
        raise _refused("expiry")
    email = email_of(said.email) if said.email else None
    order = order_key(said.order) if said.order else None
    if not (email or order):
        raise _refused("payload")
    return Claim(email, order, expires_at)


def sign(payload: str, key: str) -> str:
    """The signature of a token's first part."""
    return hmac.new(key.encode(), payload.encode(errors="replace"), hashlib.sha256).hexdigest()


async def vouch(
    session: AsyncSession, conversation_id: int, claim: Claim, *, now: datetime
) -> None:
    """Let a conversation hear about the claim's orders, as if they had been proved in it.

    For 30 minutes, and not longer than the token holds.
    """
    named = [Order.key == claim.order] if claim.order else []
    if claim.email:
        named.append(Order.email == claim.email)
    orders = await session.scalars(
        select(Order.id)
        .where(or_(*named))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(MAX_ORDERS)
    )
    until = {
        "kind": KIND,
        "proved_at": now,
        "expires_at": min(now + PROOF_LASTS, claim.expires_at),
    }
    for order_id in orders:
        await session.execute(
            insert(IdentityProof)
            .values(conversation_id=conversation_id, order_id=order_id, **until)
            .on_conflict_do_update(index_elements=["conversation_id", "order_id"], set_=until)
        )


def _refused(what: str) -> NotVerified:
    REFUSED.inc()
    return NotVerified(f"identity token: wrong {what}")


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
