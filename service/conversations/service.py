"""Conversations, and the one way out of them. Functions take a session and never commit."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.messages import SHARE_PHONE, Button, Image, Link, Row, Template
from kit.errors import NotFound
from service import jobs
from service.channels import is_fetched, shares_phone
from service.conversations.models import (
    Author,
    Conversation,
    Delivery,
    Handler,
    Message,
    Purpose,
)
from service.news import INBOX, announce, announcing, conversation_topic
from service.statements import Statement


async def tell_people(session: AsyncSession, conversation_id: int, message_id: int) -> None:
    """Have a shopper's message taken note of by the inbox, as people have the conversation."""
    await jobs.defer(
        session,
        "heard",
        lock=f"conversation:{conversation_id}",
        conversation_id=conversation_id,
        message_id=message_id,
    )
    await announce(session, INBOX)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was said."""

    id: int


_POST: Final = Statement(
    insert(Message)
    .values(
        {
            column: bindparam(column.key)
            for column in (
                Message.conversation_id,
                Message.author,
                Message.text,
                Message.buttons,
                Message.extras,
                Message.purpose,
                Message.made_from,
                Message.at,
                Message.delivery,
            )
        }
        | {Message.answered: True}
    )
    .returning(Message.id, announcing(bindparam("topic"))),
    lambda id, _: Posted(id),
)


async def post(
    session: AsyncSession,
    conversation: Conversation,
    author: Author,
    text: str,
    *,
    buttons: Sequence[Button] = (),
    rows: Sequence[Row] = (),
    image: Image | None = None,
    link: Link | None = None,
    template: Template | None = None,
    purpose: Purpose = Purpose.ANSWER,
    made_from: dict[str, Any] | None = None,
    now: datetime,
) -> Posted:
    """Say something to the shopper: as the bot, as an agent, or as the service. The one way out.

    The message and, if its channel sends, its delivery job are written together, or neither is.
    The conversation must be locked by ``lock`` or ``open_conversation``, so that ids grow in the
    order of commits.

    Args:
        purpose: What it is for; where the shopper has opted out of that, it is marked as failed.
        made_from: Of a bot's message, for who has to find out why it was wrong.
    """
    extras = {
        "rows": [asdict(row) for row in rows],
        "image": asdict(image) if image else None,
        "link": asdict(link) if link else None,
        "template": asdict(template) if template else None,
    }
    fetched = is_fetched(conversation.channel)
    may_share = shares_phone(conversation.channel) and conversation.proved_phone is None
    [message] = await _POST.all(
        session,
        conversation_id=conversation.id,
        author=author,
        text=text,
        buttons=json.dumps(
            [asdict(button) for button in buttons if may_share or button.payload != SHARE_PHONE]
        ),
        extras=json.dumps({name: value for name, value in extras.items() if value}),
        purpose=purpose,
        made_from=None if made_from is None else json.dumps(made_from),
        at=now,
        delivery=Delivery.SENT if fetched else Delivery.QUEUED,
        topic=conversation_topic(conversation.id),
    )
    if not fetched:
        await jobs.defer(
            session, "deliver", lock=f"delivery:{conversation.id}", message_id=message.id
        )
    if conversation.handler == Handler.AGENT:
        await announce(session, INBOX)
    return message


async def open_conversation(
    session: AsyncSession, channel: str, address: str, *, proved_phone: str | None = None
) -> Conversation:
    """The conversation of an address, made at its first message, locked until the commit."""
    made = pg.insert(Conversation).values(
        channel=channel, address=address, proved_phone=proved_phone
    )
    # To write what is there already is to lock it, and gives it back in the same statement.
    found = await session.scalars(
        made.on_conflict_do_update(
            index_elements=["channel", "address"], set_={"channel": made.excluded.channel}
        ).returning(Conversation),
        execution_options={"populate_existing": True},
    )
    return found.one()


# Made once: every turn locks its conversation.
_LOCKED: Final = (
    select(Conversation)
    .where(Conversation.id == bindparam("conversation_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def lock(session: AsyncSession, conversation_id: int) -> Conversation:
    """A conversation, locked until the commit, freshly read.

    Raises:
        NotFound: There is no such conversation.
    """
    found = (await session.scalars(_LOCKED, {"conversation_id": conversation_id})).one_or_none()
    if found is None:
        raise NotFound("no such conversation")
    return found


async def find(session: AsyncSession, channel: str, address: str) -> Conversation | None:
    """The conversation of an address, unlocked; ``None`` before its first message."""
    return (
        await session.scalars(select(Conversation).filter_by(channel=channel, address=address))
    ).one_or_none()


async def get(session: AsyncSession, conversation_id: int) -> Conversation:
    """A conversation, unlocked.

    Raises:
        NotFound: There is no such conversation.
    """
    found = await session.get(Conversation, conversation_id)
    if found is None:
        raise NotFound("no such conversation")
    return found


async def is_pending(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the bot still owes an answer."""
    waiting = select(Message.id).where(
        Message.conversation_id == conversation_id, ~Message.answered
    )
    return await session.scalar(waiting.limit(1)) is not None


async def transcript(
    session: AsyncSession, conversation_id: int, *, after: int = 0, limit: int = 1000
) -> Sequence[Message]:
    """What was said after message ``after``, oldest first, the newest ``limit`` of it."""
    newest = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(reversed((await session.scalars(newest)).all()))


async def fetched(session: AsyncSession, conversation_id: int, message_id: int) -> None:
    """The shopper's side has fetched what was said up to a message."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.fetched_id < message_id)
        .values(fetched_id=message_id)
    )
