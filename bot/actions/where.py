"""Where an order is: item by item, one message for each parcel."""

from bot.actions.case import Case
from bot.actions.items import narrowed
from bot.actions.wording import listed, window_in_words


async def say_where(case: Case) -> None:
    """Say where the order is, or the parts of it that were named, and what is not sent yet."""
    order = case.order
    if order.cancelled:
        case.say("utter_order_cancelled", order=case.number)
        return
    if not order.parcels:
        case.say("utter_order_not_shipped", order=case.number, promised=promised(case))
        return
    parcels, unshipped = narrowed(order, case.words)
    if len(parcels) > 1:
        case.say("utter_order_split", order=case.number, count=str(len(parcels)))
    for parcel in parcels:
        case.say_parcel(parcel)
    if unshipped:
        items = listed(unshipped, limit=180)
        case.say("utter_items_not_shipped", order=case.number, items=items)


def promised(case: Case) -> str:
    """`` It was promised by …``, and that it is late, if it is; empty where there is no promise."""
    by = case.order.promised_to
    if by is None:
        return ""
    day = window_in_words(None, by, now=case.now, zone=case.zone)
    late = ", so it is late, and I'm sorry" if by < case.now else ""
    return f" It was promised by {day}{late}."
