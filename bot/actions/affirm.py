"""Yes and no: to the person that was offered last, and to whether an answer helped."""

import re
from typing import Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk
from bot.actions.conversation import conversation_id, offered, said_before, words
from bot.actions.fallback import MISUNDERSTANDINGS
from bot.actions.follow_up import asks_more_of_an_article, goes_on
from bot.actions.hand_over import HUMAN, hand_over

DID_IT_HELP = "utter_faq_did_it_help"
ALL_RIGHT = "utter_no_problem"
LATER = "utter_person_later"
_PLAIN_NO: Final = re.compile(r"\W*(?:no+|nope|nah|nothing|not really)\b", re.IGNORECASE)
# A yes to these is still to be followed by what is wanted.
OPEN = {ALL_RIGHT, "utter_greet", "utter_greet_briefly", "utter_help"}


class ActionAffirm(Action):
    """A yes means what the bot offered; after an answer, that it was understood."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_affirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Hand over where the bot's last turn had a quick reply that asks for a person.

        To nothing, and where the bot asked what is wanted, say what can be asked.
        """
        if on := goes_on(tracker):
            return on
        said = said_before(tracker)
        if DID_IT_HELP in said:
            await self._desk.rated(conversation_id(tracker), helped=True)
            dispatcher.utter_message(response="utter_welcome")
        elif not OPEN.isdisjoint(said):
            dispatcher.utter_message(response="utter_help")
        elif HUMAN in offered(tracker):
            await hand_over(dispatcher, self._desk, tracker)
        else:
            dispatcher.utter_message(response=ALL_RIGHT if said else "utter_help")
        return []


class ActionDeny(Action):
    """A no means what the bot asked; to nothing, it is accepted."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_deny"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Offer a person to whom an answer from the articles did not help, and take no for a no.

        A second no has nothing left to ask about.
        """
        if on := goes_on(tracker):
            return on
        said = said_before(tracker)
        if DID_IT_HELP in said:
            await self._desk.rated(conversation_id(tracker), helped=False)
            dispatcher.utter_message(response="utter_faq_did_not_help")
        elif asks_more_of_an_article(tracker):
            dispatcher.utter_message(response="utter_faq_again")
        elif not {ALL_RIGHT, LATER}.isdisjoint(said) and _PLAIN_NO.match(words(tracker) or "no"):
            dispatcher.utter_message(response="utter_goodbye")
        elif HUMAN in offered(tracker) and {*OPEN, *MISUNDERSTANDINGS}.isdisjoint(said):
            dispatcher.utter_message(response=LATER)
        else:
            dispatcher.utter_message(response=ALL_RIGHT)
        return []
