"""Every action of the bot, wired to the service."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from rasa_sdk import Action

from bot.actions.affirm import ActionAffirm, ActionDeny
from bot.actions.complaint import ActionComplaint
from bot.actions.consent import ActionRequest
from bot.actions.contract import Desk, Request
from bot.actions.fallback import ActionFallback
from bot.actions.faq import ActionFaq
from bot.actions.hand_over import ActionHandOver
from bot.actions.order_form import ValidateOrderForm
from faq.search import Faq
from kit import clock


def actions(
    desk: Desk, faq: Faq, zone: ZoneInfo, now: Callable[[], datetime] = clock.now
) -> list[Action]:
    """One of each action in ``bot/domain/actions_forms.yml``.

    Args:
        zone: The shop's, for the days told to shoppers.
        now: Read once for each answer.
    """
    return [
        ActionAffirm(desk),
        ActionDeny(desk),
        ActionComplaint(desk),
        *(ActionRequest(desk, request) for request in Request),
        ActionFallback(desk, faq, zone, now),
        ActionFaq(desk, faq, zone, now),
        ActionHandOver(desk),
        ValidateOrderForm(desk, faq, zone, now),
    ]
