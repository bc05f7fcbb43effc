"""Figures over a week that is known by heart."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from service.accounts.models import Agent
from service.conversations.models import Conversation, Message
from service.figures.catalogue import BY_SLUG, FIGURES
from service.figures.service import Span, run
from service.inbox.models import Rating, Ticket, WrongAnswer
from service.storefront.models import IdentityProof, Order

ZONE = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEEK = Span(date(2026, 3, 2), date(2026, 3, 8), ZONE)
LATER = MONDAY + timedelta(days=30)


@pytest.fixture
def talk(sessions):
    """Writes a conversation down: ``await talk("web", [("shopper", 0), ("bot", 1)], ...)``.

    Times are minutes after Monday, nine o'clock. Gives the conversation's id.
    """

    async def talk(channel, said, *, tickets=(), order=None, phone=None):
        async with sessions.begin() as session:
            conversation = Conversation(channel=channel, address=uuid4().hex, proved_phone=phone)
            session.add(conversation)
            await session.flush()
            for author, minutes in said:
                session.add(
                    Message(
                        conversation_id=conversation.id,
                        author=author,
                        text="x",
                        at=at(minutes),
                        delivery="sent",
                    )
                )
                await session.flush()
            for fields in tickets:
                session.add(Ticket(**ticket(conversation.id, **fields)))
            if order:
                session.add(
                    IdentityProof(
                        conversation_id=conversation.id,
                        order_id=order,
                        kind="email",
                        proved_at=at(0),
                        expires_at=at(30),
                    )
                )
            return conversation.id

    return talk


def at(minutes):
    return MONDAY + timedelta(minutes=minutes)


def ticket(conversation_id, *, opened, answered=None, closed=None, breached=None, **more):
    return {
        "conversation_id": conversation_id,
        "reason": "asked",
        "status": "open" if closed is None else "closed",
        "opened_at": at(opened),
        "due_at": at(opened + 60),
        "first_answer_at": None if answered is None else at(answered),
        "closed_at": None if closed is None else at(closed),
        "breached_at": None if breached is None else at(breached),
        **more,
    }


@pytest.fixture
def figure(sessions):
    """Runs a figure: ``(await figure("times")).whole``."""

    async def figure(slug, span=WEEK, *, now=LATER):
        async with sessions() as session:
            return await run(session, BY_SLUG[slug], span, now=now)

    return figure


DAY = 24 * 60
BOT = [("shopper", 0), ("bot", 1)]


async def test_what_the_bot_answered_for_good_is_without_those_who_came_back(
    talk, figure, sessions
):
    async with sessions.begin() as session:
        first, second = await session.scalars(
            insert(Order).returning(Order.id, sort_by_parameter_order=True),
            [
                {
                    "key": f"{n}",
                    "number": f"#{n}",
                    "email": "jo@example.com",
                    "placed_at": MONDAY,
                    "source": "csv",
                    "external_id": f"{n}",
                }
                for n in (1, 2)
            ],
        )
    await talk("web", list(BOT))  # for good
    await talk("web", [*BOT, ("shopper", DAY - 1), ("bot", DAY)])  # one conversation still
    await talk("web", list(BOT), order=first)  # back by SMS, about another order of hers
    await talk("sms", [("shopper", 2 * DAY), ("bot", 2 * DAY + 1)], order=second)
    await talk("sms", list(BOT), phone="+442079460001")  # back on WhatsApp, by her number
    await talk("wa", [("shopper", 6 * DAY), ("bot", 6 * DAY + 1)], phone="+442079460001")
    await talk("web", [("shopper", 0), ("bot", 1), ("shopper", 9 * DAY)])  # back, too late to count
    await talk("web", list(BOT), tickets=[{"opened": 3}])  # handed over
    await talk("web", [("shopper", 0)])  # nobody answered at all
    await talk("web", [("shopper", -DAY * 3), ("bot", -DAY * 3)])  # not of this week

    found = await figure("answered")
    [whole] = found.whole
    assert {name: float(whole[name]) for name in whole if name not in {"day", "channel"}} == {
        "conversations": 9,
        "handed_over": 1,
        "without_a_person": 7,
        "came_back": 2,
        "settled": 9,
        "share": 55.6,
    }
    [sms] = found.channels["sms"]
    assert (sms["conversations"], sms["came_back"]) == (2, 1)
    [monday] = found.daily[WEEK.first]
    assert monday["conversations"] == 7
    assert sum(row["conversations"] for row in found.finest) == 9

    young = (await figure("answered", now=at(8 * DAY))).whole[0]  # only Monday's are settled
    assert (young["settled"], young["conversations"]) == (7, 9)
    [only] = (await figure("answered", Span(WEEK.first, WEEK.last, ZONE, "sms"))).whole
    assert (only["conversations"], only["came_back"]) == (2, 1)  # though she came back elsewhere


async def test_times_breaches_and_reasons_are_the_tickets_own(talk, figure):
    for n, minutes in enumerate([10, 20, 30, 40, 1000]):
        tickets = [{"opened": 0, "answered": minutes, "closed": 120 + n * 60, "reason": "damaged"}]
        await talk("web", list(BOT), tickets=tickets)
    await talk("sms", list(BOT), tickets=[{"opened": DAY, "breached": DAY + 60}])
    await talk("sms", list(BOT), tickets=[{"opened": 0}])

    [whole] = (await figure("times")).whole
    assert (whole["handoffs"], whole["without_answer"]) == (7, 2)
    assert (whole["first_answer_median"], whole["first_answer_p90"]) == (30, 616)
    assert (float(whole["resolution_median"]), float(whole["resolution_p90"])) == (4, 5.6)
    found = await figure("breaches")
    assert (found.whole[0]["breaches"], float(found.whole[0]["share"])) == (1, 14.3)
    assert found.daily[date(2026, 3, 3)][0]["breaches"] == 1
    reasons = await figure("handoffs")
    assert [(row["reason"], row["handoffs"]) for row in reasons.whole] == [
        ("damaged", 5),
        ("asked", 2),
    ]


async def test_ratings_and_wrong_answers(talk, figure, sessions):
    kinds = [{"article": "returns"}, parsed("order_status"), parsed("order_status"), {}]
    for score, made_from in zip((5, 4, 1, None), kinds, strict=True):
        place = await talk("web", list(BOT), tickets=[{"opened": 0, "closed": 5}])
        async with sessions.begin() as session:
            case = (await session.scalars(select(Ticket).filter_by(conversation_id=place))).one()
            said = await session.scalars(
                select(Message.id).filter_by(conversation_id=place, author="bot")
            )
            agent = Agent(email=f"{place}@example.com", name="Ana", password_hash="!")
            session.add(agent)
            await session.flush()
            session.add(
                Rating(ticket_id=case.id, conversation_id=place, score=score, asked_at=at(5))
            )
            session.add(
                WrongAnswer(message_id=said.one(), agent_id=agent.id, made_from=made_from, at=at(6))
            )
    [whole] = (await figure("ratings")).whole
    assert (whole["asked"], whole["given"], whole["good"], whole["bad"]) == (4, 3, 2, 1)
    assert (float(whole["mean"]), float(whole["share"])) == (3.33, 75.0)
    wrong = (await figure("wrong")).whole
    assert [(row["about"], row["wrong_answers"]) for row in wrong] == [
        ("order_status", 2),
        ("not known", 1),
        ("returns", 1),
    ]


def parsed(intent):
    """What a bot's message was made from, as the dialogue remembers a turn."""
    return {"turn": [{"event": "user", "parse_data": {"intent": {"name": intent}}}]}


async def test_a_day_is_the_shops_day(talk, figure):
    await talk("web", list(BOT), tickets=[{"opened": 14 * 60 + 30}])  # 23:30 in London
    await talk("web", list(BOT), tickets=[{"opened": 15 * 60 + 30}])  # half past midnight
    found = await figure("breaches")
    assert [day.day for day in sorted(found.daily)] == [2, 3]
    one_day = Span(WEEK.first, WEEK.first, ZONE)
    assert (await figure("breaches", one_day)).whole[0]["handoffs"] == 1
    tokyo = Span(WEEK.first, WEEK.last, ZoneInfo("Asia/Tokyo"))
    assert list((await figure("breaches", tokyo)).daily) == [date(2026, 3, 3)]


async def test_an_empty_shop_has_figures_too(figure):
    for each in FIGURES:
        found = await figure(each.slug)
        assert found.finest == []
        assert all(not row[column.name] for row in found.whole for column in each.columns), (
            each.slug
        )


def test_a_span_over_the_change_of_clocks_has_all_its_hours():
    spring = Span(date(2026, 3, 29), date(2026, 3, 29), ZONE).parameters(now=LATER)
    assert spring["until"].astimezone(UTC) - spring["since"].astimezone(UTC) == timedelta(hours=23)
