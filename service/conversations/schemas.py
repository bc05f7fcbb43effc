"""What crosses the border of the chat API."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from kit.text import MAX_MESSAGE_CHARS, clean
from service.conversations.models import Author, Conversation, Delivery, Handler, Message


def _said(text: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        raise ValueError("must hold at least one visible character")
    return cleaned


Said = Annotated[str, StringConstraints(max_length=MAX_MESSAGE_CHARS), AfterValidator(_said)]
ClientId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]


class NewMessage(BaseModel):
    """What a shopper's side sends.

    The id is the sender's: the same id again is the same message, so a retry does no harm.
    """

    id: ClientId | None = Field(None, description="1 to 64 visible ASCII characters")
    text: Said
    display: Said | None = Field(None, description="the title of a pressed quick reply")


class Stored(BaseModel):
    """A message is kept and will be answered; given only after the commit."""

    id: int
    conversation: str
    session: str = Field(description="show it as X-Wismo-Session where cookies are not kept")


class ButtonOut(BaseModel):
    """A quick reply."""

    title: str
    payload: str


class MessageOut(BaseModel):
    """One thing said."""

    id: int
    author: Author
    text: str
    display: str | None
    buttons: list[ButtonOut]
    at: datetime
    delivery: Delivery

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        """From its row."""
        return cls.model_validate(message, from_attributes=True)


class State(BaseModel):
    """Who answers, and whether an answer is on its way."""

    handler: Handler
    pending: bool


class Transcript(State):
    """What was said, oldest first."""

    conversation: str | None
    messages: list[MessageOut]

    @classmethod
    def empty(cls) -> "Transcript":
        """Of a session that has not written yet."""
        return cls(handler=Handler.BOT, pending=False, conversation=None, messages=[])


def public_id(conversation: Conversation) -> str:
    """The conversation's name on the outside."""
    return str(conversation.id)
