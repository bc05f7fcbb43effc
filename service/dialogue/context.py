"""What a conversation is about after we have spoken first. Takes a session, never commits."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from service.conversations.models import Conversation
from service.dialogue.memory import ANY_TALK, remembering
from service.dialogue.models import DialogueMemory
from service.statements import Statement
from service.storefront.models import Order

# As long as the bot's own session lasts (bot/domain): then its form is still open, or it is not.
TALKING: Final = timedelta(minutes=60)


async def spoke_of(
    session: AsyncSession, conversation: Conversation, order_id: int, *, now: datetime
) -> None:
    """Let the bot know which order a message of ours was about: "where exactly?" means that one.

    A hint and no proof: what may be told is decided by ``storefront.identity`` as ever. A talk that
    is under way goes on, with its open question.

    Args:
        conversation: Locked.
    """
    order = await session.get_one(Order, order_id)
    told = {"order": order.number, "question": "", "print": "", "times": 0}
    last = conversation.last_inbound_at
    talk = f"{conversation.id}-{conversation.session}"
    memory: dict[str, Any] = {}
    if last is not None and now - last < TALKING:
        kept = await session.get(DialogueMemory, conversation.id)
        memory = kept.memory if kept and kept.talk in {talk, ANY_TALK} else {}
    else:
        talk = ANY_TALK
    slots = {**memory.get("slots", {}), "told": told}
    now_knows = {"loop": None, "turn": [], **memory, "slots": slots}
    await _REMEMBER.all(
        session, conversation_id=conversation.id, talk=talk, memory=json.dumps(now_knows)
    )


_REMEMBER: Final = Statement[Any](
    remembering(
        bindparam("conversation_id"), bindparam("talk"), bindparam("memory", type_=JSONB)
    ).returning(DialogueMemory.conversation_id)
)
