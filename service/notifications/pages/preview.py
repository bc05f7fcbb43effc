"""A trigger's messages tried out, with made-up facts or a real parcel's: shown, or sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import phonenumbers
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.contract import Channel
from kit.errors import BadInput
from service.conversations import service as conversations
from service.conversations.models import Author, Purpose
from service.mail import service as mail
from service.notifications import news
from service.notifications.messages import rendering, whatsapp
from service.notifications.messages.rendering import Rendered, Shop
from service.notifications.messages.texts import Text
from service.notifications.milestones import facts
from service.notifications.news import Kind, News, Trigger
from service.notifications.policy import reaching
from service.notifications.policy.shop import notices_of
from service.settings import Settings
from service.storefront.models import Parcel
from service.storefront.normal import tracking_number_of

# As long as a real one: a preview must not look shorter than what is sent.
LINK: Final = "/t/1043-0-20417.apx8.a-sample-link-of-no-order"


@dataclass(frozen=True, slots=True)
class Preview:
    """How a trigger's messages look.

    Attributes:
        number: The tracking number whose facts they show; ``None``: made-up ones.
        missing: A number was asked for that no parcel has.
    """

    shop: Shop
    kinds: Mapping[Kind, Rendered]
    number: str | None
    missing: bool


async def of(
    session: AsyncSession,
    settings: Settings,
    trigger: Trigger,
    lang: str,
    *,
    parcel: str = "",
    now: datetime,
) -> Preview:
    """A trigger's messages of each kind in one language.

    Args:
        parcel: The tracking number of a parcel whose facts they tell; empty: made-up ones.
    """
    shop = await rendering.shop_of(session, settings)
    told = await _told(session, settings, trigger, parcel, now=now) if parcel.strip() else None
    said = [told or news.sample(trigger, now=now.astimezone(settings.zone))]
    kinds = {
        kind: rendering.render(
            said, kind, lang, shop=shop, link=f"{settings.base_url}{LINK}", now=now
        )
        for kind in Kind
    }
    number = parcel if told else None
    return Preview(shop, kinds, number, missing=bool(parcel.strip()) and told is None)


async def send(
    session: AsyncSession,
    settings: Settings,
    channels: Mapping[str, Channel],
    trigger: Trigger,
    lang: str,
    *,
    kind: Kind,
    to: str,
    parcel: str = "",
    now: datetime,
) -> None:
    """Send one to an address of one's own. It is told apart by ``[Test]`` and is no notification.

    Raises:
        BadInput: The address is none, or no channel for the kind is switched on.
    """
    shown = (await of(session, settings, trigger, lang, parcel=parcel, now=now)).kinds[kind]
    if kind is Kind.EMAIL:
        if to.count("@") != 1 or any(c.isspace() for c in to):
            raise BadInput("That is no e-mail address.")
        await mail.queue(
            session,
            key=f"test:{uuid4().hex}",
            to=to,
            subject=f"[Test] {shown.subject}",
            text=shown.text,
            html=shown.html,
            now=now,
        )
        return
    named = notices_of(settings).channels
    slug = reaching.ways_out(channels, settings, named).get(kind)
    if slug is None or kind not in testable(channels, settings):
        raise BadInput("No channel for that is switched on.")
    conversation = await conversations.open_conversation(session, slug, _phone(to, settings))
    await conversations.post(
        session,
        conversation,
        Author.SYSTEM,
        f"[Test] {shown.text}",
        purpose=Purpose.UPDATE,
        now=now,
    )


def testable(channels: Mapping[str, Channel], settings: Settings) -> Sequence[Kind]:
    """Kinds that a test can be sent by: those whose addresses a person knows by heart."""
    on = reaching.ways_out(channels, settings, notices_of(settings).channels)
    return [Kind.EMAIL, *(kind for kind in (Kind.WHATSAPP, Kind.SMS) if kind in on)]


def approvals(shop: Shop, trigger: Trigger, lang: str) -> Mapping[str, whatsapp.Entry]:
    """What the shop's file says of a trigger's WhatsApp template, by channel."""
    return shop.approved.of_trigger(trigger, lang)


def for_approval(text: Text) -> str:
    """The WhatsApp text as Meta's form takes it."""
    return whatsapp.for_approval(text)


async def _told(
    session: AsyncSession, settings: Settings, trigger: Trigger, number: str, *, now: datetime
) -> News | None:
    found = await session.scalar(
        select(Parcel.id)
        .filter_by(number=tracking_number_of(number))
        .order_by(Parcel.id.desc())
        .limit(1)
    )
    if found is None:
        return None
    return await facts.news_of(session, found, trigger, settings.zone, now=now)


def _phone(to: str, settings: Settings) -> str:
    try:
        number = phonenumbers.parse(to, settings.shop_country)
    except phonenumbers.NumberParseException as error:
        raise BadInput("That is no phone number.") from error
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
