"""What the bot remembers of a conversation. Rasa itself keeps nothing."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class DialogueMemory(Base):
    """What Rasa gave back with its last answer, to be sent along with the next question.

    Written together with that answer's replies. It holds what the shopper typed last: it goes
    where the conversation goes.

    Attributes:
        talk: The talk it is of; a later one of the same conversation starts with nothing.
    """

    __tablename__ = "dialogue_memories"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    talk: Mapped[str]
    memory: Mapped[dict[str, Any]]
