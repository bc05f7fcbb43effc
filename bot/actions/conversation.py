"""What an action may know of the conversation it runs in."""

from collections.abc import Iterator
from typing import Any

from rasa_sdk import Tracker

from kit.errors import Misconfigured


def conversation_id(tracker: Tracker) -> int:
    """The conversation's id in the service, from the newest message's metadata.

    Only the service writes metadata. A slot will not do: a shopper can fill it.

    Raises:
        Misconfigured: Whoever talks to Rasa sends none. The action then fails, Rasa answers with
            nothing, and the service hands over to a person.
    """
    found = (tracker.latest_message.get("metadata") or {}).get("conversation")
    if not isinstance(found, int):
        raise Misconfigured("the message's metadata names no conversation")
    return found


def intent(tracker: Tracker) -> str:
    """The newest message's intent; empty where it has none."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def ranked(tracker: Tracker) -> Iterator[tuple[str, float]]:
    """The newest message's intents with their confidences, the surest first."""
    for one in tracker.latest_message.get("intent_ranking") or ():
        yield str(one.get("name") or ""), float(one.get("confidence") or 0)


def words(tracker: Tracker) -> str:
    """The newest message as it was written; empty for a pressed button."""
    text = str(tracker.latest_message.get("text") or "")
    return "" if text.startswith("/") else text


def said_before(tracker: Tracker) -> tuple[str, ...]:
    """Names of the responses in the bot's last turn, oldest first."""
    names = (event.get("metadata", {}).get("utter_action") for event in _last_turn(tracker))
    return tuple(reversed([name for name in names if name]))


def offered(tracker: Tracker) -> frozenset[str]:
    """Payloads of the quick replies in the bot's last turn."""
    return frozenset(
        str(button["payload"])
        for event in _last_turn(tracker)
        for button in (event.get("data") or {}).get("buttons") or ()
        if "payload" in button
    )


def _last_turn(tracker: Tracker) -> Iterator[dict[str, Any]]:
    """What the bot said between the newest message and the one before it, newest first."""
    messages = 0
    for event in reversed(tracker.events):
        if event["event"] == "user":
            messages += 1
        elif event["event"] == "bot" and messages == 1:
            yield event
        if messages > 1:
            return


def question_words(tracker: Tracker) -> str:
    """The message that asked the question: the newest, or the one that opened the form."""
    return str(tracker.get_slot("words") or "") or words(tracker)
