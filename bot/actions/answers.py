"""Which answer belongs to which question about an order."""

from typing import Final

from bot.actions.after_delivery import say_refund, say_return, say_wrong_goods
from bot.actions.case import Answer, Case
from bot.actions.change_order import cancel, change_delivery
from bot.actions.delivered_not_received import say_not_received
from bot.actions.follow_up import say_follow_up
from bot.actions.missing_item import say_missing
from bot.actions.tracking_number import say_tracking_number
from bot.actions.where import say_where

ANSWERS: Final[dict[str, Answer]] = {
    "order_status": say_where,
    "delivery_date": say_where,
    "not_shipped_yet": say_where,
    "tracking_not_moving": say_where,
    "late_delivery": say_where,
    "delivery_attempt_failed": say_where,
    "customs_question": say_where,
    "delivered_not_received": say_not_received,
    "missing_item": say_missing,
    "tracking_number_problem": say_tracking_number,
    "change_address": change_delivery,
    "reschedule_delivery": change_delivery,
    "cancel_order": cancel,
    "return_item": say_return,
    "refund_status": say_refund,
    "damaged_item": say_wrong_goods,
    "wrong_item": say_wrong_goods,
}
"""By the intent that asked. ``say_where`` goes by each parcel's verdict."""


async def answer(case: Case) -> None:
    """Answer what is asked of the answer before it, or else the question itself."""
    if not await say_follow_up(case):
        await ANSWERS[case.question](case)
