"""It came, and is to go back, is broken, is another thing, or the money is awaited."""

from typing import Final

from bot.actions.case import Case
from bot.actions.contract import Reason
from bot.actions.delivered_not_received import CLAIMED
from bot.actions.hand_over import hand_over, noted
from bot.actions.where import say_where
from tracking_lookup.model import Verdict

POLICIES: Final[dict[str, str]] = {
    "return_item": "How do I return something?",
    "refund_status": "When do I get my refund?",
}
"""What the shop's articles are asked when the question comes, before any order is looked at."""

_WRONG: Final[dict[str, tuple[str, Reason]]] = {
    "damaged_item": ("utter_damaged_item", Reason.DAMAGED),
    "wrong_item": ("utter_wrong_item", Reason.WRONG_ITEM),
}


async def say_return(case: Case) -> None:
    """Answer ``return_item``: the policy has been said; a delivered order can go back now."""
    verdicts = {parcel.lookup.assessment.verdict for parcel in case.order.parcels}
    if verdicts & CLAIMED:
        case.say("utter_return_offer", order=case.number)
    elif Verdict.COMING_BACK in verdicts:
        await say_where(case)
    else:
        await say_where(case)
        case.say("utter_return_later")


async def say_refund(case: Case) -> None:
    """Answer ``refund_status``. Payments are not ours to see: a person is given the question.

    Where the goods are neither cancelled, delivered nor back, that is said first.
    """
    verdicts = {parcel.lookup.assessment.verdict for parcel in case.order.parcels}
    if case.order.cancelled or verdicts & {*CLAIMED, Verdict.COMING_BACK, Verdict.LOST_SUSPECTED}:
        case.say("utter_refund_passed_on", order=case.number)
        await _hand_over(case, Reason.REFUND)
    else:
        await say_where(case)
        case.say("utter_refund_not_yet")


async def say_wrong_goods(case: Case) -> None:
    """Answer ``damaged_item`` and ``wrong_item``: sorry, and a person with all of it."""
    response, reason = _WRONG[case.question]
    case.say(response)
    await _hand_over(case, reason)


async def _hand_over(case: Case, reason: Reason) -> None:
    await hand_over(
        case.dispatcher, case.desk, case.tracker, reason, order=case.order.number,
        note=noted(case.question, case.words),
    )  # fmt: skip
