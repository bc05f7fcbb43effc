"""The end of a turn, in one statement. Takes a session, never commits."""

import json
from typing import Any, Final

from sqlalchemy import CTE, BindParameter, Select, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from service.conversations.models import Author, Message
from service.dialogue.memory import remembering
from service.statements import Statement


async def answered(
    session: AsyncSession,
    conversation_id: int,
    last_id: int,
    talk: str = "",
    memory: dict[str, Any] | None = None,
) -> bool:
    """Mark a turn as answered and remember what the bot wants remembered.

    Args:
        conversation_id: Of a locked conversation.
        last_id: The turn's newest message.
        talk: The talk's name at the bot.
        memory: Of that talk; ``None``: what was remembered stays.

    Returns:
        Whether an agent has answered meanwhile: then the bot keeps its answer to itself.
    """
    turn = {"conversation_id": conversation_id, "last_id": last_id}
    if memory is None:
        return bool(await _ANSWERED.one(session, **turn))
    return bool(await _REMEMBERED.one(session, **turn, talk=talk, memory=json.dumps(memory)))


def _query(*also: CTE) -> Select[bool]:
    its = Message.conversation_id == bindparam("conversation_id")
    last_id: BindParameter[int] = bindparam("last_id")
    marked = update(Message).where(its, Message.id <= last_id, ~Message.answered)
    spoke = select(Message.id).where(its, Message.id > last_id, Message.author == Author.AGENT)
    return select(spoke.exists()).add_cte(marked.values(answered=True).cte("marked"), *also)


_REMEMBER: Final = remembering(
    bindparam("conversation_id"), bindparam("talk"), bindparam("memory", type_=JSONB)
)
_ANSWERED: Final = Statement(_query(), bool)
_REMEMBERED: Final = Statement(_query(_REMEMBER.cte("remembered")), bool)
