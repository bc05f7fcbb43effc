"""A question about the answer before it: "what does that mean?", "who has it?", "what now?"."""

import re
from typing import Any, Final

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction

from bot.actions.aspect import Aspect, aspects_of
from bot.actions.case import Case
from bot.actions.contract import ParcelAnswer, Reason
from bot.actions.conversation import intent, offered, said_before, words
from bot.actions.delivered_not_received import say_not_received
from bot.actions.details import read_details
from bot.actions.hand_over import HUMAN, hand_over
from bot.actions.hand_over import OF_STATES as REASON_OF
from bot.actions.items import narrowed
from bot.actions.parcel import Said
from bot.actions.told import Told
from bot.actions.where import promised
from bot.actions.which import asks_for_the_other
from bot.actions.wording import shorten

NOT_SENT: Final = "not_sent"
CANCELLED: Final = "cancelled"
_PARCEL: Final = "utter_parcel_"
_PICKUP: Final = "needs_customer_pickup"
_PAYMENT: Final = "needs_customer_payment"
_CUSTOMS: Final = "needs_customer_customs"
_ATTEMPT: Final = "failed_attempt"

STATES: Final = (
    "lost_suspected", "delivered_disputed", "overdue", "quiet", "quiet_held",
    "needs_customer_address", _CUSTOMS, _PAYMENT, _PICKUP, "needs_customer", _ATTEMPT,
    "coming_back", "unreachable", "no_data", "label_only", "moving", "delivered",
)  # fmt: skip
"""How a parcel can stand, by its answer's name; of several parcels, the first is asked about."""

CALM: Final = frozenset({"moving", "delivered"})
"""Nothing to ask the carrier about."""

DELIVERED: Final = ("delivered", "delivered_disputed")
OF_STATES: Final[dict[Aspect, dict[str, str]]] = {
    Aspect.KEEP: {_PICKUP: "utter_pickup_until"},
    Aspect.COLLECT: {_PICKUP: "utter_pickup_by_whom"},
    Aspect.PAY: {_PAYMENT: "utter_next_needs_customer_payment"},
    Aspect.PAPERS: {_CUSTOMS: "utter_next_needs_customer_customs"},
    Aspect.AGAIN: {_ATTEMPT: "utter_attempt_again"},
    Aspect.FETCH: {_ATTEMPT: "utter_attempt_fetch"},
    Aspect.CARD: {_ATTEMPT: "utter_next_failed_attempt"},
    Aspect.PROOF: dict.fromkeys(DELIVERED, "utter_delivered_proof"),
    Aspect.GONE: dict.fromkeys(DELIVERED, "utter_next_delivered_disputed"),
    Aspect.DONE: dict.fromkeys((*DELIVERED, _PAYMENT, _CUSTOMS), ""),
}
"""What is asked of some states alone; of any other it is no such question."""

NORMAL_OF: Final = ("moving", "quiet", "overdue", "label_only", "no_data", NOT_SENT)
SPECIAL: Final[dict[tuple[Aspect, str], str]] = {
    **{(Aspect.CARRIER, state): f"utter_carrier_{state}" for state in ("label_only", "no_data")},
    **{(Aspect.CARRIER, state): f"utter_explain_{state}" for state in (NOT_SENT, CANCELLED)},
    **{(Aspect.DOUBT, state): "utter_doubt_ours" for state in (NOT_SENT, CANCELLED)},
    (Aspect.DOUBT, "unreachable"): "utter_explain_unreachable",
    **{(Aspect.NORMAL, state): f"utter_normal_{state}" for state in NORMAL_OF},
}
USUAL: Final[dict[Aspect, str]] = {
    Aspect.CARRIER: "utter_carrier",
    Aspect.DOUBT: "utter_doubt",
    Aspect.MISSED: "utter_missed",
}
"""The answers to the others, where they are not ``utter_explain_…`` or ``utter_next_…``."""


ADDRESS_ASKED: Final = frozenset(
    {
        "utter_parcel_needs_customer_address",
        "utter_explain_needs_customer_address",
        "utter_next_needs_customer_address",
        "utter_change_address_by_carrier",
    }
)
"""After these a message with a house number in it is the address."""

ADDRESS_INTENTS: Final = frozenset({"inform", "change_address", "nlu_fallback", "out_of_scope"})
_HOUSE_NUMBER: Final = re.compile(
    r"(?=.*[a-z]{3}).*\b\d{1,4}[a-z]?\b(?!\s*(?:days?|weeks?|months?|hours?|times?|pm|am)\b)",
    re.IGNORECASE | re.DOTALL,
)


def goes_on(tracker: Tracker) -> list[EventType]:
    """Goes to the order spoken of last, where a message follows on from what was said of it.

    Returns:
        What takes it there; nothing where it stands for itself, or follows on from an article.
    """
    text, said = words(tracker), frozenset(tracker.get_slot("said") or {})
    if not Told.of(tracker).order:
        return []
    aspects = aspects_of(text)
    of_state = any(
        f"{_PARCEL}{state}" in said for one in aspects for state in OF_STATES.get(one, ())
    )
    vague = any(one not in OF_STATES for one in aspects) and not _after_an_article(tracker)
    if of_state or vague or asks_for_the_other(text) or _gives_address(tracker):
        return [FollowupAction("order_form")]
    return []


def asks_more_of_an_article(tracker: Tracker) -> bool:
    """Whether a message only asks something of the article that was just told."""
    vague = any(one not in OF_STATES for one in aspects_of(words(tracker)))
    return vague and _after_an_article(tracker)


def _after_an_article(tracker: Tracker) -> bool:
    return any(name.startswith("utter_faq_") for name in said_before(tracker)[-1:])


async def say_follow_up(case: Case) -> bool:
    """Answer a message that asks something of the answer before it; ``False``: it does not."""
    follows = Told.of(case.tracker).order == case.order.number
    if follows and _gives_address(case.tracker):
        await _hand_over(case, Reason.CHANGE_REQUESTED, "The address, as they wrote it")
        return True
    for aspect in aspects_of(case.words):
        found = _asked_about(case, aspect)
        if found is None or not (follows or aspect is Aspect.PROOF):
            continue
        state, said = found
        if aspect is Aspect.DONE:
            reason = Reason.NOT_RECEIVED if state in DELIVERED else REASON_OF.get(state)
            await _hand_over(case, reason, "Already done, they say")
        elif aspect is Aspect.GONE and state == "delivered":
            await say_not_received(case)
        elif aspect is Aspect.CHASE and (state not in CALM or HUMAN in offered(case.tracker)):
            await _hand_over(case, REASON_OF.get(state), "To be asked of the carrier")
        else:
            case.say(_response(aspect, state), **said)
        return True
    return False


async def _hand_over(case: Case, reason: Reason | None, what: str) -> None:
    note = f"{what}: {shorten(case.words, 300)}"
    await hand_over(
        case.dispatcher, case.desk, case.tracker, reason, order=case.order.number, note=note
    )


def _gives_address(tracker: Tracker) -> bool:
    """Whether an address is written where one was asked for, or is to be put right.

    Not where another question is asked, and later in the talk only what is plainly told.
    """
    text = words(tracker)
    just_now = not ADDRESS_ASKED.isdisjoint(said_before(tracker))
    earlier = not ADDRESS_ASKED.isdisjoint(tracker.get_slot("said") or {})
    named = read_details(text, tracker.latest_message.get("entities") or ()).order_number
    meant = intent(tracker)
    told = (just_now and meant in ADDRESS_INTENTS) or (earlier and meant == "inform")
    return told and named is None and _HOUSE_NUMBER.match(text) is not None


def _asked_about(case: Case, aspect: Aspect) -> tuple[str, dict[str, Any]] | None:
    """The state of what is asked about, and the words for it; ``None``: nothing stands so."""
    order = {"order": case.number, "promised": promised(case), "about": ""}
    if case.order.cancelled or not case.order.parcels:
        state = CANCELLED if case.order.cancelled else NOT_SENT
        return None if aspect in OF_STATES else (state, order)
    parcels, _ = narrowed(case.order, case.words)
    every = sorted((_stands(case, parcel) for parcel in parcels), key=lambda s: STATES.index(s[0]))
    for state, said in every:
        if aspect not in OF_STATES or state in OF_STATES[aspect]:
            return state, {**order, **said.variables}
    return None


def _stands(case: Case, parcel: ParcelAnswer) -> tuple[str, Said]:
    said = case.about(parcel)
    return said.response.removeprefix(_PARCEL), said


def _response(aspect: Aspect, state: str) -> str:
    if aspect in OF_STATES:
        return OF_STATES[aspect][state]
    usual = "next" if aspect in {Aspect.NEXT, Aspect.CHASE} else "explain"
    return SPECIAL.get((aspect, state)) or USUAL.get(aspect) or f"utter_{usual}_{state}"
