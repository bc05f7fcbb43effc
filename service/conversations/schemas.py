"""What crosses the border of the chat API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from kit.text import MAX_MESSAGE_CHARS, clean
from service.attachments import service as attachments
from service.attachments.models import Attachment
from service.conversations.models import Author, Conversation, Delivery, Handler, Message
from service.settings import Settings


def _said(text: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        raise ValueError("must hold at least one visible character")
    return cleaned


Said = Annotated[str, StringConstraints(max_length=MAX_MESSAGE_CHARS), AfterValidator(_said)]
# Not of our own making: those have a colon after a word.
ClientId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x39\x3b-\x7e]{1,64}$")]


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


class DeviceLink(BaseModel):
    """A link to this conversation for another device."""

    url: str = Field(description="works once, for ten minutes; its secret stands after the #")


class LinkOpened(BaseModel):
    """What a link is exchanged for."""

    token: Annotated[str, StringConstraints(max_length=500)] = Field(
        description="what stands in the link after #continue="
    )
    locale: Annotated[str, StringConstraints(max_length=35)] = Field(
        "en", description="of the notice in the conversation, BCP 47"
    )


class SessionOut(BaseModel):
    """A session of a conversation that exists."""

    session: str


class ButtonOut(BaseModel):
    """A quick reply."""

    title: str
    payload: str


class RowOut(ButtonOut):
    """A quick reply with a line more."""

    description: str = ""


class PhotoOut(BaseModel):
    """A picture in a message.

    A shopper's is shown by a signed link that ends after an hour; a later read brings a new one.
    """

    url: str
    alt: str = Field("", description="what it shows, in words; empty: not known")
    width: int | None = None
    height: int | None = None


class LinkOut(BaseModel):
    """A link with its title."""

    title: str
    url: str


class MessageOut(BaseModel):
    """One thing said."""

    id: int
    client_id: str | None = Field(description="the id that the shopper's side gave it")
    author: Author
    text: str
    display: str | None
    buttons: list[ButtonOut]
    rows: list[RowOut]
    photos: list[PhotoOut]
    link: LinkOut | None
    at: datetime
    delivery: Delivery

    @classmethod
    def of(cls, message: Message, photos: Sequence[Attachment], settings: Settings) -> "MessageOut":
        """From its row and its files' rows."""
        extras = message.extras or {}
        shown = [(attachments.path(settings, photo), photo) for photo in photos]
        kept = [
            {"url": url, "width": photo.width, "height": photo.height}
            for url, photo in shown
            if url
        ]
        image = [extras["image"]] if "image" in extras else []
        return cls.model_validate(
            {
                "id": message.id,
                "client_id": message.external_id if message.author == Author.SHOPPER else None,
                "author": message.author,
                "text": message.text,
                "display": message.display,
                "buttons": message.buttons,
                "rows": extras.get("rows", []),
                "photos": [*kept, *image],
                "link": extras.get("link"),
                "at": message.at,
                "delivery": message.delivery,
            }
        )


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
