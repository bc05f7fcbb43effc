"""Yes: to the person that was offered last, if one was."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk
from bot.actions.conversation import offered
from bot.actions.hand_over import HUMAN, hand_over


class ActionAffirm(Action):
    """A yes means what the bot offered; to nothing, it is answered with what can be asked."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_affirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Hand over where the bot's last turn had a quick reply that asks for a person."""
        if HUMAN in offered(tracker):
            await hand_over(dispatcher, self._desk, tracker)
        else:
            dispatcher.utter_message(response="utter_help")
        return []
