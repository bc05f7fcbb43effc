"""What agents read: names of triggers, kinds and states."""

from collections.abc import Mapping
from typing import Final

from service.conversations.models import Delivery
from service.mail.models import MailState
from service.notifications.models import Way
from service.notifications.news import Kind, Trigger
from service.notifications.pages import story

TRIGGERS: Final[Mapping[str, str]] = {
    Trigger.ORDER_CONFIRMED: "Order confirmed",
    Trigger.NOT_SHIPPED: "Not sent in time",
    Trigger.SHIPPED: "Handed to the carrier",
    Trigger.FIRST_MOVEMENT: "First movement",
    Trigger.REACHED_COUNTRY: "Reached the country",
    Trigger.CUSTOMS: "Customs need something",
    Trigger.DELAYED: "Later than told",
    Trigger.QUIET: "No scan for too long",
    Trigger.ARRIVING_TOMORROW: "Arriving tomorrow",
    Trigger.OUT_FOR_DELIVERY: "Out for delivery",
    Trigger.ATTEMPT_FAILED: "Delivery attempt failed",
    Trigger.READY_FOR_PICKUP: "Ready to collect",
    Trigger.PICKUP_REMINDER: "Reminder to collect",
    Trigger.COMING_BACK: "Coming back",
    Trigger.LOST_SUSPECTED: "Probably lost",
    Trigger.DELIVERED: "Delivered",
    Trigger.DELIVERED_ELSEWHERE: "Delivered to somebody else",
    Trigger.ALL_DELIVERED: "All parcels delivered",
}

KINDS: Final[Mapping[str, str]] = {
    Kind.EMAIL: "E-mail",
    Kind.PUSH: "Web push",
    Kind.TELEGRAM: "Telegram",
    Kind.WHATSAPP: "WhatsApp",
    Kind.SMS: "SMS",
}

_TONES: Final[Mapping[str, str]] = {
    Way.QUEUED: "",
    Way.SENT: "ok",
    Way.DELIVERED: "ok",
    Way.FAILED: "danger",
    Way.HELD: "warn",
    Delivery.READ: "ok",
    MailState.BOUNCED: "danger",
    MailState.COMPLAINED: "danger",
}


def why(reason: str | None) -> str:
    """Why something waits, failed or was held back. A provider's own words stay as they are."""
    said = story.why_in_words(reason)
    return said[:1].upper() + said[1:]


def kind(slug: str) -> str:
    """A kind's name; a channel's slug, made readable."""
    return KINDS.get(slug, slug.replace("_", " ").capitalize())


def trigger(name: str | None) -> str:
    """A trigger's name; ``Other`` for what is no notification."""
    return TRIGGERS.get(name or "", "Other")


def tone(state: str) -> str:
    """How a state is coloured; its word says the same to who sees no colour."""
    return _TONES.get(state, "")
