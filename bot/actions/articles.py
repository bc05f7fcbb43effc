"""Say what the shop's articles answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.contract import Desk
from bot.actions.conversation import conversation_id, words
from bot.actions.wording import shorten
from faq.model import Answer, Article, Decision
from faq.search import Faq

MAX_CHOICES: Final = 3
MAX_TITLE: Final = 60  # characters of a quick reply; channels cut further
MAX_PARTS: Final = 3
SURE: Final = 0.75
"""How sure an answer must be to a part of a message that asks something else besides."""

_BETWEEN_PARTS: Final = re.compile(
    r"(?<=[?!.;])\s+|\n+|,?\s+(?:and|also|plus)\s+(?=\w)", re.IGNORECASE
)
_FEWEST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Said:
    """Something was said; ``needs_order``: it goes on with the shopper's order."""

    needs_order: bool = False


async def answer_from_faq(
    dispatcher: CollectingDispatcher, desk: Desk, faq: Faq, tracker: Tracker, *, now: datetime
) -> Said | None:
    """Answer the newest message from the articles, or offer the few it may mean.

    Two questions in one message are both answered.

    Args:
        now: Aware, in the shop's zone.

    Returns:
        ``None`` where nothing was said.
    """
    text = words(tracker)
    found = _parts(faq, text, tracker, now)
    if len(found) < 2:
        found = [(text, _search(faq, text, tracker, now))]
    for part, answer in found:
        await desk.asked(conversation_id(tracker), part, answer)
    said = None
    for part, answer in found:
        match answer.decision:
            case Decision.ANSWER:
                article = answer.hits[0].article
                _say(dispatcher, faq, article, part, now)
                said = Said(article.needs_order or (said is not None and said.needs_order))
            case Decision.CHOOSE:
                dispatcher.utter_message(response="utter_faq_choose", buttons=_buttons(answer))
                said = Said()
            case Decision.NONE:
                pass
    return said


async def answer_besides(
    dispatcher: CollectingDispatcher, desk: Desk, faq: Faq, tracker: Tracker, *, now: datetime
) -> None:
    """Answer the parts of a message that are about the shop, where the rest is about an order."""
    text = words(tracker)
    for part in _split(text)[:MAX_PARTS] if len(_split(text)) > 1 else ():
        answer = _search(faq, part, tracker, now)
        if answer.decision is Decision.ANSWER and answer.hits[0].score >= SURE:
            await desk.asked(conversation_id(tracker), part, answer)
            _say(dispatcher, faq, answer.hits[0].article, part, now)


def say_policy(dispatcher: CollectingDispatcher, faq: Faq, question: str, *, now: datetime) -> None:
    """Say what the articles answer to a question of ours; nothing where they do not."""
    answer = faq.search(question, at=now.date())
    if answer.decision is Decision.ANSWER:
        said = faq.say(answer.hits[0].article, at=now, question=question)
        dispatcher.utter_message(response="utter_faq_answer", answer=said.short)


def _say(
    dispatcher: CollectingDispatcher, faq: Faq, article: Article, question: str, now: datetime
) -> None:
    said = faq.say(article, at=now, question=question)
    dispatcher.utter_message(response="utter_faq_answer", answer=said.short)
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


def _parts(faq: Faq, text: str, tracker: Tracker, now: datetime) -> list[tuple[str, Answer]]:
    """The parts of a message, if each has an answer of its own; else it is one question."""
    parts = _split(text)[:MAX_PARTS]
    if len(parts) < 2:
        return []
    found = [(part, _search(faq, part, tracker, now)) for part in parts]
    told = {a.hits[0].article.slug for _, a in found if a.decision is Decision.ANSWER}
    return found if len(told) == len(found) else []


def _split(text: str) -> Sequence[str]:
    parts = [part.strip() for part in _BETWEEN_PARTS.split(text) if part.strip()]
    return [part for part in parts if len(part.split()) >= _FEWEST_WORDS]
