"""Answer a question about the shop from its articles."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.articles import answer_from_faq
from bot.actions.contract import Desk
from bot.actions.fallback import not_understood
from faq.search import Faq


class ActionFaq(Action):
    """Answer, offer a choice, or say that it was not understood."""

    def __init__(self, desk: Desk, faq: Faq, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._faq = faq
        self._zone = zone
        self._clock = clock

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_faq"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Search for the newest message's text."""
        now = self._clock().astimezone(self._zone)
        said = await answer_from_faq(dispatcher, self._desk, self._faq, tracker, now=now)
        if said is None:
            await not_understood(dispatcher, self._desk, tracker)
        return [FollowupAction("order_form")] if said and said.needs_order else []
