"""The bot's memory of a conversation, between two turns."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.dialogue.models import DialogueMemory


async def recall(session: AsyncSession, conversation_id: int, talk: str) -> dict[str, Any]:
    """What was remembered last; empty at the start of a talk."""
    found = await session.scalar(
        select(DialogueMemory.memory).filter_by(conversation_id=conversation_id, talk=talk)
    )
    return found or {}


async def remember(
    session: AsyncSession, conversation_id: int, talk: str, memory: dict[str, Any]
) -> None:
    """Remember this instead; belongs into the transaction that stores the replies."""
    await session.execute(
        insert(DialogueMemory)
        .values(conversation_id=conversation_id, talk=talk, memory=memory)
        .on_conflict_do_update(
            index_elements=[DialogueMemory.conversation_id], set_={"talk": talk, "memory": memory}
        )
    )
