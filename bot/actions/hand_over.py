"""A person: at once, at the first asking."""

from typing import Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from bot.actions.aspect import aspects_of
from bot.actions.contract import Desk, Reason
from bot.actions.conversation import conversation_id, said_before
from bot.actions.told import Told
from bot.actions.wording import shorten

HUMAN: Final = "/human"
"""Payload of every quick reply that asks for a person."""

OF_STATES: Final[dict[str, Reason]] = {
    "lost_suspected": Reason.LOST_SUSPECTED,
    "overdue": Reason.OVERDUE,
    "delivered_disputed": Reason.NOT_RECEIVED,
    "needs_customer_address": Reason.CHANGE_REQUESTED,
    "unreachable": Reason.CARRIER_DOWN,
}
"""Why a person is wanted for a parcel that stands so."""

REASONS: Final[dict[str, Reason]] = {
    **{
        f"utter_{said}_{state}": reason
        for said in ("parcel", "explain", "next")
        for state, reason in OF_STATES.items()
    },
    "utter_normal_overdue": Reason.OVERDUE,
    "utter_not_received_offer": Reason.NOT_RECEIVED,
    "utter_missing_item_offer": Reason.MISSING_ITEM,
    "utter_return_offer": Reason.RETURN,
    "utter_return_later": Reason.RETURN,
    "utter_refund_not_yet": Reason.REFUND,
    "utter_change_address_by_carrier": Reason.CHANGE_REQUESTED,
    "utter_reschedule_delivery_by_carrier": Reason.CHANGE_REQUESTED,
    "utter_cancel_too_late": Reason.CHANGE_REQUESTED,
    "utter_nothing_new": Reason.ASKED_AGAIN,
    "utter_know_no_more": Reason.ASKED_AGAIN,
    "utter_faq_again": Reason.ASKED_AGAIN,
    "utter_complaint": Reason.COMPLAINT,
    "utter_complaint_known": Reason.COMPLAINT,
    "utter_rephrase": Reason.MISUNDERSTOOD,
}
"""Why a person is wanted, by what the bot said just before."""

CONCERNS: Final[dict[str, Reason]] = {
    "delivered_not_received": Reason.NOT_RECEIVED,
    "missing_item": Reason.MISSING_ITEM,
    "damaged_item": Reason.DAMAGED,
    "wrong_item": Reason.WRONG_ITEM,
    "return_item": Reason.RETURN,
    "refund_status": Reason.REFUND,
    "change_address": Reason.CHANGE_REQUESTED,
    "reschedule_delivery": Reason.CHANGE_REQUESTED,
    "cancel_order": Reason.CHANGE_REQUESTED,
}
"""The same, by what the shopper came for earlier (slot ``concern``), whatever was said since."""

HOW: Final = frozenset({Reason.ASKED, Reason.ASKED_AGAIN, Reason.MISUNDERSTOOD})
"""These only say how it came to a person: what it is about counts before them."""


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
        reason: ``None``: read from what the bot said just before, else from what they came for.
        order: Number of the proven order it is about; ``None``: the one spoken of last, else the
            one they named, if any.
        note: What the agent should know besides the transcript; ``""``: what they came for.
    """
    conversation = conversation_id(tracker)
    if reason is None:
        known = (REASONS[name] for name in said_before(tracker) if name in REASONS)
        reason = next(known, Reason.ASKED)
    concern, its_words = tracker.get_slot("concern"), tracker.get_slot("concern_words") or ""
    if concern in CONCERNS and not aspects_of(its_words):  # "which neighbour?" is no concern
        reason = CONCERNS[concern] if reason in HOW else reason
        note = note or noted(concern, its_words)
    if order is None:
        order = await _spoken_of(desk, conversation, tracker) or tracker.get_slot("order_number")
    when = await desk.hand_over(conversation, reason, note=note, order_number=order)
    dispatcher.utter_message(response="utter_handed_over", when=when)


def noted(concern: str, said: str) -> str:
    """A line of a ticket's note: ``Damaged item: the lamp came in pieces``.

    Args:
        said: The message, as it was written; a pressed button's is left out.
    """
    what = concern.replace("_", " ").capitalize()
    return what if not said or said.startswith("/") else f"{what}: {shorten(said, 300)}"


async def _spoken_of(desk: Desk, conversation: int, tracker: Tracker) -> str | None:
    proven = await desk.proven(conversation)
    last = Told.of(tracker).order
    return last if last in proven else next(iter(proven), None)
