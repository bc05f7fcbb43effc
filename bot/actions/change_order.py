"""Another address, another day, no order after all: what can still be done, by where it is."""

from bot.actions.case import Case
from bot.actions.contract import ParcelAnswer, Reason
from bot.actions.hand_over import hand_over, noted
from bot.actions.where import say_where
from bot.actions.wording import shorten
from tracking_lookup.model import Verdict

# Before the carrier has it, and where the carrier waits for a word, a person can still change it.
_WITH_US = frozenset({Verdict.LABEL_ONLY, Verdict.NO_DATA})
_OVER = frozenset({Verdict.DELIVERED, Verdict.DELIVERED_DISPUTED, Verdict.COMING_BACK})


async def change_delivery(case: Case) -> None:
    """Answer ``change_address`` and ``reschedule_delivery``.

    Not with the carrier yet: a person is asked to change it. With the carrier: the carrier can,
    and how. Delivered or coming back: that is said.
    """
    if case.order.cancelled:
        await say_where(case)
        return
    if _changeable(case):
        await _ask_a_person(case, "utter_change_passed_on")
        return
    for parcel in case.order.parcels:
        if parcel.lookup.assessment.verdict in _OVER:
            case.say_parcel(parcel)
        else:
            _say_what_the_carrier_can(case, parcel)


async def cancel(case: Case) -> None:
    """Answer ``cancel_order``: a person stops what has not left; the rest can be sent back."""
    if case.order.cancelled:
        case.say("utter_order_cancelled", order=case.number)
    elif _changeable(case):
        await _ask_a_person(case, "utter_cancel_passed_on")
    elif all(p.lookup.assessment.verdict in _OVER for p in case.order.parcels):
        for parcel in case.order.parcels:
            case.say_parcel(parcel)
        case.say("utter_return_offer", order=case.number)
    else:
        case.say("utter_cancel_too_late", order=case.number)


def _changeable(case: Case) -> bool:
    """Whether any of it is still with the shop."""
    verdicts = {parcel.lookup.assessment.verdict for parcel in case.order.parcels}
    return not verdicts or bool(case.order.unshipped) or bool(verdicts & _WITH_US)


def _say_what_the_carrier_can(case: Case, parcel: ParcelAnswer) -> None:
    case.say(
        f"utter_{case.question}_by_carrier",
        order=case.number,
        carrier=shorten(parcel.carrier_name, 30),
        number=shorten(parcel.number, 40),
    )


async def _ask_a_person(case: Case, response: str) -> None:
    case.say(response, order=case.number)
    await hand_over(
        case.dispatcher,
        case.desk,
        case.tracker,
        Reason.CHANGE_REQUESTED,
        order=case.order.number,
        note=noted(case.question, case.words),
    )
