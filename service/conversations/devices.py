"""The same conversation on another device, by a link.

Who has the link has the conversation, so it works once, for ten minutes, and not unseen: its use
is written into the conversation, where the shopper reads it, and ends all proofs of identity.
"""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotVerified
from kit.signing import Signer
from service.conversations import service
from service.conversations.models import Author, Message
from service.settings import Settings
from service.storefront import identity

LINK_SECONDS: Final = 600


def make_link(settings: Settings, address: str) -> str:
    """A link to the web conversation of ``address``. Its secret stands after the ``#``.

    That part is never sent to a server: no log, proxy or preview of a messenger sees it.
    """
    token = _signer(settings).write(f"{address}.{secrets.token_urlsafe(9)}")
    return f"{settings.base_url}/widget/frame#continue={token}"


async def open_link(
    session: AsyncSession,
    settings: Settings,
    channel: str,
    token: str,
    *,
    notice: str,
    now: datetime,
) -> str:
    """Use a link.

    Args:
        notice: What the conversation says about it, on both devices.

    Returns:
        The conversation's address.

    Raises:
        NotVerified: Altered, over, or used before; which of them is never said.
    """
    address, _, nonce = _signer(settings).read(token, max_age=LINK_SECONDS).partition(".")
    found = await service.find(session, channel, address)
    if found is None:
        raise NotVerified("token refused")
    conversation = await service.lock(session, found.id)
    used = f"link:{nonce}"  # the notice itself is the mark of its use
    if await session.scalar(
        select(Message.id).filter_by(conversation_id=conversation.id, external_id=used)
    ):
        raise NotVerified("token refused")
    message = await service.post(session, conversation, Author.SYSTEM, notice, now=now)
    await session.execute(update(Message).filter_by(id=message.id).values(external_id=used))
    await identity.end_proofs(session, conversation.id, now=now)
    return address


def _signer(settings: Settings) -> Signer:
    return Signer(settings.keys, "chat-link")
