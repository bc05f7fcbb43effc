"""What the service says at the door, by the shopper's language. What the bot says is not here.

One JSON file a language lies in ``words/``; a new file is a new language. Each text is in GSM-7 and
so short that an SMS of it costs one segment.
"""

from asyncio import to_thread
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.language import foreign
from integrations.messages import Kind
from kit.catalogue import DEFAULT, Catalogue
from service.consent.keywords import keyword, language_of
from service.conversations.models import Author, Message

CATALOGUE: Final = Catalogue(Path(__file__).parent / "words")
_LOOKED_AT: Final = 5  # messages, the newest: who changes the language is followed


async def texts_for(session: AsyncSession, conversation_id: int) -> Mapping[str, str]:
    """The words in the language that the shopper wrote lately; English where that is not clear."""
    newest = await session.scalars(
        select(Message.text)
        .where(
            Message.conversation_id == conversation_id,
            Message.author == Author.SHOPPER,
            Message.kind == Kind.TEXT,
        )
        .order_by(Message.id.desc())
        .limit(_LOOKED_AT)
    )
    written = newest.all()
    language = language_of(written[0]) if written else None
    if language is None:  # most keywords are the same in every language
        said = " ".join(text for text in written if keyword(text) is None)
        language = await to_thread(foreign, said)  # which takes a moment at the first time
    return CATALOGUE.of(language or DEFAULT)
