"""Say what the shop's articles answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.contract import Desk, Reason
from bot.actions.conversation import conversation_id, intent, words
from bot.actions.details import read_details
from bot.actions.hand_over import hand_over
from bot.actions.told import fingerprint
from bot.actions.wording import shorten
from faq.model import Answer, Article, Decision
from faq.search import Faq

MAX_CHOICES: Final = 3
MAX_TITLE: Final = 60  # characters of a quick reply; channels cut further
MAX_PARTS: Final = 3
SURE: Final = 0.75
"""How sure an answer must be to what may not be asked of the articles, or not of them alone."""

_BETWEEN_PARTS: Final = re.compile(
    r"(?<=[?!.;])\s+|\n+|,?\s+(?:and|also|plus)(?:\s+(?:also|then))?\s+(?=\w)", re.IGNORECASE
)
_FEWEST_WORDS: Final = 3
_ASKS: Final = re.compile(
    r"\?\s*$|^\W*(?:(?:and|also|but|so|ok|then|pls|please)\s+)*(?:what|when|where|who|which|whose|why|"
    r"how|do|does|did|is|are|was|were|can|could|will|would|should|shall|may|am|have|has|tell me|"
    r"any chance|i(?:'d| would) like to know|i want to know|i wonder)\b",
    re.IGNORECASE,
)
ASKED_FIRST: Final = frozenset({"ask_faq", "nlu_fallback", "out_of_scope"})
"""Intents for which the articles are asked before anything else."""

SLOT: Final = "articles"
KEPT: Final = 8
"""Of how many answers it is known that they were given."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said.

    Attributes:
        needs_order: It goes on with the shopper's order.
        events: What is to be remembered of it.
    """

    needs_order: bool = False
    events: tuple[EventType, ...] = ()


async def answer_from_faq(
    dispatcher: CollectingDispatcher, desk: Desk, faq: Faq, tracker: Tracker, *, now: datetime
) -> Said | None:
    """Answer the newest message from the articles, or offer the few it may mean.

    What may not be meant for the articles at all is only answered where that is sure. In the middle
    of the order form no choice is offered: one question at a time.

    Two questions in one message are both answered. What was answered before is not said again:
    the second time a person is offered, the third time one takes over.

    Args:
        now: Aware, in the shop's zone.

    Returns:
        ``None`` where nothing was said.
    """
    asked = _questions(faq, tracker, now)
    for question, answer in asked:
        await desk.asked(conversation_id(tracker), question, answer)
    in_form = bool(tracker.active_loop)
    least = SURE if in_form or intent(tracker) != "ask_faq" else 0.0
    answered = [
        (question, answer.hits[0].article)
        for question, answer in asked
        if answer.decision is Decision.ANSWER and answer.hits[0].score >= least
    ]
    choices = [
        (question, answer)
        for question, answer in asked
        if answer.decision is Decision.CHOOSE and answer.hits[0].score >= least and not in_form
    ]
    if not answered and not choices:
        return None
    told = _Told(tracker)
    fresh, times = bool(choices), 0
    for question, article in answered:
        text = faq.say(article, at=now, question=question).short
        times = told.times(text)
        if times == 1:
            _say(dispatcher, article, text)
            fresh = True
    for question, answer in choices:
        about = f'About "{shorten(question, 80)}": did' if len(asked) > 1 else "Did"
        dispatcher.utter_message(response="utter_faq_choose", about=about, buttons=_buttons(answer))
    needs_order = fresh and any(article.needs_order for _, article in answered)
    if not fresh and times > 2 and not in_form:
        await hand_over(dispatcher, desk, tracker, Reason.ASKED_AGAIN)
    elif not fresh:
        dispatcher.utter_message(response="utter_faq_again")
    return Said(needs_order, (told.kept(),))


async def answer_besides(
    dispatcher: CollectingDispatcher, desk: Desk, faq: Faq, tracker: Tracker, *, now: datetime
) -> None:
    """Answer the parts of a message that ask about the shop, where the rest is about an order.

    Nothing where the articles were asked already, and brought the shopper to the order.
    """
    parts = _split(words(tracker))[:MAX_PARTS]
    if len(parts) < 2 or intent(tracker) in ASKED_FIRST:
        return
    for part in filter(_ASKS.search, parts):
        answer = _search(faq, part, tracker, now)
        if answer.decision is Decision.ANSWER and answer.hits[0].score >= SURE:
            await desk.asked(conversation_id(tracker), part, answer)
            article = answer.hits[0].article
            _say(dispatcher, article, faq.say(article, at=now, question=part).short)


def say_policy(
    dispatcher: CollectingDispatcher, faq: Faq, tracker: Tracker, question: str, *, now: datetime
) -> list[EventType]:
    """Say what the articles answer to a question of ours, unless that was said before.

    Returns:
        What is to be remembered of it. Nothing is said where the articles do not answer.
    """
    answer = faq.search(question, at=now.date())
    if answer.decision is not Decision.ANSWER:
        return []
    text = faq.say(answer.hits[0].article, at=now, question=question).short
    told = _Told(tracker)
    if told.times(text) == 1:
        dispatcher.utter_message(response="utter_faq_answer", answer=text)
    return [told.kept()]


class _Told:
    """How often each of the newest answers was given in this talk, kept in a slot."""

    def __init__(self, tracker: Tracker) -> None:
        found = tracker.get_slot(SLOT)
        self._times: dict[str, int] = dict(found) if isinstance(found, dict) else {}

    def times(self, text: str) -> int:
        """How often it is given with this time."""
        key = fingerprint([{"answer": text}])
        self._times[key] = self._times.pop(key, 0) + 1
        return self._times[key]

    def kept(self) -> EventType:
        """The event that keeps it."""
        return SlotSet(SLOT, dict(list(self._times.items())[-KEPT:]))


def _say(dispatcher: CollectingDispatcher, article: Article, text: str) -> None:
    dispatcher.utter_message(response="utter_faq_answer", answer=text)
    if article.feedback:
        dispatcher.utter_message(response="utter_faq_did_it_help")


def _buttons(answer: Answer) -> list[dict[str, str]]:
    return [
        {"title": shorten(hit.article.title, MAX_TITLE), "payload": hit.article.title}
        for hit in answer.choices[:MAX_CHOICES]
    ]


def _search(faq: Faq, text: str, tracker: Tracker, now: datetime) -> Answer:
    channel = (tracker.latest_message.get("metadata") or {}).get("channel")
    return faq.search(text, at=now.date(), channel=channel if isinstance(channel, str) else None)


def _questions(faq: Faq, tracker: Tracker, now: datetime) -> list[tuple[str, Answer]]:
    """What a message asks of the shop: its parts, where each has an answer of its own, else all.

    A part that names an order or proves one asks nothing of the shop. One part may be answered and
    another leave a choice; but where all of it is answered by an article that no part is, it is one
    question with an "and" in it.
    """
    text = words(tracker)
    details = read_details(text, tracker.latest_message.get("entities") or ())
    named = [one for one in (details.order_number, details.proof) if one]
    every = _split(text)[:MAX_PARTS]
    parts = [part for part in every if not any(one in part for one in named)]
    found = [(part, _search(faq, part, tracker, now)) for part in parts]
    if len(parts) == 1 < len(every):
        return found
    whole = _search(faq, text, tracker, now)
    told = [a.hits[0].article.slug for _, a in found if a.decision is Decision.ANSWER]
    offered = [hit.article.slug for _, a in found for hit in a.choices]
    apart = (
        len(found) > 1
        and bool(told)
        and len({*told, *offered}) == len(told) + len(offered)
        and all(answer.decision is not Decision.NONE for _, answer in found)
        and (whole.decision is not Decision.ANSWER or whole.hits[0].article.slug in told)
    )
    return found if apart else [(text, whole)]


def _split(text: str) -> Sequence[str]:
    parts = [part.strip() for part in _BETWEEN_PARTS.split(text) if part.strip()]
    return [part for part in parts if len(part.split()) >= _FEWEST_WORDS]
