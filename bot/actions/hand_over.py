"""A person: at once, at the first asking."""

from typing import Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.contract import Desk, Reason
from bot.actions.conversation import conversation_id, said_before
from bot.actions.told import Told

HUMAN: Final = "/human"
"""Payload of every quick reply that asks for a person."""

REASONS: Final[dict[str, Reason]] = {
    "utter_parcel_lost_suspected": Reason.LOST_SUSPECTED,
    "utter_parcel_overdue": Reason.OVERDUE,
    "utter_parcel_delivered_disputed": Reason.NOT_RECEIVED,
    "utter_not_received_offer": Reason.NOT_RECEIVED,
    "utter_missing_item_offer": Reason.MISSING_ITEM,
    "utter_return_offer": Reason.RETURN,
    "utter_return_later": Reason.RETURN,
    "utter_refund_not_yet": Reason.REFUND,
    "utter_change_address_by_carrier": Reason.CHANGE_REQUESTED,
    "utter_reschedule_delivery_by_carrier": Reason.CHANGE_REQUESTED,
    "utter_cancel_too_late": Reason.CHANGE_REQUESTED,
    "utter_parcel_needs_customer_address": Reason.CHANGE_REQUESTED,
    "utter_parcel_unreachable": Reason.CARRIER_DOWN,
    "utter_nothing_new": Reason.ASKED_AGAIN,
    "utter_complaint": Reason.COMPLAINT,
    "utter_rephrase": Reason.MISUNDERSTOOD,
}
"""Why a person is wanted, by what the bot said just before; anything else: it was asked for."""


class ActionHandOver(Action):
    """Give the conversation to a person. From the next message on the bot is silent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """The name the domain knows this action by."""
        return "action_hand_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Hand over, and close the form if it was open."""
        await hand_over(dispatcher, self._desk, tracker)
        return close_form()


def close_form() -> list[EventType]:
    """Leave ``order_form``; what it gathered does not count at its next start."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


async def hand_over(
    dispatcher: CollectingDispatcher,
    desk: Desk,
    tracker: Tracker,
    reason: Reason | None = None,
    *,
    order: str | None = None,
    note: str = "",
) -> None:
    """Open a ticket and tell the shopper when to expect an answer.

    Args:
        reason: ``None``: read from what the bot said just before.
        order: Number of the proven order it is about; ``None``: the one spoken of last, if any.
        note: What the agent should know besides the transcript.
    """
    conversation = conversation_id(tracker)
    if reason is None:
        known = (REASONS[name] for name in said_before(tracker) if name in REASONS)
        reason = next(known, Reason.ASKED)
    if order is None:
        order = await _spoken_of(desk, conversation, tracker)
    when = await desk.hand_over(conversation, reason, note=note, order_number=order)
    dispatcher.utter_message(response="utter_handed_over", when=when)


async def _spoken_of(desk: Desk, conversation: int, tracker: Tracker) -> str | None:
    proven = await desk.proven(conversation)
    last = Told.of(tracker).order
    return last if last in proven else next(iter(proven), None)
