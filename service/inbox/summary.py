"""A case in five lines, from data alone: the same case, the same words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from service.conversations.models import Author
from service.inbox import case as cases
from service.inbox.case import Case, CaseParcel, shown
from service.inbox.models import Ticket
from service.inbox.tickets import reason_words

MAX_QUOTE: Final = 160
# What an agent reads of a parcel at a glance; its page has the rest.
MAX_PARCELS: Final = 3


@dataclass(frozen=True, slots=True)
class Summary:
    """A case in five lines; each is one line, none is empty.

    Attributes:
        who: Name or address, how they write, what was proven.
        order: The order and the verdict on its parcels.
        asked: What the shopper wrote, first and last.
        answered: What they were told last.
        open: Why a person is needed, and what is still to be done.
    """

    who: str
    order: str
    asked: str
    answered: str
    open: str

    @property
    def lines(self) -> tuple[str, str, str, str, str]:
        """The five lines, each with what it is."""
        return (
            f"Who: {self.who}",
            f"Order: {self.order}",
            f"Asked: {self.asked}",
            f"Answered: {self.answered}",
            f"Open: {self.open}",
        )


async def of_ticket(session: AsyncSession, ticket: Ticket, *, now: datetime) -> Summary:
    """The summary of a ticket, as things stand now."""
    return summarise(await cases.read(session, ticket, now=now), now=now)


def summarise(case: Case, *, now: datetime) -> Summary:
    """The five lines of a case. Pure."""
    return Summary(
        who=_who(case),
        order=_order(case, now=now),
        asked=_asked(case),
        answered=_answered(case),
        open=_open(case),
    )


def _who(case: Case) -> str:
    conversation = case.conversation
    name = case.order.name if case.order is not None and case.proof else None
    who = name or conversation.proved_phone or "A shopper"
    proved = (
        f"proved order {case.order.number} by {case.proof}"
        if case.order is not None and case.proof
        else "has proved no order"
    )
    again = f"; {_counted(case.earlier, 'case')} in 30 days before" if case.earlier else ""
    return f"{who}, by {conversation.channel.replace('_', ' ')}; {proved}{again}"


def _order(case: Case, *, now: datetime) -> str:
    if case.order is None:
        return "none named"
    parts = [part for part in (case.order.number, cases.money(case.order)) if part]
    if case.order.cancelled_at is not None:
        parts.append("cancelled")
    late = case.days_late(now=now)
    if late:
        parts.append(f"{_counted(late, 'day')} late")
    parcels = [_parcel(parcel) for parcel in case.parcels[:MAX_PARCELS]]
    if len(case.parcels) > MAX_PARCELS:
        parcels.append(f"and {_counted(len(case.parcels) - MAX_PARCELS, 'more parcel')}")
    if not case.parcels:
        parcels = ["no parcel yet"]
    return "; ".join([", ".join(parts), *parcels])


def _parcel(found: CaseParcel) -> str:
    verdict = found.assessment.verdict.replace("_", " ")
    return f"{found.parcel.carrier} {found.parcel.number}: {verdict}. {found.assessment.because}"


def _asked(case: Case) -> str:
    said = case.said
    if not said:
        return "nothing in words"
    first, last = _quote(said[0]), _quote(said[-1])
    return first if len(said) == 1 else f"{first} … {last} ({len(said)} messages)"


def _answered(case: Case) -> str:
    agents = [m for m in case.messages if m.author == Author.AGENT]
    told = agents or [m for m in case.messages if m.author == Author.BOT]
    if not told:
        return "nothing yet"
    by = "an agent" if agents else "the bot"
    return f"{_quote(shown(told[-1]))} ({by})"


def _open(case: Case) -> str:
    ticket = case.ticket
    reasons = ", ".join(reason_words(reason) for reason in ticket.reasons or [ticket.reason])
    note = " ".join(ticket.note.split())
    known = f"{reasons}: {_cut(note)}" if note else reasons
    if ticket.waiting_since is None:
        return f"{known}; the shopper's turn"
    return known


def _quote(text: str) -> str:
    return f"“{_cut(' '.join(text.split()))}”"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1].rstrip() + "…"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
