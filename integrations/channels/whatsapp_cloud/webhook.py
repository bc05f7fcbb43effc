"""What Meta's webhook says, as our events. Pure.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from integrations.channels.whatsapp_cloud.errors import ERRORS
from integrations.failures import failure_of
from integrations.messages import Attachment, Event, InboundMessage, Kind, Receipt, State
from kit.errors import BadWebhook
from kit.text import clean

SLUG: Final = "whatsapp_cloud"
# Meta tries to deliver a webhook for seven days; what is older is somebody's copy.
MOST_AGE: Final = timedelta(days=7, hours=1)

_STATES: Final[dict[str, State]] = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.READ,
    "played": State.READ,
    "failed": State.FAILED,
}
_FILES: Final = frozenset({"image", "video", "audio", "document"})
# What is told about the shopper rather than said by them: a changed number begins anew, unproved.
_NOT_SAID: Final = frozenset({"system", "request_welcome", "ephemeral"})


def events(body: bytes, *, phone_number_id: str, now: datetime) -> list[Event]:
    """The events of one webhook for our number, in Meta's order.

    Raises:
        BadWebhook: Not Meta's shape, or a message older than Meta would still deliver.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadWebhook(f"{SLUG}: the body is not JSON") from error
    if not isinstance(content, dict) or content.get("object") != "whatsapp_business_account":
        raise BadWebhook(f"{SLUG}: not a webhook of a WhatsApp account")
    return [
        event
        for entry in _objects(content, "entry")
        for change in _objects(entry, "changes")
        for event in _change(change, phone_number_id, now)
    ]


def _change(change: dict[str, Any], phone_number_id: str, now: datetime) -> Iterator[Event]:
    value = _object(change, "value")
    ours = _object(value, "metadata").get("phone_number_id") == phone_number_id
    if change.get("field") != "messages" or not ours:
        return
    contacts = _objects(value, "contacts")
    # Where one person writes, their name at Meta may stand beside the message instead of in it.
    writer = _text(contacts[0], "user_id") if len(contacts) == 1 else ""
    for message in _objects(value, "messages"):
        if message.get("type") not in _NOT_SAID:
            yield _message(message, writer, now)
    for status in _objects(value, "statuses"):
        if receipt := _receipt(status):
            yield receipt


def _message(message: dict[str, Any], writer: str, now: datetime) -> InboundMessage:
    message_id = _text(message, "id")
    phone, user = _text(message, "from"), _text(message, "from_user_id") or writer
    if not message_id or not (phone or user):
        raise BadWebhook(f"{SLUG}: a message without an id or a sender")
    if now - _time(message) > MOST_AGE:
        raise BadWebhook(f"{SLUG}: an old message is played back")
    proved = f"+{phone}" if phone.isascii() and phone.isdigit() else None
    kind, text, display = _said(message)
    return InboundMessage(
        channel=SLUG,
        external_id=message_id,
        # Someone with a user name may hide the number; then Meta's name for them is their address.
        address=proved or user or phone,
        text=text,
        display=display,
        kind=kind,
        received_at=now,
        proved_phone=proved,
        attachments=_attachments(message),
    )


def _said(message: dict[str, Any]) -> tuple[Kind, str, str | None]:
    """Kind, text, and what is displayed in its place."""
    kind = _text(message, "type")
    content = _object(message, kind)
    match kind:
        case "text":
            text, display = _text(content, "body"), None
        case "button":
            text, display = _text(content, "payload"), _text(content, "text")
        case "interactive":
            reply = _object(content, "button_reply") or _object(content, "list_reply")
            text, display = _text(reply, "id"), _text(reply, "title")
        case "location":
            return Kind.LOCATION, _place(content), None
        case "contacts":
            people = [_person(contact) for contact in _objects(message, "contacts")]
            return Kind.CONTACTS, clean("Contact: " + ", ".join(filter(None, people))), None
        case "reaction":
            return Kind.REACTION, _text(content, "emoji") or "(took a reaction back)", None
        case "sticker":
            return Kind.REACTION, "(a sticker)", None
        case _ if kind in _FILES:
            caption = _text(content, "caption")
            return (Kind.TEXT if caption else Kind.MEDIA), caption, None
        case "order":
            count = len(_objects(content, "product_items"))
            return Kind.UNSUPPORTED, f"(an order of {count} items from the catalogue)", None
        case _:
            text, display = "", None
    if not text:
        return Kind.UNSUPPORTED, "(a message WhatsApp does not pass on)", None
    return Kind.TEXT, text, display or None


def _place(content: dict[str, Any]) -> str:
    at = ", ".join(str(content.get(name, "?"))[:20] for name in ("latitude", "longitude"))
    named = ", ".join(filter(None, (_text(content, "name"), _text(content, "address"))))
    return clean(f"Location: {named + ' ' if named else ''}({at})")


def _person(contact: dict[str, Any]) -> str:
    phones = [_text(phone, "phone") for phone in _objects(contact, "phones")]
    name = _text(_object(contact, "name"), "formatted_name")
    return " ".join(filter(None, (name, *phones)))


def _attachments(message: dict[str, Any]) -> tuple[Attachment, ...]:
    kind = _text(message, "type")
    content = _object(message, kind) if kind in _FILES else {}
    reference = _text(content, "id")
    if not reference:
        return ()
    return (Attachment(reference, _text(content, "mime_type"), _text(content, "filename")),)


def _receipt(status: dict[str, Any]) -> Receipt | None:
    message_id, state = _text(status, "id"), _STATES.get(_text(status, "status"))
    if not message_id or state is None:  # "deleted", "warning": nothing new for people
        return None
    at = _time(status)
    if state is State.FAILED:
        errors = _objects(status, "errors")
        code = str(errors[0].get("code", ""))[:20] if errors else ""
        return failure_of(ERRORS, code).receipt(SLUG, message_id, code, at=at)
    return Receipt(channel=SLUG, provider_id=message_id, state=state, at=at)


def _time(thing: dict[str, Any]) -> datetime:
    """Its ``timestamp``: Unix seconds, written as text."""
    try:
        return datetime.fromtimestamp(int(thing["timestamp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise BadWebhook(f"{SLUG}: no readable timestamp") from error


def _object(thing: dict[str, Any], name: str) -> dict[str, Any]:
    found = thing.get(name)
    return found if isinstance(found, dict) else {}


def _objects(thing: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = thing.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadWebhook(f"{SLUG}: {name} is not a list of objects")
    return found


def _text(thing: dict[str, Any], name: str) -> str:
    found = thing.get(name)
    return clean(found) if isinstance(found, str) else ""
