"""By which kinds a person can be told of an order now, and what stands against the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from babel.languages import get_official_languages
from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.contract import Channel
from service.consent import service as consent
from service.conversations.models import Conversation, Purpose
from service.notifications.models import PushSubscription
from service.notifications.news import Kind
from service.notifications.policy.prices import price
from service.notifications.policy.rules import Reach, Why
from service.notifications.policy.shop import Notices
from service.settings import Settings
from service.statements import Statement
from service.storefront.models import IdentityProof, Order
from service.tracking_page import choices

CONSOLE: Final = "console"
LANGUAGES: Final = ("en", "es", "fr", "de")
_ON_PHONE: Final = (Kind.WHATSAPP, Kind.SMS)


@dataclass(frozen=True, slots=True)
class Reachable:
    """A person as far as messages about an order go.

    Attributes:
        lang: Two letters.
        windowed: Channels on which free text may not be sent now: a template alone.
    """

    kinds: Mapping[Kind, Reach]
    lang: str
    windowed: frozenset[str]


async def reach(
    session: AsyncSession,
    order: Order,
    notices: Notices,
    settings: Settings,
    channels: Mapping[str, Channel],
    *,
    now: datetime,
) -> Reachable:
    """Every kind, with its address and price or with what stands against it.

    Consent is the address's (whoever holds it said STOP) and the order's (what its shopper chose):
    both must allow it.
    """
    wanted = await choices.of_order(session, order.id, notices.agreed_at_checkout)
    ways = ways_out(channels, settings, notices.channels)
    day = now.astimezone(settings.zone).date()
    seen = await _SEEN.one(
        session,
        order_id=order.id,
        phone=order.phone,
        email=order.email,
        placed_at=order.placed_at,
    )
    moved, said = (bool(seen.moved), seen.lang) if seen else (False, None)
    email = (
        Why.NO_ADDRESS
        if not order.email
        else Why.NOT_CHOSEN
        if not wanted.get(Kind.EMAIL)
        else None
        if settings.smtp_url or settings.demo  # which catches them
        else Why.NO_CHANNEL
    )
    found = {
        Kind.EMAIL: Reach(Kind.EMAIL, order.email or "", refused=email),
        Kind.PUSH: Reach(Kind.PUSH, refused=None if said else Why.NOT_CHOSEN),
        Kind.TELEGRAM: await _telegram(session, order, ways.get(Kind.TELEGRAM), moved=moved),
    }
    for kind in _ON_PHONE:
        slug, phone = ways.get(kind), order.phone
        refused = (
            Why.NO_ADDRESS
            if phone is None
            else Why.NOT_CHOSEN
            if not wanted.get(kind)
            else Why.MOVED
            if moved
            else Why.NO_CHANNEL
            if slug is None
            else await _opted_out(session, slug, phone)
        )
        found[kind] = Reach(kind, phone or "", slug, price(kind, phone, on=day), refused)
    windowed = await _windowed(session, found, channels, now=now)
    return Reachable(found, _lang(said, order.country), windowed)


def ways_out(
    channels: Mapping[str, Channel], settings: Settings, named: Mapping[Kind, str]
) -> dict[Kind, str]:
    """The channel that carries each kind, of those that are switched on.

    In the demo, what has no provider goes to the console, where it can be read.

    Args:
        named: Which of several the shop wants.
    """
    found: dict[Kind, str] = {}
    for kind in (Kind.TELEGRAM, *_ON_PHONE):
        fit = sorted(slug for slug, one in channels.items() if one.manifest.network == kind)
        if fit:
            found[kind] = named[kind] if named.get(kind) in fit else fit[0]
        elif settings.demo and CONSOLE in channels and kind in _ON_PHONE:
            found[kind] = CONSOLE
    return found


async def _opted_out(session: AsyncSession, slug: str, address: str) -> Why | None:
    allowed = await consent.may_send(session, slug, address, Purpose.UPDATE)
    return None if allowed else Why.OPTED_OUT


async def _telegram(session: AsyncSession, order: Order, slug: str | None, *, moved: bool) -> Reach:
    """Where the shopper has started the chat, and shown there that order or number is theirs.

    Args:
        moved: The number proves nothing any more.
    """
    if slug is None:
        return Reach(Kind.TELEGRAM, refused=Why.NO_CHANNEL)
    # Of many a conversation no number is known either.
    phone = None if moved else order.phone
    address = await _STARTED.one(session, order_id=order.id, phone=phone, slug=slug)
    if address is None:
        return Reach(Kind.TELEGRAM, channel=slug, refused=Why.NO_ADDRESS)
    return Reach(Kind.TELEGRAM, address, slug, refused=await _opted_out(session, slug, address))


async def _windowed(
    session: AsyncSession,
    found: Mapping[Kind, Reach],
    channels: Mapping[str, Channel],
    *,
    now: datetime,
) -> frozenset[str]:
    closed = set()
    for one in found.values():
        hours = channels[one.channel].manifest.window_hours if one.channel else None
        if hours is None or one.refused is not None or one.channel is None:
            continue
        last = await _LAST_INBOUND.one(session, channel=one.channel, address=one.address)
        if last is None or now - last >= timedelta(hours=hours):
            closed.add(one.channel)
    return frozenset(closed)


def _lang(said: str | None, country: str | None) -> str:
    """What a browser of theirs speaks, else the first language of the country it goes to."""
    official = get_official_languages(country, de_facto=True) if country else ()
    return next((lang for lang in (said, *official[:1]) if lang in LANGUAGES), "en")


# Whether somebody else has ordered with the number since: then it may not be theirs now. And the
# language of the newest browser that takes push messages; nothing where none does.
_SEEN: Final = Statement[Any](
    select(
        exists()
        .where(
            Order.phone == bindparam("phone"),
            Order.placed_at > bindparam("placed_at"),
            Order.email.is_not(None),
            Order.email != bindparam("email"),
        )
        .label("moved"),
        select(PushSubscription.lang)
        .where(
            PushSubscription.order_id == bindparam("order_id"), PushSubscription.gone_at.is_(None)
        )
        .order_by(PushSubscription.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("lang"),
    )
)
_STARTED: Final = Statement(
    select(Conversation.address)
    .outerjoin(
        IdentityProof,
        (IdentityProof.conversation_id == Conversation.id)
        & (IdentityProof.order_id == bindparam("order_id")),
    )
    .where(
        Conversation.channel == bindparam("slug"),
        IdentityProof.id.is_not(None) | (Conversation.proved_phone == bindparam("phone")),
    )
    .order_by(IdentityProof.proved_at.desc().nulls_last(), Conversation.id.desc())
    .limit(1),
    str,
)
_LAST_INBOUND: Final = Statement(
    select(Conversation.last_inbound_at).filter_by(
        channel=bindparam("channel"), address=bindparam("address")
    ),
    lambda at: at,
)
