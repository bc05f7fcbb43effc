"""Not understood: the articles, then one request to say it otherwise, then a person."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.articles import answer_from_faq
from bot.actions.contract import Desk, Reason
from bot.actions.conversation import intent, said_before
from bot.actions.details import read_details
from bot.actions.hand_over import hand_over
from faq.search import Faq

REPHRASE = "utter_rephrase"


class ActionFallback(Action):
    """The answer where no rule has one, and to what has nothing to do with the shop."""

    def __init__(self, desk: Desk, faq: Faq, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._faq = faq
        self._zone = zone
        self._clock = clock

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Try the articles first: a question may only have been put in unknown words.

        An order number among words that mean nothing to us is a question about that order.
        """
        today = self._clock().astimezone(self._zone).date()
        if answer_from_faq(dispatcher, self._faq, tracker, today=today):
            return []
        message = tracker.latest_message
        if intent(tracker) == "out_of_scope":
            dispatcher.utter_message(response="utter_out_of_scope")
        elif read_details(message.get("text") or "", message.get("entities") or ()).order_number:
            return [FollowupAction("order_form")]
        else:
            await not_understood(dispatcher, self._desk, tracker)
        return []


async def not_understood(dispatcher: CollectingDispatcher, desk: Desk, tracker: Tracker) -> None:
    """Ask for other words; the second time in a row, hand over."""
    if REPHRASE in said_before(tracker):
        await hand_over(dispatcher, desk, tracker, Reason.MISUNDERSTOOD)
    else:
        dispatcher.utter_message(response=REPHRASE)
