"""What is settled before the dialogue is asked: messages for a person, and other languages. Pure.

The service looks at every typed message here first. So neither a rule nor a form nor training data
can come between a threat and the person who must read it.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from bot.actions import safety
from bot.actions.contract import Reason
from bot.actions.language import foreign

_FILE: Final = Path(__file__).parent.parent / "domain/responses/first_look.yml"


@dataclass(frozen=True, slots=True)
class Settled:
    """What to answer without asking the dialogue.

    Attributes:
        text: May hold ``{when}``: when a person will answer.
        buttons: ``(title, payload)`` of each quick reply.
        reason: Why a person takes over; ``None``: nobody does yet.
        language: The message's, where that is why it is settled: an article in it answers better.
    """

    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    reason: Reason | None = None
    language: str | None = None


def first_look(text: str, *, last_reply: str | None) -> Settled | None:
    """Settle a typed message, or leave it to the dialogue (``None``).

    Args:
        last_reply: What the shopper was told last. A language that was answered with an offer once
            is answered with a person the second time.
    """
    reason = safety.check(text)
    if reason is not None:
        return _said(f"utter_safety_{reason}", reason)
    language = foreign(text)
    if language is None:
        return None
    offer = replace(_said(f"utter_language_{language}"), language=language)
    if last_reply != offer.text:
        return offer
    handed_over = _said(f"utter_handed_over_{language}", Reason.ANOTHER_LANGUAGE)
    return replace(handed_over, language=language)


def _said(name: str, reason: Reason | None = None) -> Settled:
    response = _responses()[name][0]
    buttons = tuple((b["title"], b["payload"]) for b in response.get("buttons", ()))
    return Settled(response["text"], buttons, reason)


@cache
def _responses() -> dict[str, list[dict[str, Any]]]:
    """The sentences, from beside Rasa's, so that a shop finds all of them in one place."""
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[
        "responses"
    ]
    return found
