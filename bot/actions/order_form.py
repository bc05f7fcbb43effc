"""Gather an order number and proof, in any order and any number of messages.

``order_form`` asks; ``validate_order_form`` below reads each message first, so that "thanks, it's
1001" is not lost to small talk, and decides what is asked next. Where nothing is left to ask, it
answers at once: an action of its own for that would be a second call from Rasa in most turns.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.after_delivery import POLICIES
from bot.actions.answers import ANSWERS
from bot.actions.articles import ASKED_FIRST, answer_besides, answer_from_faq, say_policy
from bot.actions.complaint import SORRY
from bot.actions.contract import Desk
from bot.actions.conversation import conversation_id, intent, ranked, said_before, words
from bot.actions.details import Details, key, read_details, unslipped
from bot.actions.follow_up import goes_on
from bot.actions.order_status import answer_about
from bot.actions.told import Told
from bot.actions.which import asks_for_the_other, follows_on, which
from bot.actions.wording import either
from faq.search import Faq
from kit.errors import LockedOut, NotVerified


class Step(StrEnum):
    """How the form stands. The first seven choose how it asks; with the others it is over."""

    UNCLEAR = "unclear"
    UNCLEAR_AGAIN = "unclear_again"
    NOT_VERIFIED = "not_verified"
    NUMBER_LEFT = "number_left"
    PARCEL_NUMBER = "parcel_number"
    WHICH = "which"
    DID_YOU_MEAN = "did_you_mean"
    GAVE_UP = "gave_up"
    LOCKED_OUT = "locked_out"
    GOODBYE = "goodbye"


SLOTS: Final = ("question", "order_number", "proof", "form_step", "words", "choices")
"""What is kept until the answer. The next question starts afresh."""

ENDINGS: Final[dict[str | None, str]] = {
    Step.GAVE_UP: "utter_order_form_gave_up",
    Step.LOCKED_OUT: "utter_locked_out",
    Step.GOODBYE: "utter_goodbye",
}
"""What is said where the form ends without an order to tell about."""

PATIENCE: Final[dict[str | None, Step]] = {
    Step.UNCLEAR: Step.UNCLEAR_AGAIN,
    Step.UNCLEAR_AGAIN: Step.GAVE_UP,
    Step.PARCEL_NUMBER: Step.UNCLEAR_AGAIN,
}
"""After a message that says nothing useful: asked again twice, then a person is offered."""

SMALL_TALK: Final = {
    "greet": "utter_greet_briefly",
    "thank": "utter_welcome",
    "help": "utter_help",
    "bot_challenge": "utter_bot_challenge",
}
ASKED_ALONG: Final = 0.02
"""How sure a question must be to count where giving details is surer; a bare "1001" has none."""

SHORT_POSTCODE: Final = re.compile(r"\d{4}")

STEPS_ASIDE: Final = frozenset({"human", "stop_messages", "start_messages", "erase_my_data"})
"""Intents whose own rule applies, whatever else the message holds."""
ENDS: Final = {"deny": Step.GAVE_UP, "goodbye": Step.GOODBYE}
NOTHING_LEFT: Final = SlotSet("requested_slot", None)
"""The event that ends the form."""


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
        """Read the message; set what is known, what is asked next and how, or answer."""
        if intent(tracker) in STEPS_ASIDE:
            return [ActionExecutionRejected("order_form")]
        read = await self._read(dispatcher, tracker)
        if NOTHING_LEFT not in read:
            return read
        tracker.add_slots(read)
        said = await self._answer(dispatcher, tracker)
        return [NOTHING_LEFT, *(SlotSet(slot, None) for slot in SLOTS), *said]

    async def _answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Tell about the proven order, or say how the form ended without one."""
        ending = ENDINGS.get(tracker.get_slot("form_step"))
        if ending is None:
            with suppress(NotVerified):  # the proof may have expired since it was looked at
                told = await answer_about(
                    tracker.get_slot("order_number") or "",
                    tracker.get_slot("question"),
                    dispatcher,
                    self._desk,
                    tracker,
                    now=self._clock(),
                    zone=self._zone,
                )
                return [told.kept()]
        dispatcher.utter_message(response=ending or ENDINGS[Step.GAVE_UP])
        return []

    async def _read(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """What the message sets: what is known, what is asked next, and how."""
        asked = tracker.get_slot("requested_slot")  # None: the form has just been started
        found = read_details(
            tracker.latest_message.get("text") or "",
            tracker.latest_message.get("entities") or (),
            asked=asked,
        )
        if asked is None:
            return await self._start(dispatcher, tracker, found)
        if tracker.get_slot("form_step") == Step.DID_YOU_MEAN and found == Details():
            if intent(tracker) == "affirm":
                return _done(str(tracker.get_slot("choices")))
            if intent(tracker) == "deny":
                return _ask("order_number", None, None, None)
        if asked == "proof" and await self._opens(tracker, found):
            return _done(str(tracker.get_slot("order_number")))
        another = intent(tracker) in ANSWERS  # asked meanwhile: it is the one that counts
        if found == Details() and not another and not _names_another(tracker):
            return await self._nothing_found(dispatcher, tracker, asked)
        known = Details(
            found.order_number or tracker.get_slot("order_number"),
            found.proof or tracker.get_slot("proof"),
        )
        settled = await self._settle(tracker, known, question=tracker.get_slot("question") or "")
        return [*settled, SlotSet("words", words(tracker))] if another else settled

    async def _start(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, found: Details
    ) -> list[EventType]:
        """Begin afresh: what a form that was left behind gathered does not count.

        After "when does 1001 come?", "and 1003?" or "and the other one?" asks when that one comes.
        """
        question = tracker.get_slot("question") or _asked_along(tracker)
        follows = bool(goes_on(tracker))
        if not question or follows or follows_on(words(tracker)):
            question = Told.of(tracker).question or question
        told: list[EventType] = []
        if question in POLICIES and intent(tracker) in ANSWERS and not follows:
            policy = POLICIES[question]
            told = say_policy(dispatcher, self._faq, tracker, policy, now=self._now())
        else:
            await answer_besides(dispatcher, self._desk, self._faq, tracker, now=self._now())
        return [
            *await self._settle(tracker, found, question=question),
            SlotSet("question", question or None),
            SlotSet("words", words(tracker)),
            *told,
        ]

    async def _settle(self, tracker: Tracker, known: Details, *, question: str) -> list[EventType]:
        """Ask for what is missing, or prove."""
        conversation = conversation_id(tracker)
        number, proof = known.order_number, known.proof
        proven = await self._desk.proven(conversation)
        if number is None and proven and (proof is None or goes_on(tracker)):
            number = await self._which(tracker, proven, question)
        if number is not None and key(number) in map(key, proven):
            return _done(number)
        if number is None:
            step = Step.NUMBER_LEFT if proof else Step.WHICH if len(proven) > 1 else None
            if step is None and _names_a_parcel(tracker):
                step = Step.PARCEL_NUMBER
            asks = _ask("order_number", number, proof, step)
            return [*asks, SlotSet("choices", either(proven))] if step is Step.WHICH else asks
        if await self._desk.covers(conversation, number):
            return _done(number)
        meant = unslipped(number)
        if meant and await self._is_proven(conversation, meant, proven):
            return _did_you_mean(meant)
        if proof is None:
            return _ask("proof", number, proof, None)
        for tried in filter(None, (number, meant)):
            try:
                await self._desk.prove(conversation, tried, proof)
            except NotVerified:  # one answer for a wrong proof and for no such order
                continue
            except LockedOut:
                return _end(Step.LOCKED_OUT)
            return _done(tried) if tried == number else _did_you_mean(tried)
        return _ask("proof", number, proof, Step.NOT_VERIFIED)

    async def _opens(self, tracker: Tracker, found: Details) -> bool:
        """Whether a bare number is the postcode of the order that was named.

        In a dozen countries postcodes are as short as order numbers. One that opens nothing is
        taken for a correction: another order.
        """
        named, said = tracker.get_slot("order_number"), tracker.latest_message.get("text") or ""
        if not (named and found.order_number and SHORT_POSTCODE.fullmatch(said.strip())):
            return False
        with suppress(NotVerified, LockedOut):
            await self._desk.prove(conversation_id(tracker), named, found.order_number)
            return True
        return False

    async def _is_proven(self, conversation: int, number: str, proven: Sequence[str]) -> bool:
        return key(number) in map(key, proven) or await self._desk.covers(conversation, number)

    async def _which(self, tracker: Tracker, proven: Sequence[str], question: str) -> str | None:
        return await which(
            self._desk,
            conversation_id(tracker),
            proven,
            text=words(tracker),
            question=question,
            told=Told.of(tracker),
        )

    def _now(self) -> datetime:
        return self._clock().astimezone(self._zone)

    async def _nothing_found(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, asked: str
    ) -> list[EventType]:
        """Answer small talk and questions about the shop and ask on; count what is neither."""
        meant, step = intent(tracker), tracker.get_slot("form_step")
        number, proof = tracker.get_slot("order_number"), tracker.get_slot("proof")
        if asked == "order_number" and step not in PATIENCE and _names_a_parcel(tracker):
            return _ask(asked, number, proof, Step.PARCEL_NUMBER)
        if meant in ENDS:
            return _end(ENDS[meant])
        if meant == "complaint":
            if not SORRY.isdisjoint(said_before(tracker)):
                return [ActionExecutionRejected("order_form")]  # its own rule: a person
            dispatcher.utter_message(response="utter_complaint_briefly")
            return _ask(asked, number, proof, step)
        if meant in SMALL_TALK:
            dispatcher.utter_message(response=SMALL_TALK[meant])
            return _ask(asked, number, proof, step)
        if meant in ASKED_FIRST and await answer_from_faq(
            dispatcher, self._desk, self._faq, tracker, now=self._now()
        ):
            return _ask(asked, number, proof, step)
        step = PATIENCE.get(step, Step.UNCLEAR)
        return _end(step) if step in ENDINGS else _ask(asked, number, proof, step)


def _asked_along(tracker: Tracker) -> str:
    """What a message that gives details asks besides: "when does it come? 1001, ana@…"."""
    if intent(tracker) != "inform":
        return ""
    for name, confidence in ranked(tracker):
        if name in ANSWERS and confidence >= ASKED_ALONG:
            return name
    return ""


def _names_another(tracker: Tracker) -> bool:
    return tracker.get_slot("form_step") == Step.WHICH and asks_for_the_other(words(tracker))


def _names_a_parcel(tracker: Tracker) -> bool:
    """Whether a tracking number is there, which opens no order: every label shows it."""
    return any(
        found.get("entity") == "tracking_number"
        for found in tracker.latest_message.get("entities") or ()
    )


def _ask(slot: str, number: str | None, proof: str | None, step: str | None) -> list[EventType]:
    return [
        SlotSet("order_number", number),
        SlotSet("proof", proof),
        SlotSet("form_step", step),
        SlotSet("requested_slot", slot),
    ]


def _did_you_mean(number: str) -> list[EventType]:
    """Ask before an order is told about that was not named exactly."""
    return [
        *_ask("order_number", None, None, Step.DID_YOU_MEAN),
        SlotSet("choices", number),
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
        NOTHING_LEFT,
    ]
