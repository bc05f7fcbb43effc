"""The tracking number does not work, or there is none: the right one, and whose it is."""

from bot.actions.case import Case
from bot.actions.items import narrowed
from bot.actions.where import say_where
from bot.actions.wording import shorten
from tracking_lookup.model import Verdict


async def say_tracking_number(case: Case) -> None:
    """Give number and carrier of each parcel, and say whether the carrier knows it."""
    if case.order.cancelled:
        await say_where(case)
        return
    if not case.order.parcels:
        case.say("utter_tracking_number_none", order=case.number)
        return
    parcels, _ = narrowed(case.order, case.words)
    for parcel in parcels:
        unknown = parcel.lookup.assessment.verdict is Verdict.NO_DATA
        case.say(
            "utter_tracking_number_unknown" if unknown else "utter_tracking_number",
            order=case.number,
            number=shorten(parcel.number, 40),
            carrier=shorten(parcel.carrier_name, 30),
            where=f"Follow it at {parcel.link}."
            if parcel.link
            else f"Put exactly that into {shorten(parcel.carrier_name, 30)}'s own site.",
        )
