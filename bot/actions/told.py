"""What was answered last: for "and the other one?", and so that no answer is given twice."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

SLOT: Final = "told"

# Said with an answer, and different a minute later though the answer is the same.
_AGES: Final = frozenset({"last_scan", "when"})


@dataclass(frozen=True, slots=True)
class Told:
    """The last answer about an order, kept in a slot: a hint, never a proof.

    Attributes:
        order: Its number; ``None`` before any answer.
        question: The intent it answered.
        print: What was said, as ``fingerprint`` has it.
        times: How often it was the answer, in a row.
    """

    order: str | None = None
    question: str = ""
    print: str = ""
    times: int = 0

    @classmethod
    def of(cls, tracker: Tracker) -> "Told":
        """From the slot; empty where there is nothing in it, or something strange."""
        found = tracker.get_slot(SLOT)
        try:
            return cls(**found) if isinstance(found, dict) else cls()
        except TypeError:
            return cls()

    def kept(self) -> EventType:
        """The event that keeps it."""
        return SlotSet(SLOT, asdict(self))


def fingerprint(messages: Iterable[Mapping[str, Any]]) -> str:
    """The same for answers that differ in nothing but the age of what they tell."""
    lasting = [
        {key: value for key, value in message.items() if key not in _AGES} for message in messages
    ]
    text = json.dumps(lasting, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
