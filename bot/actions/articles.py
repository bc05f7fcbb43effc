"""Say what the shop's articles answer."""

from datetime import date

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.wording import shorten
from faq.model import Decision
from faq.search import Faq

MAX_CHOICES = 3
MAX_TITLE = 60  # characters of a quick reply; channels cut further


def answer_from_faq(
    dispatcher: CollectingDispatcher, faq: Faq, tracker: Tracker, *, today: date
) -> bool:
    """Answer the newest message from the articles, or offer the few it may mean.

    Returns:
        Whether anything was said.
    """
    answer = faq.search(tracker.latest_message.get("text") or "", at=today)
    match answer.decision:
        case Decision.ANSWER:
            dispatcher.utter_message(
                response="utter_faq_answer", answer=answer.hits[0].article.short
            )
        case Decision.CHOOSE:
            dispatcher.utter_message(
                response="utter_faq_choose",
                buttons=[
                    {
                        "title": shorten(hit.article.title, MAX_TITLE),
                        "payload": hit.article.title,
                    }
                    for hit in answer.choices[:MAX_CHOICES]
                ],
            )
        case Decision.NONE:
            return False
    return True


def say_policy(dispatcher: CollectingDispatcher, faq: Faq, question: str, *, today: date) -> None:
    """Say what the articles answer to a question of ours; nothing where they do not."""
    answer = faq.search(question, at=today)
    if answer.decision is Decision.ANSWER:
        dispatcher.utter_message(response="utter_faq_answer", answer=answer.hits[0].article.short)
