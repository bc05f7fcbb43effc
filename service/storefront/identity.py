"""Who may hear about an order. Checked here in code, before anything is shown."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final, NamedTuple

import phonenumbers
import structlog
from prometheus_client import Counter
from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kit.errors import LockedOut
from service.conversations.models import Conversation
from service.conversations.service import lock
from service.statements import Bare, Statement
from service.storefront.models import FailedProof, IdentityProof, Order
from service.storefront.normal import email_of, order_key

__all__ = [
    "LOCK_AFTER_FAILURES",
    "LOCK_LASTS",
    "PROOF_LASTS",
    "check",
    "covers",
    "end_proofs",
    "order_key",
    "prove",
    "proven",
]

PROOF_LASTS = timedelta(minutes=30)
LOCK_AFTER_FAILURES = 5
LOCK_LASTS = timedelta(hours=1)

# How much of a text is looked at. One try must not be a list of guesses.
MAX_TEXT: Final = 2000
MAX_EMAILS: Final = 3
MAX_NUMBERS: Final = 10
PHONE_PARTS: Final = 6
POSTCODE_PARTS: Final = 3
MIN_POSTCODE: Final = 3
# How many orders a proven phone number opens: the newest.
MAX_BY_PHONE: Final = 20

FAILURES = Counter("wismo_identity_failures", "Proofs of identity that did not fit.")
LOCKOUTS = Counter("wismo_identity_lockouts", "Conversations locked after too many failed proofs.")

log = structlog.get_logger()


async def prove(
    session: AsyncSession,
    conversation_id: int,
    order_number: str,
    proof_text: str,
    *,
    now: datetime,
) -> int | None:
    """Check what a shopper wrote against an order, and remember the outcome.

    An unknown order and a wrong proof run the same queries and the same comparisons. The
    conversation is locked until the commit, so that tries at once are counted one by one.

    Args:
        proof_text: The shopper's own words; the e-mail address, phone number or postcode may
            stand anywhere in them, written in any way.

    Returns:
        The order's id; ``None`` where there is no such order or the proof does not fit. The
        failure is then in the session: commit before raising anything.

    Raises:
        LockedOut: Too many failures. Nothing was checked.
    """
    conversation = await lock(session, conversation_id)
    if await _locked(session, conversation_id, now=now):
        raise LockedOut("too many failed proofs in this conversation")
    key = order_key(order_number)
    order = (await session.scalars(select(Order).filter_by(key=key))).one_or_none()
    kind = _fits(order, _without(proof_text, key), conversation.proved_phone)
    if order is None or kind is None:
        session.add(FailedProof(conversation_id=conversation_id, at=now))
        await session.flush()
        FAILURES.inc()
        if await _locked(session, conversation_id, now=now):
            LOCKOUTS.inc()
            log.warning("identity_locked", conversation=conversation_id)
        return None
    until = {"kind": kind, "proved_at": now, "expires_at": now + PROOF_LASTS}
    await session.execute(
        insert(IdentityProof)
        .values(conversation_id=conversation_id, order_id=order.id, **until)
        .on_conflict_do_update(index_elements=["conversation_id", "order_id"], set_=until)
    )
    return order.id


async def check(session: AsyncSession, order_number: str, proof_text: str) -> Order | None:
    """The order that a text proves, outside any conversation; ``None`` as in ``prove``.

    The work does not depend on the order. The caller counts the tries, or this is a way to guess.
    """
    key = order_key(order_number)
    order = (await session.scalars(select(Order).filter_by(key=key))).one_or_none()
    kind = _fits(order, _without(proof_text, key), None)
    if kind is None:
        FAILURES.inc()
    return order if kind is not None else None


async def covers(
    session: AsyncSession, conversation_id: int, order_number: str, *, now: datetime
) -> bool:
    """Whether an e-mail address or phone number that proved another order here is this one's too.

    Then this order is proven as well, for as long as that one. A postcode is shared with
    neighbours, so it proves the order it was given for alone.
    """
    other = aliased(Order)
    same = or_(
        and_(IdentityProof.kind == "email", func.lower(other.email) == func.lower(Order.email)),
        and_(IdentityProof.kind == "phone", other.phone == Order.phone),
    )
    found = (
        await session.execute(
            select(Order.id, IdentityProof.kind, IdentityProof.expires_at)
            .join(IdentityProof, IdentityProof.conversation_id == conversation_id)
            .join(other, other.id == IdentityProof.order_id)
            .where(Order.key == order_key(order_number), IdentityProof.expires_at > now, same)
            .order_by(IdentityProof.expires_at.desc())
            .limit(1)
        )
    ).one_or_none()
    if found is None:
        return False
    until = {"kind": found.kind, "proved_at": now, "expires_at": found.expires_at}
    await session.execute(
        insert(IdentityProof)
        .values(conversation_id=conversation_id, order_id=found.id, **until)
        .on_conflict_do_update(index_elements=["conversation_id", "order_id"], set_=until)
    )
    return True


class Proven(NamedTuple):
    """What is told of an order itself. Its columns are those of ``Order``."""

    id: int
    key: str
    number: str
    placed_at: datetime
    promised_to: datetime | None
    cancelled_at: datetime | None


async def proven(
    session: AsyncSession | Bare, conversation_id: int, *, now: datetime
) -> Sequence[Proven]:
    """The orders this conversation may hear about: newest proof first, then those of its phone.

    A channel that proves the sender's phone number proves with it the orders of that number, the
    newest 20 of them.
    """
    return await _PROVEN.all(session, conversation_id=conversation_id, now=now)


def _proven_query() -> Select[*tuple[Any, ...]]:
    conversation_id: BindParameter[int] = bindparam("conversation_id")
    shown = and_(
        IdentityProof.conversation_id == conversation_id,
        IdentityProof.expires_at > bindparam("now"),
    )
    by_phone = (
        select(Order.id)
        .join(Conversation, Conversation.proved_phone == Order.phone)
        .where(Conversation.id == conversation_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(MAX_BY_PHONE)
    )
    either = union(select(IdentityProof.order_id).where(shown), by_phone)
    return (
        select(*(getattr(Order, name) for name in Proven._fields))
        .outerjoin(IdentityProof, and_(IdentityProof.order_id == Order.id, shown))
        .where(Order.id.in_(either))
        .order_by(
            IdentityProof.proved_at.desc().nulls_last(),
            IdentityProof.id.desc(),
            Order.placed_at.desc(),
            Order.id.desc(),
        )
    )


_PROVEN: Final = Statement(_proven_query(), Proven)


async def end_proofs(session: AsyncSession, conversation_id: int, *, now: datetime) -> None:
    """Have a conversation prove anew what it has proved; it may be in other hands."""
    await session.execute(
        update(IdentityProof)
        .where(IdentityProof.conversation_id == conversation_id, IdentityProof.expires_at > now)
        .values(expires_at=now)
    )


async def _locked(session: AsyncSession, conversation_id: int, *, now: datetime) -> bool:
    """Whether the last five failures came within an hour, the last of them within the past hour.

    Tries in a locked conversation are not failures, so the lock ends an hour after it began.
    """
    last = (
        await session.scalars(
            select(FailedProof.at)
            .filter_by(conversation_id=conversation_id)
            .order_by(FailedProof.at.desc(), FailedProof.id.desc())
            .limit(LOCK_AFTER_FAILURES)
        )
    ).all()
    return (
        len(last) == LOCK_AFTER_FAILURES
        and last[0] - last[-1] <= LOCK_LASTS
        and now - last[0] < LOCK_LASTS
    )


def _fits(order: Order | None, text: str, proved_phone: str | None) -> str | None:
    """What in the text proves the order: ``email``, ``phone``, ``postcode`` or ``channel``.

    The work depends on the text alone: every candidate is compared with every expected value, and
    where the order has none (or there is no order) with random ones of the same number.
    """
    email, phone, postcode = (order.email, order.phone, order.postcode) if order else (None,) * 3
    parts = _parts(text)
    checks = (
        ("channel", (proved_phone or "",), (phone,)),
        ("email", _emails(text), (email_of(email) if email else None,)),
        ("phone", _windows(parts, PHONE_PARTS, digits_only=True), _phone_forms(phone)),
        ("postcode", _windows(parts, POSTCODE_PARTS), _postcode_forms(postcode)),
    )
    kinds = [kind for kind, candidates, expected in checks if _any_equal(candidates, expected)]
    return kinds[0] if kinds else None


def _any_equal(candidates: Sequence[str], expected: Sequence[str | None]) -> bool:
    nothing = secrets.token_hex(16)  # nobody can have typed it
    equal = False
    for value in expected:
        wanted = (value or nothing).encode(errors="replace")
        for candidate in candidates:
            equal |= compare_digest(candidate.encode(errors="replace"), wanted)
    return equal


def _phone_forms(phone: str | None) -> tuple[str | None, ...]:
    """The digits a person may write for a number in E.164, zeros in front left out.

    National, international, international with the trunk zero left in ("+44 (0) …"), and with
    North America's exit code 011. Always four.
    """
    if not phone:
        return (None,) * 4
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return (None,) * 4
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    return (
        national.lstrip("0") or None,
        code + national,
        f"{code}0{national}",
        f"11{code}{national}",
    )


def _postcode_forms(postcode: str | None) -> tuple[str | None, ...]:
    """A postcode's letters and digits, and the first five of a ZIP+4. Always two.

    One or two characters are no postcode anywhere, and stand in any sentence.
    """
    whole = order_key(postcode or "")
    if len(whole) < MIN_POSTCODE:
        return (None, None)
    short = whole[:5] if re.fullmatch(r"\d{5}-\d{4}", postcode or "", re.ASCII) else None
    return (whole, short)


def _parts(text: str) -> list[str]:
    """The runs of letters and digits in a text, upper case, up to the tenth with a digit."""
    plain = unicodedata.normalize("NFKC", text[:MAX_TEXT]).upper()
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    parts: list[str] = []
    numbers = 0
    for part in re.findall(r"[^\W_]+", plain):
        numbers += any(c.isdecimal() for c in part)
        if numbers > MAX_NUMBERS:
            break
        parts.append(part)
    return parts


def _windows(parts: Sequence[str], longest: int, *, digits_only: bool = False) -> list[str]:
    """Neighbouring parts written together, each with a digit in it."""
    found = []
    for start in range(len(parts)):
        for end in range(start + 1, min(start + longest, len(parts)) + 1):
            joined = "".join(parts[start:end])
            if digits_only and not joined.isdecimal():
                break
            if any(c.isdecimal() for c in joined):
                found.append(joined.lstrip("0") if digits_only else joined)
    return found


def _emails(text: str) -> list[str]:
    found = re.findall(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", text[:MAX_TEXT])
    return [email_of(address).strip(".'") for address in found[:MAX_EMAILS]]


def _without(text: str, key: str) -> str:
    """The text without the order's number: a number that everybody may know proves nothing."""

    def kept(word: str) -> str:
        return "" if key and order_key(word) == key else word

    return "".join(kept(word) for word in re.split(r"(\s+)", text[:MAX_TEXT]))
