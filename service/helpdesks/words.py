"""What the help desk is told, in words: the opening text, and who said what. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from integrations.helpdesk_contract import Urgency
from service.attachments.models import Attachment, Fetch
from service.conversations.models import Author, Message
from service.inbox.case import Case, given, shown
from service.inbox.models import Priority
from service.inbox.summary import Summary
from service.inbox.tickets import reason_words

URGENCIES: Final = {
    Priority.LOW: Urgency.LOW,
    Priority.NORMAL: Urgency.NORMAL,
    Priority.HIGH: Urgency.HIGH,
    Priority.URGENT: Urgency.URGENT,
    Priority.SAFETY: Urgency.URGENT,
}
# A parcel's way as far as it helps; the whole of it is one click away.
MAX_EVENTS: Final = 5
_SPEAKERS: Final = {
    Author.SHOPPER: "shopper",
    Author.BOT: "bot",
    Author.AGENT: "agent, in the inbox",
    Author.SYSTEM: "service, to the shopper",
}


def subject(case: Case) -> str:
    """One line for lists: ``"Damaged · order #1001"``."""
    reason = reason_words(case.ticket.reason)
    return f"{reason} · order {case.order.number}" if case.order is not None else reason


def opening(
    case: Case, summary: Summary, messages: Sequence[Message], *, zone: tzinfo, inbox: str
) -> str:
    """All that a person needs: five lines, the context, what was said so far.

    Args:
        messages: What is known to be said when the ticket is opened, oldest first.
        zone: The shop's: times are written in it.
        inbox: The ticket's address in the built-in inbox; empty where that is off.
    """
    parts = ["\n".join(summary.lines)]
    known = [f"{each.what}: {each.value}" for each in given(case)]
    if known:
        parts.append("\n".join(["Given already:", *known]))
    if case.order is not None and case.order.items:
        items = [f"{item.quantity} of {item.title}" for item in case.order.items]
        parts.append("\n".join(["Items:", *items]))
    parts += [_parcel(case, place, zone) for place in range(len(case.parcels))]
    said = [f"{head(message, zone)}: {shown(message)}" for message in messages]
    parts.append("\n".join(["What was said:", *said] if said else ["Nothing was said yet."]))
    if inbox:
        parts.append(f"In the inbox: {inbox}")
    return "\n\n".join(parts)


def head(message: Message, zone: tzinfo) -> str:
    """Who said it and when: ``"shopper, 23 Nov 14:02"``."""
    at: datetime = message.at.astimezone(zone)
    return f"{_SPEAKERS[Author(message.author)]}, {at:%-d %b %H:%M}"


def entry(message: Message, sent: Sequence[Attachment]) -> str:
    """What a message says; of a file that was not kept, that there was one."""
    lines = [shown(message)]
    lines += [f"(A file was not kept: {f.refused})" for f in sent if f.state == Fetch.REFUSED]
    if not any(lines) and sent:
        lines = ["(a picture)"]
    return "\n".join(line for line in lines if line)


def _parcel(case: Case, place: int, zone: tzinfo) -> str:
    found = case.parcels[place]
    lines = [
        f"Parcel {found.parcel.carrier} {found.parcel.number}: "
        f"{found.assessment.verdict.replace('_', ' ')}. {found.assessment.because}"
    ]
    for event in (found.tracking.events if found.tracking else ())[:MAX_EVENTS]:
        where = f", {event.place}" if event.place else ""
        words = event.text or event.status.replace("_", " ")
        lines.append(f"  {event.at.astimezone(zone):%-d %b %H:%M}{where}: {words}")
    return "\n".join(lines)
