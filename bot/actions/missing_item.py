"""A part of the order is not there: still under way in another parcel, or a person looks."""

from bot.actions.case import Case
from bot.actions.contract import Reason
from bot.actions.delivered_not_received import CLAIMED
from bot.actions.hand_over import hand_over
from bot.actions.items import mentioned, narrowed
from bot.actions.where import say_where
from bot.actions.wording import listed


async def say_missing(case: Case) -> None:
    """Say what of the order is still to come, item by item; hand over where nothing is."""
    order = case.order
    parcels, unshipped = narrowed(order, case.words)
    coming = [p for p in parcels if p.lookup.assessment.verdict not in CLAIMED]
    if order.cancelled or not order.parcels or len(coming) == len(order.parcels):
        await say_where(case)  # nothing of it can be there yet
        return
    if not coming and not unshipped:
        arrived = [item for parcel in parcels for item in parcel.items]
        named = mentioned(case.words, arrived) or tuple(arrived)
        case.say("utter_missing_item", order=case.number)
        await hand_over(
            case.dispatcher, case.desk, case.tracker, Reason.MISSING_ITEM, order=order.number,
            note=f"Missing from a delivered parcel; it held: {listed(named, limit=300)}",
        )  # fmt: skip
        return
    for parcel in coming:
        case.say_parcel(parcel)
    if unshipped:
        items = listed(unshipped, limit=180)
        case.say("utter_items_not_shipped", order=case.number, items=items)
    case.say("utter_missing_item_offer")
