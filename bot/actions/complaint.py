"""Anger without a question: one acknowledgement and an offer; the second time, a person."""

from typing import Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk, Reason
from bot.actions.details import read_details
from bot.actions.hand_over import close_form, hand_over
from bot.actions.told import Told
from bot.actions.wording import shorten

SORRY: Final = frozenset(
    {
        "utter_complaint",
        "utter_complaint_briefly",
        "utter_complaint_heard",
        "utter_complaint_known",
    }
)
"""Saying sorry twice helps nobody."""


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
        """Say sorry once, and look at the order it names, if any; the second time, hand over."""
        if not SORRY.isdisjoint(tracker.get_slot("said") or {}):
            await hand_over(dispatcher, self._desk, tracker, Reason.COMPLAINT)
            return close_form()
        message = tracker.latest_message
        if read_details(message.get("text") or "", message.get("entities") or ()).order_number:
            dispatcher.utter_message(response="utter_complaint_heard")
            return [*close_form(), FollowupAction("order_form")]
        spoken_of = Told.of(tracker).order
        if spoken_of:
            dispatcher.utter_message(response="utter_complaint_known", order=shorten(spoken_of, 20))
        else:
            dispatcher.utter_message(response="utter_complaint")
        return close_form()
