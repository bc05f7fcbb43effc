"""What was answered: for "and the other one?", and so that no answer is given twice."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.parcel import ANGLES

SLOT: Final = "told"
KEPT: Final = 8
"""Of how many answers it is known that they were given."""

COMING: Final = frozenset({*ANGLES.values(), "utter_parcel_moving", "utter_parcel_quiet"})
"""Answers about a parcel that is expected, and was scanned."""

BESIDE: Final = (
    "utter_explain_", "utter_next_", "utter_normal_", "utter_carrier", "utter_doubt",
    "utter_missed", "utter_pickup_", "utter_attempt_", "utter_delivered_proof",
)  # fmt: skip
"""How the answers of ``follow_up.py`` begin: not news of an order, but what is asked of it."""

# Said with an answer, and different a minute later though the answer is the same.
_AGES: Final = frozenset({"last_scan", "when"})


@dataclass(frozen=True, slots=True)
class Told:
    """The last answer about an order, kept in a slot: a hint, never a proof.

    Attributes:
        order: Its number; ``None`` before any answer.
        question: The intent it answered.
        print: What was said, as ``fingerprint`` has it.
        times: How often it was the answer since another order was spoken of.
        before: What else was said since then, as fingerprints, the newest last.
    """

    order: str | None = None
    question: str = ""
    print: str = ""
    times: int = 0
    before: Sequence[str] = ()

    @classmethod
    def of(cls, tracker: Tracker) -> "Told":
        """From the slot; empty where there is nothing in it, or something strange."""
        found = tracker.get_slot(SLOT)
        try:
            return cls(**found) if isinstance(found, dict) else cls()
        except TypeError:
            return cls()

    def then(self, order: str, question: str, answer: str) -> "Told":
        """What it is after the next answer, of which ``times`` says how often it was given.

        Args:
            answer: Its fingerprint.
        """
        if order != self.order:
            return Told(order, question, answer, 1)
        if answer == self.print:
            return replace(self, question=question, times=self.times + 1)
        earlier = [one for one in self.before if one != answer]
        before = [*earlier, self.print][-KEPT:] if self.print else earlier
        return Told(order, question, answer, 2 if answer in self.before else 1, before)

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


def say_it_was_said(
    dispatcher: CollectingDispatcher, messages: Sequence[Mapping[str, Any]], *, order: str
) -> None:
    """Say, in place of an answer that was given before, that there is no other.

    Args:
        messages: The answer. Of one parcel that is under way, where it was last and when it
            should come is said again.
    """
    if all(message["response"].startswith(BESIDE) for message in messages):
        dispatcher.utter_message(response="utter_know_no_more")
        return
    coming = [message for message in messages if message["response"] in COMING]
    so_far = f"{coming[0]['last_scan']}{coming[0]['expected']}" if len(coming) == 1 else ""
    dispatcher.utter_message(response="utter_nothing_new", order=order, so_far=so_far)
