"""The bot's memory of a conversation, between two turns."""

from typing import Any, Final

from sqlalchemy import BindParameter
from sqlalchemy.dialects.postgresql import Insert, insert

from service.dialogue.models import DialogueMemory

ANY_TALK: Final = ""
"""The talk of what we said first, outside any: it is remembered for whichever comes next."""


def remembering(
    conversation_id: int | BindParameter[int],
    talk: str | BindParameter[str],
    memory: dict[str, Any] | BindParameter[dict[str, Any]],
) -> Insert:
    """The statement that remembers this instead of what was; for the replies' transaction."""
    kept = insert(DialogueMemory).values(conversation_id=conversation_id, talk=talk, memory=memory)
    return kept.on_conflict_do_update(
        index_elements=[DialogueMemory.conversation_id],
        set_={"talk": kept.excluded.talk, "memory": kept.excluded.memory},
    )
