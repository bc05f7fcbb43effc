"""Answer a question about an order, once the form has what it needs."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.answers import ANSWERS, answer
from bot.actions.case import Case
from bot.actions.contract import Desk, Reason
from bot.actions.conversation import conversation_id, question_words
from bot.actions.hand_over import hand_over
from bot.actions.order_form import ENDINGS, Step
from bot.actions.told import Told, fingerprint, say_it_was_said
from kit.errors import NotVerified

USUAL: Final = "order_status"


class ActionOrderStatus(Action):
    """Runs when ``order_form`` ends: with a proven order to tell about, or without."""

    def __init__(self, desk: Desk, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._zone = zone
        self._clock = clock

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_order_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Answer slot ``question`` for slot ``order_number``, and forget both.

        Neither is believed: the desk tells of orders proven in this conversation only.
        """
        ending = ENDINGS.get(tracker.get_slot("form_step"))
        if ending:
            dispatcher.utter_message(response=ending)
            return forget()
        conversation = conversation_id(tracker)
        try:
            order = await self._desk.order(conversation, tracker.get_slot("order_number") or "")
        except NotVerified:  # the proof expired between the form and here
            dispatcher.utter_message(response=ENDINGS[Step.GAVE_UP])
            return forget()
        question = tracker.get_slot("question")
        case = Case(
            dispatcher=CollectingDispatcher(),
            desk=self._desk,
            tracker=tracker,
            conversation=conversation,
            order=order,
            question=question if question in ANSWERS else USUAL,
            words=question_words(tracker),
            now=self._clock(),
            zone=self._zone,
        )
        await answer(case)
        return [*forget(), (await self._say_once(dispatcher, case)).kept()]

    async def _say_once(self, dispatcher: CollectingDispatcher, case: Case) -> Told:
        """Say the answer; where it was given before, say that, and the third time hand over."""
        said = fingerprint(case.dispatcher.messages)
        told = Told.of(case.tracker).then(case.order.number, case.question, said)
        if told.times == 1:
            dispatcher.messages.extend(case.dispatcher.messages)
        elif told.times == 2:
            say_it_was_said(dispatcher, case.dispatcher.messages, order=case.number)
        else:
            await hand_over(
                dispatcher, self._desk, case.tracker, Reason.ASKED_AGAIN, order=case.order.number
            )
        return told


def forget() -> list[EventType]:
    """The next question starts afresh."""
    slots = ("question", "order_number", "proof", "form_step", "words", "choices")
    return [SlotSet(slot, None) for slot in slots]
