"""Stop or start messages, erase data: recorded, confirmed, and passed on where a person acts."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk, Reason, Request
from bot.actions.conversation import conversation_id
from bot.actions.follow_up import goes_on
from bot.actions.hand_over import close_form, hand_over


class ActionRequest(Action):
    """One of the requests a shopper may make about their own messages and data."""

    def __init__(self, desk: Desk, request: Request) -> None:
        self._desk = desk
        self._request = request

    def name(self) -> str:
        """The name the domain knows this action by: ``action_stop_messages`` and its like."""
        return f"action_{self._request}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Record first, then confirm. Erasing is done by a person, who may ask who is asking.

        "Start it" or "can you contact them?", said of an order, is no consent but wants a person.
        """
        if self._request is Request.START_MESSAGES and goes_on(tracker):
            await hand_over(dispatcher, self._desk, tracker)
            return close_form()
        await self._desk.record(conversation_id(tracker), self._request)
        match self._request:
            case Request.STOP_MESSAGES:
                dispatcher.utter_message(response="utter_messages_stopped")
            case Request.START_MESSAGES:
                dispatcher.utter_message(response="utter_messages_started")
            case Request.ERASE_DATA:
                dispatcher.utter_message(response="utter_erase_noted")
                await hand_over(dispatcher, self._desk, tracker, Reason.ERASE_DATA)
        return close_form()
