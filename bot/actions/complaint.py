"""Anger without a question: one acknowledgement and an offer; the second time, a person."""

from typing import Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk, Reason
from bot.actions.conversation import said_before
from bot.actions.hand_over import close_form, hand_over

SORRY: Final = frozenset({"utter_complaint", "utter_complaint_briefly"})
"""Saying sorry twice in a row helps nobody."""


class ActionComplaint(Action):
    """Acknowledge, offer, and do not argue."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_complaint"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Say sorry once; hand over where that was the last thing said."""
        if SORRY.isdisjoint(said_before(tracker)):
            dispatcher.utter_message(response="utter_complaint")
        else:
            await hand_over(dispatcher, self._desk, tracker, Reason.COMPLAINT)
        return close_form()
