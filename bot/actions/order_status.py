"""Answer a question about a proven order."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.answers import ANSWERS, answer
from bot.actions.case import Case
from bot.actions.contract import Desk, Reason
from bot.actions.conversation import conversation_id, question_words
from bot.actions.hand_over import hand_over
from bot.actions.told import Told, fingerprint, say_it_was_said

USUAL: Final = "order_status"


async def answer_about(
    number: str,
    question: str | None,
    dispatcher: CollectingDispatcher,
    desk: Desk,
    tracker: Tracker,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Told:
    """Answer a question about an order.

    Neither is believed: the desk tells of orders proven in this conversation only.

    Args:
        question: The intent that asked; where it is, for any other than those in ``ANSWERS``.

    Raises:
        NotVerified: It is not proven, or not any more. Nothing was said.
    """
    conversation = conversation_id(tracker)
    case = Case(
        dispatcher=CollectingDispatcher(),
        desk=desk,
        tracker=tracker,
        conversation=conversation,
        order=await desk.order(conversation, number),
        question=question if question in ANSWERS else USUAL,
        words=question_words(tracker),
        now=now,
        zone=zone,
    )
    await answer(case)
    return await _say_once(dispatcher, case)


async def _say_once(dispatcher: CollectingDispatcher, case: Case) -> Told:
    """Say the answer; where it was given before, say that, and the third time hand over."""
    said = fingerprint(case.dispatcher.messages)
    told = Told.of(case.tracker).then(case.order.number, case.question, said)
    if told.times == 1:
        dispatcher.messages.extend(case.dispatcher.messages)
    elif told.times == 2:
        say_it_was_said(dispatcher, case.dispatcher.messages, order=case.number)
    else:
        await hand_over(
            dispatcher, case.desk, case.tracker, Reason.ASKED_AGAIN, order=case.order.number
        )
    return told
