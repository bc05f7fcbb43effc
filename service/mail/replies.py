"""From an e-mail back into the conversation it answers. Functions take a session."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from integrations.messages import InboundMessage
from service.attachments import service as attachments
from service.attachments.pictures import Picture
from service.conversations import door
from service.conversations.models import Conversation, Handler
from service.conversations.service import lock
from service.hours.terms import Terms
from service.inbox import handover
from service.mail.models import Mail
from service.mail.reading import Reply
from service.settings import Settings

UNREADABLE = "(An e-mail without text.)"


async def take(
    session: AsyncSession,
    reply: Reply,
    settings: Settings,
    terms: Terms,
    *,
    id: str,
    pictures: Sequence[Picture],
    now: datetime,
) -> bool:
    """Say in the conversation what an e-mail says, as its shopper, once for its ``id``.

    Whoever holds our e-mail may answer it: its name, which only it has, is the proof. People get
    the answer, also after the closing: the bot's would not reach who reads e-mail.

    Returns:
        Whether it answers an e-mail of ours.
    """
    mail = await session.scalar(
        select(Mail)
        .where(Mail.name.in_(reply.names), Mail.conversation_id.is_not(None))
        .order_by(Mail.id.desc())
        .limit(1)
    )
    if mail is None or mail.conversation_id is None:
        return False
    conversation: Conversation = await lock(session, mail.conversation_id)
    if conversation.handler == Handler.BOT:
        ticket = await handover.hand_over(
            session,
            conversation,
            Reason.ASKED_AGAIN,
            terms=terms,
            note="Answered our e-mail.",
            now=now,
        )
        ticket.email = mail.to
        await session.flush()
    kept = [
        await attachments.keep_upload(session, conversation.id, each, name="", now=now)
        for each in pictures
    ]
    await door.accept(
        session,
        InboundMessage(
            channel=conversation.channel,
            external_id=f"mail:{id}",
            address=conversation.address,
            text=reply.text or ("" if kept else UNREADABLE),
            received_at=now,
        ),
        settings,
        uploads=tuple(each.id for each in kept),
    )
    return True
