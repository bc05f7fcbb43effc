"""What Mailgun tells of e-mails that went through it. Pure.

Any SMTP server sends; bounces and complaints are heard of from this provider. The shapes are
modelled on its documentation and not checked against a live account.

Source: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks and
https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

from kit.errors import BadWebhook
from kit.text import clean
from service.mail.models import MailState

WORDS: Final = 300


@dataclass(frozen=True, slots=True)
class MailEvent:
    """What became of one e-mail.

    Attributes:
        name: What its ``Message-ID`` is made of (``Mail.name``).
        state: How far it got.
        ends: Its reader, or their mail server, wants no more of them.
        words: Why, for agents; no address in it.
    """

    name: str
    state: MailState
    ends: bool
    words: str


def read(body: bytes, key: str) -> MailEvent | None:
    """The event in a webhook; ``None``: of no interest here (opened, clicked, tried again).

    Raises:
        BadWebhook: Not signed with the key, or of another shape.
    """
    try:
        said = json.loads(body)
        signature, event = said["signature"], said["event-data"]
        signed = f"{signature['timestamp']}{signature['token']}".encode()
        given = str(signature["signature"]).encode()
        kind = str(event["event"])
        headers = event.get("message", {}).get("headers", {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadWebhook("mailgun: not an event") from error
    expected = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest().encode()
    if not hmac.compare_digest(expected, given):
        raise BadWebhook("mailgun: wrong signature")
    outcome = _outcome(kind, event)
    name = str(headers.get("message-id", "")).strip("<>").partition("@")[0]
    if outcome is None or not name:
        return None
    state, ends, words = outcome
    return MailEvent(name, state, ends, words)


def _outcome(kind: str, event: dict[str, Any]) -> tuple[MailState, bool, str] | None:
    match kind:
        case "delivered":
            return MailState.DELIVERED, False, ""
        case "failed" if event.get("severity") == "permanent":
            status = event.get("delivery-status")
            code = status.get("code", "") if isinstance(status, dict) else ""
            reason = clean(str(event.get("reason") or "refused"), limit=WORDS)
            return MailState.BOUNCED, True, f"It bounced: {reason} {code}".strip()
        case "complained":
            return MailState.COMPLAINED, True, "The reader called it spam."
        case "unsubscribed":
            return MailState.DELIVERED, True, "The reader has unsubscribed at the provider."
        case _:
            return None
