"""It is said to be delivered and is not there: where to look, then a person."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rasa_sdk.executor import CollectingDispatcher

from bot.actions.contract import Desk, OrderAnswer
from bot.actions.parcel import say_parcel
from bot.actions.wording import shorten
from tracking_lookup.model import Verdict

CLAIMED = frozenset({Verdict.DELIVERED, Verdict.DELIVERED_DISPUTED})


async def answer_not_received(
    dispatcher: CollectingDispatcher,
    desk: Desk,
    conversation: int,
    order: OrderAnswer,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> bool:
    """Say where to look first, remember the dispute and offer a person.

    Returns:
        Whether a parcel of the order is marked as delivered; otherwise nothing was said or done.
    """
    claimed = [p for p in order.parcels if p.lookup.assessment.verdict in CLAIMED]
    if not claimed:
        return False
    await desk.dispute(conversation, order.number)
    for parcel in claimed:
        said = say_parcel(
            parcel,
            subject=f"Your order {shorten(order.number, 20)}",
            date_first=False,
            now=now,
            zone=zone,
        )
        dispatcher.utter_message(response="utter_not_received_checklist", **said.variables)
    dispatcher.utter_message(response="utter_not_received_offer")
    return True
