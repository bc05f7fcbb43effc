"""A turn: all that a shopper has said since the last answer, and the answer to it."""

import json
from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Select, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from bot.actions.first_look import Settled, first_look
from faq.search import Faq
from integrations.contract import Channel, MarksRead
from integrations.messages import Button, Kind
from integrations.rendering import numbered
from kit.errors import Upstream
from kit.text import fold
from service import channels as channels_known
from service.conversations.answering import answered
from service.conversations.delivery import outbound
from service.conversations.models import Author, Conversation, Handler, Message
from service.conversations.service import lock, post, tell_people
from service.db import Sessions
from service.dialogue.client import Answer, Dialogue
from service.dialogue.memory import ANY_TALK
from service.dialogue.models import DialogueMemory
from service.faq import foreign
from service.hours.terms import Terms
from service.inbox import handover, ratings
from service.statements import Bare, Statement, bare

log = structlog.get_logger()

# What a message without words for the bot is answered with.
WORDLESS: Final = {
    Kind.MEDIA: "Thank you, I've kept the picture with our conversation. What is it about?",
    Kind.LOCATION: "Thank you, I've kept the place. Please tell me in words what I can do for you.",
    Kind.CONTACTS: "Thank you, I've kept that. Please tell me in words what I can do for you.",
    Kind.REACTION: "",
    Kind.UNSUPPORTED: "I can't open that here. Please tell me in words what I can do for you.",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be answered.

    Attributes:
        text: The shopper's messages, one a line.
        first_id, last_id: Its oldest and newest message; what comes later is a later turn.
        pressed: It is a button's payload, not something typed.
        last_reply: What the shopper was told last in this talk; ``None`` at its start.
        sender: The talk's name at the bot: a new one after a long silence.
        wordless: The kind of the last message where none of them has words for the bot.
        external_id: The provider's id of the newest message.
        memory: What the bot remembers of the talk; empty at its start.
        handler: Who has the conversation.
        rating: Whether it may be the answer to "how did we do?".
    """

    conversation_id: int
    channel: str
    text: str
    first_id: int
    last_id: int
    pressed: bool
    last_reply: str | None
    sender: str
    wordless: Kind | None
    external_id: str | None
    memory: dict[str, Any]
    handler: Handler
    rating: bool


async def take(
    sessions: Sessions,
    dialogue: Dialogue,
    channels: Mapping[str, Channel],
    conversation_id: int,
    *,
    faq: Faq,
    terms: Terms,
    zone: ZoneInfo,
    now: datetime,
) -> bool:
    """Answer what is unanswered, as one turn; a pressed button is a turn of its own.

    One look at the database, one call of the bot, one short transaction; none is open while the bot
    thinks, since its actions use the same database. Killed anywhere, it may be run again: the
    answer is stored together with the mark that says it was given.

    Args:
        faq: Asked about messages in a language that the dialogue does not speak.
        zone: The shop's.

    Returns:
        Whether there was anything to answer.
    """
    async with bare(sessions) as connection:
        turn = await _open(connection, conversation_id)
    if turn is None:  # answered with an earlier job's messages
        return False
    if turn.handler == Handler.AGENT:  # a human has taken over: the bot is silent
        async with sessions.begin() as session:
            if await _left_to_people(session, conversation_id):
                return False
    channel = channels.get(turn.channel)
    leaves = channel is not None and channel.manifest.fetched
    await _mark_read(channel, turn)
    if turn.wordless is not None:
        async with sessions.begin() as session:
            wordless = Settled(WORDLESS[turn.wordless])
            await _settle(session, turn, wordless, terms=terms, leaves=leaves, now=now)
        return True
    settled = None
    if not turn.pressed:  # in a thread: the first look of a process loads a model
        settled = await to_thread(first_look, turn.text, last_reply=turn.last_reply)
    if settled is not None:
        if settled.language is not None:
            settled = await foreign.answered(
                settled,
                turn.text,
                faq=faq,
                sessions=sessions,
                conversation_id=conversation_id,
                channel=turn.channel,
                now=now.astimezone(zone),
            )
        async with sessions.begin() as session:
            await _settle(session, turn, settled, terms=terms, leaves=leaves, now=now)
        return True
    if turn.rating:
        async with sessions.begin() as session:
            if await _rate(session, turn, now=now):
                return True
    try:
        answer = await dialogue.reply(
            turn.sender,
            turn.text,
            metadata={"conversation": turn.conversation_id, "channel": turn.channel},
            memory=turn.memory,
        )
    except Upstream as error:
        log.error("bot_silent", reason=error.message, conversation=conversation_id)
        answer = Answer()
    async with sessions.begin() as session:
        await _close(session, turn, answer, terms=terms, leaves=leaves, now=now)
    return True


class _Said(NamedTuple):
    """A message of a talk, and what is known of the talk: the same with each."""

    id: int
    kind: str
    text: str
    answered: bool
    external_id: str | None
    buttons: list[Any]
    extras: dict[str, Any]
    channel: str
    handler: str
    session: int
    talk: str | None
    memory: dict[str, Any] | None
    rating: bool


async def _open(connection: Bare, conversation_id: int) -> Turn | None:
    """What is unanswered; ``None``: nothing.

    Without a lock, which could not be held while the bot thinks: what changes from now on, the
    transaction that stores the answer sees.
    """
    rows = await _OPEN.all(connection, conversation_id=conversation_id)
    waiting = [row for row in rows if not row.answered]
    if not waiting:
        return None
    last = next((row for row in rows if row.answered), None)
    talk = waiting[0]
    payloads = await _pressed(connection, conversation_id, waiting)
    taken = list(takewhile(lambda message: message.id not in payloads, waiting)) or waiting[:1]
    chosen = _chosen(last, taken)
    sender = f"{conversation_id}-{talk.session}"
    spoken = [message for message in taken if message.kind == Kind.TEXT]
    return Turn(
        conversation_id=conversation_id,
        channel=talk.channel,
        text=chosen
        or "\n".join(
            message.text if message.id in payloads else _typed(message.text) for message in spoken
        ),
        first_id=taken[0].id,
        last_id=taken[-1].id,
        pressed=chosen is not None or taken[0].id in payloads,
        last_reply=last.text if last else None,
        sender=sender,
        wordless=None if spoken else Kind(taken[-1].kind),
        external_id=taken[-1].external_id,
        memory=talk.memory if talk.memory and talk.talk in {sender, ANY_TALK} else {},
        handler=Handler(talk.handler),
        rating=talk.rating,
    )


def _open_query() -> Select[*tuple[Any, ...]]:
    """A conversation's unanswered messages and what was said to it before, oldest first."""
    its = Message.conversation_id == bindparam("conversation_id")
    first = select(func.min(Message.id)).where(its, ~Message.answered).scalar_subquery()
    last_reply = select(func.max(Message.id)).where(
        its, Message.id < first, Message.author != Author.SHOPPER
    )
    return (
        select(
            Message.id,
            Message.kind,
            Message.text,
            Message.answered,
            Message.external_id,
            Message.buttons,
            Message.extras,
            Conversation.channel,
            Conversation.handler,
            Conversation.session,
            DialogueMemory.talk,
            DialogueMemory.memory,
            ratings.is_open(Conversation.id).label("rating"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(DialogueMemory, DialogueMemory.conversation_id == Conversation.id)
        .where(its, or_(~Message.answered, Message.id == last_reply.scalar_subquery()))
        .order_by(Message.id)
    )


_OPEN: Final = Statement(_open_query(), _Said)
_PRESSED: Final = Statement(
    select(Message.id)
    .where(
        Message.conversation_id == bindparam("conversation_id"),
        Message.buttons.contains(bindparam("button", type_=JSONB)),
    )
    .limit(1),
    int,
)


async def _left_to_people(session: AsyncSession, conversation_id: int) -> bool:
    """Have people hear what is unanswered; ``False`` where they have just given it to the bot."""
    conversation = await lock(session, conversation_id)
    if conversation.handler != Handler.AGENT:
        return False
    heard = await session.scalars(
        update(Message)
        .where(Message.conversation_id == conversation_id, ~Message.answered)
        .values(answered=True)
        .returning(Message.id)
    )
    for message_id in sorted(heard):
        await tell_people(session, conversation_id, message_id)
    return True


def _chosen(last: _Said | None, taken: Sequence[_Said]) -> str | None:
    """The payload of an option that was offered as a numbered line, where the shopper names one.

    By its number (``2``, ``2.``, ``#2``) or by its words, as the whole message.
    """
    if last is None or len(taken) != 1 or taken[0].kind != Kind.TEXT:
        return None
    offered = outbound(Message(text=last.text, buttons=last.buttons, extras=last.extras), "")
    options = numbered(offered, channels_known.manifest_of(last.channel))
    said = fold(taken[0].text).strip(" .)#")
    if said.isdecimal() and 1 <= int(said) <= len(options):
        return options[int(said) - 1].payload
    return next((option.payload for option in options if fold(option.title) == said), None)


async def _mark_read(channel: Channel | None, turn: Turn) -> None:
    """Show the shopper that it is being answered, where the channel can."""
    if isinstance(channel, MarksRead) and turn.external_id is not None:
        try:
            await channel.mark_read(turn.external_id)
        except Upstream as error:
            log.info("not_marked_read", channel=turn.channel, reason=error.message)


async def _pressed(connection: Bare, conversation_id: int, messages: Sequence[_Said]) -> set[int]:
    """Ids of the messages that are the payload of a button offered in this conversation.

    Each is a turn of its own: Rasa reads ``/human`` as an intent only where it stands alone.
    """
    commands = {message.id: message.text for message in messages if message.text.startswith("/")}
    return {
        message_id
        for message_id, payload in commands.items()
        if await _PRESSED.one(
            connection, conversation_id=conversation_id, button=json.dumps([{"payload": payload}])
        )
    }


def _typed(text: str) -> str:
    """A typed message as Rasa gets it: never one of its commands, such as ``/restart``."""
    return f" {text}" if text.startswith("/") else text


async def _rate(session: AsyncSession, turn: Turn, *, now: datetime) -> bool:
    """Take a turn that is the answer to "how did we do?"; ``False``: it is the bot's."""
    taken = await ratings.take(
        session, turn.conversation_id, turn.text, first_id=turn.first_id, now=now
    )
    if taken is None:
        return False
    conversation = await lock(session, turn.conversation_id)
    await answered(session, turn.conversation_id, turn.last_id)
    await post(session, conversation, Author.SYSTEM, taken.text, buttons=taken.buttons, now=now)
    return True


async def _settle(
    session: AsyncSession,
    turn: Turn,
    settled: Settled,
    *,
    terms: Terms,
    leaves: bool,
    now: datetime,
) -> None:
    """Answer a turn that the dialogue is not asked about."""
    conversation = await lock(session, turn.conversation_id)
    agent_spoke = await answered(session, turn.conversation_id, turn.last_id)
    when = ""
    if settled.reason is not None:
        ticket = await handover.hand_over(
            session, conversation, settled.reason, terms=terms, now=now
        )
        when = handover.told(ticket, terms, now=now)
    if not agent_spoke:
        buttons = tuple(Button(title=title, payload=payload) for title, payload in settled.buttons)
        text = settled.text.replace("{when}", when)
        await post(session, conversation, Author.BOT, text, buttons=buttons, now=now)
    if settled.reason is not None:
        await handover.tell_where(session, conversation, terms, leaves=leaves, now=now)


async def _close(
    session: AsyncSession, turn: Turn, answer: Answer, *, terms: Terms, leaves: bool, now: datetime
) -> None:
    conversation = await lock(session, turn.conversation_id)
    if await answered(session, turn.conversation_id, turn.last_id, turn.sender, answer.memory):
        return
    for reply in answer.replies:
        await post(
            session,
            conversation,
            Author.BOT,
            reply.text,
            buttons=reply.buttons,
            made_from={"asked": turn.text, **(answer.memory or {})},
            now=now,
        )
    if not answer.replies:  # silence from the bot means a human
        await handover.hand_over(
            session, conversation, Reason.BOT_DOWN, terms=terms, now=now, tell=True
        )
    if conversation.handler == Handler.AGENT:
        await handover.tell_where(session, conversation, terms, leaves=leaves, now=now)
