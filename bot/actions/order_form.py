"""Gather an order number and proof, in any order and any number of messages.

``order_form`` asks; ``validate_order_form`` below reads each message first, so that "thanks, it's
1001" is not lost to small talk, and decides what is asked next or that the form is done.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.articles import answer_from_faq
from bot.actions.contract import Desk
from bot.actions.conversation import conversation_id, intent
from bot.actions.details import Details, key, read_details
from faq.search import Faq
from kit.errors import LockedOut, NotVerified


class Step(StrEnum):
    """How the form stands. The first five choose how it asks; with the others it is over."""

    UNCLEAR = "unclear"
    UNCLEAR_AGAIN = "unclear_again"
    NOT_VERIFIED = "not_verified"
    NUMBER_LEFT = "number_left"
    WHICH = "which"
    GAVE_UP = "gave_up"
    LOCKED_OUT = "locked_out"
    GOODBYE = "goodbye"


ENDINGS: Final[dict[str | None, str]] = {
    Step.GAVE_UP: "utter_order_form_gave_up",
    Step.LOCKED_OUT: "utter_locked_out",
    Step.GOODBYE: "utter_goodbye",
}
"""What is said where the form ends without an order to tell about."""

PATIENCE: Final[dict[str | None, Step]] = {
    Step.UNCLEAR: Step.UNCLEAR_AGAIN,
    Step.UNCLEAR_AGAIN: Step.GAVE_UP,
}
"""After a message that says nothing useful: asked again twice, then a person is offered."""

SMALL_TALK: Final = {
    "greet": "utter_greet_briefly",
    "thank": "utter_welcome",
    "help": "utter_help",
    "bot_challenge": "utter_bot_challenge",
}
ENDS: Final = {"deny": Step.GAVE_UP, "goodbye": Step.GOODBYE}
QUESTIONS: Final = frozenset({"ask_faq", "nlu_fallback", "out_of_scope"})


class ValidateOrderForm(Action):
    """Rasa calls it when the form starts, and at each message while it is open."""

    def __init__(self, desk: Desk, faq: Faq, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._faq = faq
        self._zone = zone
        self._clock = clock

    def name(self) -> str:
        """The name by which Rasa finds the validation of ``order_form``."""
        return "validate_order_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Read the message and set what is known, what is asked next, and how."""
        if intent(tracker) == "human":  # the form steps aside, and the rule for it applies
            return [ActionExecutionRejected("order_form")]
        asked = tracker.get_slot("requested_slot")  # None: the form has just been started
        found = read_details(
            tracker.latest_message.get("text") or "",
            tracker.latest_message.get("entities") or (),
            asked=asked,
        )
        if asked and found == Details():
            return self._nothing_found(dispatcher, tracker, asked)
        return await self._settle(tracker, found, started=asked is None)

    async def _settle(self, tracker: Tracker, found: Details, *, started: bool) -> list[EventType]:
        """Ask for what is missing, or prove."""
        conversation = conversation_id(tracker)
        number, proof = found.order_number, found.proof
        if not started:  # what a form that was left behind gathered does not count
            number = number or tracker.get_slot("order_number")
            proof = proof or tracker.get_slot("proof")

        proven = await self._desk.proven(conversation)
        if number is None and proof is None and len(proven) == 1:
            number = proven[0]
        if number is not None and key(number) in map(key, proven):
            return _done(number)
        if number is None:
            step = Step.NUMBER_LEFT if proof else Step.WHICH if len(proven) > 1 else None
            return _ask("order_number", number, proof, step)
        if proof is None:
            return _ask("proof", number, proof, None)
        try:
            await self._desk.prove(conversation, number, proof)
        except NotVerified:  # one answer for a wrong proof and for no such order
            return _ask("proof", number, proof, Step.NOT_VERIFIED)
        except LockedOut:
            return _end(Step.LOCKED_OUT)
        return _done(number)

    def _nothing_found(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, asked: str
    ) -> list[EventType]:
        """Answer small talk and questions about the shop and ask on; count what is neither."""
        meant, step = intent(tracker), tracker.get_slot("form_step")
        number, proof = tracker.get_slot("order_number"), tracker.get_slot("proof")
        if meant in ENDS:
            return _end(ENDS[meant])
        if meant in SMALL_TALK:
            dispatcher.utter_message(response=SMALL_TALK[meant])
            return _ask(asked, number, proof, step)
        if meant in QUESTIONS and answer_from_faq(
            dispatcher, self._faq, tracker, today=self._clock().astimezone(self._zone).date()
        ):
            return _ask(asked, number, proof, step)
        step = PATIENCE.get(step, Step.UNCLEAR)
        return _end(step) if step in ENDINGS else _ask(asked, number, proof, step)


def _ask(slot: str, number: str | None, proof: str | None, step: str | None) -> list[EventType]:
    return [
        SlotSet("order_number", number),
        SlotSet("proof", proof),
        SlotSet("form_step", step),
        SlotSet("requested_slot", slot),
    ]


def _done(number: str) -> list[EventType]:
    """Nothing more to ask. The proof is forgotten: the desk remembers that it fitted."""
    return _ask_nothing(number, None)


def _end(step: Step) -> list[EventType]:
    return _ask_nothing(None, step)


def _ask_nothing(number: str | None, step: Step | None) -> list[EventType]:
    return [
        SlotSet("order_number", number),
        SlotSet("proof", None),
        SlotSet("form_step", step),
        SlotSet("requested_slot", None),
    ]
