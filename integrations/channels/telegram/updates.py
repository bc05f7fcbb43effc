"""What a Telegram update says, as our events. Pure.

Source: https://core.telegram.org/bots/api#update; read with python-telegram-bot's types.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, ReactionTypeEmoji, Update
from telegram.constants import ChatMemberStatus, ChatType

from integrations.messages import (
    Attachment,
    Event,
    InboundMessage,
    Kind,
    Signal,
    SignalKind,
)
from kit.errors import BadWebhook
from kit.text import clean

SLUG: Final = "telegram"
# Telegram keeps what it could not deliver for a day; what is older is somebody's copy.
MOST_AGE: Final = timedelta(hours=25)
WANTED: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
)
# What the library raises at JSON that is not Telegram's; it checks no types itself.
UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
PRESSED: Final = "press:"  # stands before a callback query's id in ``external_id``
_START: Final = "/start"


def read(body: bytes) -> Update:
    """The update in a webhook's body.

    Raises:
        BadWebhook: Not Telegram's shape.
    """
    try:
        content = json.loads(body)
        if not isinstance(content, dict) or not _is_id(content.get("update_id")):
            raise TypeError("no update")
        return Update.de_json(content, None)
    except UNREADABLE as error:
        raise BadWebhook(f"{SLUG}: the body is not an update ({type(error).__name__})") from None


def events(update: Update, *, now: datetime) -> list[Event]:
    """The events of one update; none for groups, channels, other bots and what we do not use.

    Raises:
        BadWebhook: Not Telegram's shape, or older than Telegram would still deliver.
    """
    try:
        return _events(update, now)
    except UNREADABLE as error:
        raise BadWebhook(f"{SLUG}: the update cannot be read ({type(error).__name__})") from error


def _events(update: Update, now: datetime) -> list[Event]:
    if update.message is not None:
        return _message(update.message, now, edited=False)
    if update.edited_message is not None:
        return _message(update.edited_message, now, edited=True)
    if update.callback_query is not None:
        return _pressed(update.callback_query, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    reaction = update.message_reaction
    if reaction is not None and _is_ours(reaction.chat):
        emoji = [r.emoji for r in reaction.new_reaction if isinstance(r, ReactionTypeEmoji)]
        return [
            InboundMessage(
                channel=SLUG,
                external_id=f"{reaction.chat.id}:{reaction.message_id}:reaction:{update.update_id}",
                address=str(reaction.chat.id),
                text=clean("".join(emoji)) or "(took a reaction back)",
                kind=Kind.REACTION,
                received_at=now,
            )
        ]
    return []


def _message(message: Message, now: datetime, *, edited: bool) -> list[Event]:
    author = message.from_user
    if not _is_ours(message.chat) or (author is not None and author.is_bot):
        return []
    written = message.edit_date if edited and message.edit_date else message.date
    if now - written > MOST_AGE:
        raise BadWebhook(f"{SLUG}: an old update is played back")
    said = _said(message)
    if said is None:
        return []
    kind, text, display = said
    message_id = f"{message.chat.id}:{_id(message.message_id)}"
    return [
        InboundMessage(
            channel=SLUG,
            external_id=f"{message_id}:edit:{int(written.timestamp())}" if edited else message_id,
            address=str(message.chat.id),
            text=clean(text),
            display=display,
            kind=kind,
            received_at=now,
            proved_phone=_own_phone(message),
            attachments=_attachments(message),
            edits=message_id if edited else None,
        )
    ]


def _said(message: Message) -> tuple[Kind, str, str | None] | None:
    """Kind, text, what is displayed in its place; ``None`` for what the chat tells of itself."""
    if message.text is not None:
        text = _words(message.text)
        if not text:
            return Kind.UNSUPPORTED, "(an empty message)", None
        if text == _START or text.startswith(f"{_START} "):
            return Kind.TEXT, "hello", _START  # the button that opens the chat: greet
        return Kind.TEXT, text, None
    if message.contact is not None:
        if phone := _own_phone(message):
            return Kind.TEXT, phone, None
        contact = message.contact
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        return Kind.CONTACTS, f"Contact: {name} {contact.phone_number}", None
    if message.location is not None:
        at = f"{message.location.latitude:.5f}, {message.location.longitude:.5f}"
        named = f"{message.venue.title}, {message.venue.address} " if message.venue else ""
        return Kind.LOCATION, f"Location: {named}({at})", None
    if message.sticker is not None:
        return Kind.REACTION, f"(a sticker) {message.sticker.emoji or ''}", None
    if _attachments(message):
        caption = _words(message.caption or "")
        return (Kind.TEXT if caption else Kind.MEDIA), caption, None
    if message.effective_attachment is not None:  # a poll, dice, a game, a story
        return Kind.UNSUPPORTED, "(a message this chat cannot read)", None
    return None


def _own_phone(message: Message) -> str | None:
    """The shopper's number, proved: Telegram gives the account's own, and says whose it is.

    A contact that somebody else sent on, or one without a Telegram account, proves nothing.
    """
    contact, author = message.contact, message.from_user
    if contact is None or author is None or contact.user_id != author.id:
        return None
    if message.forward_origin is not None:
        return None
    digits = contact.phone_number.removeprefix("+")
    valid = digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15
    return f"+{digits}" if valid else None


def _attachments(message: Message) -> tuple[Attachment, ...]:
    if message.photo:  # the same picture in several sizes, the largest last
        return (Attachment(_words(message.photo[-1].file_id), "image/jpeg"),)
    # An animation comes with the same file as a document, too.
    for file in (message.document, message.video, message.voice, message.audio, message.video_note):
        if file is not None:
            kind = _words(getattr(file, "mime_type", None) or "")
            name = _words(getattr(file, "file_name", None) or "")
            return (Attachment(_words(file.file_id), kind, name),)
    return ()


def _pressed(query: CallbackQuery, now: datetime) -> list[Event]:
    payload = _words(query.data or "")
    if query.message is None or not _is_ours(query.message.chat) or not payload:
        return []
    return [
        InboundMessage(
            channel=SLUG,
            external_id=f"{PRESSED}{_words(query.id)}",
            address=str(query.message.chat.id),
            text=payload,
            display=_title(query),
            received_at=now,
        )
    ]


def _title(query: CallbackQuery) -> str | None:
    """What stood on the pressed button, where the message under it is still known."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    rows: Sequence[Sequence[object]] = markup.inline_keyboard if markup else ()
    titles = (
        clean(button.text)
        for row in rows
        for button in row
        if getattr(button, "callback_data", None) == query.data and hasattr(button, "text")
    )
    return next(titles, None)


def _membership(change: ChatMemberUpdated) -> list[Event]:
    if not _is_ours(change.chat):
        return []
    status = change.new_chat_member.status
    kind = SignalKind.BLOCKED if status == ChatMemberStatus.BANNED else SignalKind.STARTED
    return [Signal(SLUG, str(change.chat.id), kind, change.date, words=f"my_chat_member: {status}")]


def _is_ours(chat: Chat) -> bool:
    return chat.type == ChatType.PRIVATE and _id(chat.id) > 0


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not an id")
    return value


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return clean(value)
