"""Answer a question about an order, once the form has what it needs."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk, OrderAnswer
from bot.actions.conversation import conversation_id
from bot.actions.delivered_not_received import answer_not_received
from bot.actions.order_form import ENDINGS, Step
from bot.actions.parcel import say_parcel
from bot.actions.wording import listed, shorten, window_in_words
from kit.errors import NotVerified


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
        now, question = self._clock(), tracker.get_slot("question")
        if question == "delivered_not_received" and await answer_not_received(
            dispatcher, self._desk, conversation, order, now=now, zone=self._zone
        ):
            return forget()
        say_order(
            dispatcher, order, date_first=question == "delivery_date", now=now, zone=self._zone
        )
        return forget()


def say_order(
    dispatcher: CollectingDispatcher,
    order: OrderAnswer,
    *,
    date_first: bool,
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Say where an order is, one message for each parcel, and what is not sent yet."""
    number = shorten(order.number, 20)
    if order.cancelled:
        dispatcher.utter_message(response="utter_order_cancelled", order=number)
        return
    if not order.parcels:
        promised = ""
        if order.promised_to and order.promised_to >= now:
            day = window_in_words(None, order.promised_to, now=now, zone=zone)
            promised = f" It was promised by {day}."
        dispatcher.utter_message(
            response="utter_order_not_shipped", order=number, promised=promised
        )
        return
    split = len(order.parcels) > 1 or bool(order.unshipped)
    if len(order.parcels) > 1:
        dispatcher.utter_message(
            response="utter_order_split", order=number, count=str(len(order.parcels))
        )
    for place, parcel in enumerate(order.parcels, start=1):
        subject = f"Your order {number}"
        if split:
            items = f" ({listed(parcel.items, limit=30)})" if parcel.items else ""
            subject = f"Parcel {place}{items}" if len(order.parcels) > 1 else f"Your parcel{items}"
        said = say_parcel(parcel, subject=subject, date_first=date_first, now=now, zone=zone)
        dispatcher.utter_message(response=said.response, **said.variables)
    if order.unshipped:
        dispatcher.utter_message(
            response="utter_items_not_shipped",
            order=number,
            items=listed(order.unshipped, limit=180),
        )


def forget() -> list[EventType]:
    """The next question starts afresh."""
    return [SlotSet(slot, None) for slot in ("question", "order_number", "proof", "form_step")]
