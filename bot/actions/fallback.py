"""No rule of its own: the articles, then one request to say it otherwise, then a person."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.articles import answer_from_faq
from bot.actions.contract import Desk, Reason
from bot.actions.conversation import intent, said_before
from bot.actions.details import read_details
from bot.actions.follow_up import asks_more_of_an_article, goes_on
from bot.actions.hand_over import hand_over
from faq.search import Faq

MISUNDERSTANDINGS: Final = frozenset({"utter_rephrase", "utter_out_of_scope"})


class ActionFallback(Action):
    """The answer where no rule has one, to a bare "help", and to what is not about the shop."""

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

        What follows on from an answer about an order goes on with that order, and so does a message
        that names one, whatever else it asks.
        """
        if on := goes_on(tracker):
            return on
        if asks_more_of_an_article(tracker):
            dispatcher.utter_message(response="utter_faq_again")
            return []
        if intent(tracker) == "help":
            dispatcher.utter_message(response="utter_help")
            return []
        now = self._clock().astimezone(self._zone)
        said = await answer_from_faq(dispatcher, self._desk, self._faq, tracker, now=now)
        message = tracker.latest_message
        details = read_details(message.get("text") or "", message.get("entities") or ())
        events = list(said.events) if said else []
        if details.order_number or (said and said.needs_order):
            return [*events, FollowupAction("order_form")]
        if said is None:
            await not_understood(dispatcher, self._desk, tracker)
        return events


async def not_understood(dispatcher: CollectingDispatcher, desk: Desk, tracker: Tracker) -> None:
    """Say what can be asked, or ask for other words; the second time in a row, hand over."""
    if not MISUNDERSTANDINGS.isdisjoint(said_before(tracker)):
        await hand_over(dispatcher, desk, tracker, Reason.MISUNDERSTOOD)
    elif intent(tracker) == "out_of_scope":
        dispatcher.utter_message(response="utter_out_of_scope")
    else:
        dispatcher.utter_message(response="utter_rephrase")
