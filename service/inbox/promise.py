"""When a shopper can expect an answer: from opening hours, the queue and recent answer times."""

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.hours.model import Hours
from service.hours.terms import Terms
from service.inbox.models import Priority, Ticket
from service.inbox.tickets import place

# Recent answers, by which the next one is judged.
RECENT: Final = timedelta(days=7)
RECENT_ANSWERS: Final = 50
ENOUGH_ANSWERS: Final = 5
# Out of a hundred answers, so many come within what is promised.
KEPT: Final = 0.9
# Never promised beyond this, in open time: what takes longer is escalated, not promised.
LONGEST: Final = timedelta(hours=24)
_ROUND: Final = timedelta(minutes=15)


def goal(terms: Terms, priority: int) -> timedelta:
    """How soon, in open time, the shop wants to have answered."""
    return terms.answer_within[Priority(priority).name.lower()]


async def due(session: AsyncSession, ticket: Ticket, terms: Terms, *, now: datetime) -> datetime:
    """When the answer that a ticket waits for can be expected.

    The shop's goal for its priority; or, where that is longer, what recent answers took (nine of
    ten kept it), times how much longer the queue before it is than it was for them. So no more is
    promised than is likely to be kept. Counted in open time.
    """
    wanted = goal(terms, ticket.priority)
    likely = await _likely(session, ticket, terms.hours, now=now)
    return round_up(terms.hours.add(now, max(wanted, min(likely, LONGEST))))


async def _likely(
    session: AsyncSession, ticket: Ticket, hours: Hours, *, now: datetime
) -> timedelta:
    """What recent answers and the queue let expect, in open time; 0 where too few are known."""
    recent = (
        await session.execute(
            select(Ticket.opened_at, Ticket.first_answer_at, func.count().over())
            .where(Ticket.first_answer_at > now - RECENT, Ticket.first_answer_at <= now)
            .order_by(Ticket.first_answer_at.desc())
            .limit(RECENT_ANSWERS)
        )
    ).all()
    if len(recent) < ENOUGH_ANSWERS:
        return timedelta(0)
    took = sorted(hours.between(opened, answered) for opened, answered, _ in recent if answered)
    usual = took[ceil(len(took) * KEPT) - 1]
    # Little's law: so many waited at a time, on average, for these answers.
    waited = recent[0][2] * (sum(took, timedelta(0)) / len(took)) / hours.between(now - RECENT, now)
    return usual * max(1.0, await place(session, ticket) / max(1.0, waited))


def round_up(at: datetime) -> datetime:
    """A moment people would name: the next quarter of an hour."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole + _ROUND * ceil((at - whole) / _ROUND)


def words(due_at: datetime, hours: Hours, *, now: datetime) -> str:
    """When an answer can be expected, for the shopper; fits behind "expect an answer here".

    ``"within 4 hours"`` where people are there until then; else the day and time, and outside
    opening hours when they open: ``"on Monday by 11:00 (we are closed now and open on Monday at
    09:00)"``.
    """
    if due_at <= now:
        return "as soon as we can"
    left = due_at - now
    opens = hours.opens(now)
    if opens == now and hours.between(now, due_at) >= left - timedelta(minutes=1):
        whole = max(1, round(left / timedelta(hours=1)))
        if whole <= 24:
            return "within an hour" if whole == 1 else f"within {whole} hours"
    by = f"{_day(due_at, hours, now)} by {_clock(due_at, hours)}"
    if opens == now:
        return by
    return f"{by} (we are closed now and open {_day(opens, hours, now)} at {_clock(opens, hours)})"


def _day(at: datetime, hours: Hours, now: datetime) -> str:
    day, today = at.astimezone(hours.zone).date(), now.astimezone(hours.zone).date()
    ahead = (day - today).days
    if ahead < 2:
        return ("today", "tomorrow")[max(0, ahead)]
    return f"on {day:%A}" if ahead < 7 else f"on {day:%A, %-d %B}"


def _clock(at: datetime, hours: Hours) -> str:
    return f"{at.astimezone(hours.zone):%H:%M}"
