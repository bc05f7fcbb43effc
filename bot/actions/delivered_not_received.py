"""It is said to be delivered and is not there: where to look, then a person."""

from typing import Final

from bot.actions.case import Case
from bot.actions.items import narrowed
from bot.actions.parcel import say_parcel
from bot.actions.where import say_where
from tracking_lookup.model import Verdict

CLAIMED: Final = frozenset({Verdict.DELIVERED, Verdict.DELIVERED_DISPUTED})


async def say_not_received(case: Case) -> None:
    """Say where to look first, remember the dispute and offer a person.

    Where no parcel is marked as delivered, what the carrier does say is told instead.
    """
    parcels, _ = narrowed(case.order, case.words)
    claimed = [p for p in parcels if p.lookup.assessment.verdict in CLAIMED]
    if not claimed:
        await say_where(case)
        return
    await case.desk.dispute(case.conversation, case.order.number)
    for parcel in claimed:
        said = say_parcel(parcel, subject="", question=case.question, now=case.now, zone=case.zone)
        case.say("utter_not_received_checklist", **said.variables)
    case.say("utter_not_received_offer")
