"""Not understood: the articles, then one request to say it otherwise, then a person."""

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
from bot.actions.conversation import intent, said_before, words
from bot.actions.details import read_details
from bot.actions.hand_over import hand_over
from bot.actions.told import Told
from bot.actions.which import asks_for_the_other
from faq.search import Faq

MISUNDERSTANDINGS: Final = frozenset({"utter_rephrase", "utter_out_of_scope"})


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

        An order number among words that mean nothing to us is a question about that order, and
        "and the other one?" is the last question about another.
        """
        if Told.of(tracker).order and asks_for_the_other(words(tracker)):
            return [FollowupAction("order_form")]
        now = self._clock().astimezone(self._zone)
        said = await answer_from_faq(dispatcher, self._desk, self._faq, tracker, now=now)
        if said is not None:
            return [FollowupAction("order_form")] if said.needs_order else []
        message = tracker.latest_message
        if read_details(message.get("text") or "", message.get("entities") or ()).order_number:
            return [FollowupAction("order_form")]
        await not_understood(dispatcher, self._desk, tracker)
        return []


async def not_understood(dispatcher: CollectingDispatcher, desk: Desk, tracker: Tracker) -> None:
    """Say what can be asked, or ask for other words; the second time in a row, hand over."""
    if not MISUNDERSTANDINGS.isdisjoint(said_before(tracker)):
        await hand_over(dispatcher, desk, tracker, Reason.MISUNDERSTOOD)
    elif intent(tracker) == "out_of_scope":
        dispatcher.utter_message(response="utter_out_of_scope")
    else:
        dispatcher.utter_message(response="utter_rephrase")
