"""From the bot to people: what a ticket holds, and what its shopper hears."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.actions.contract import Reason
from service.accounts.models import Team, TeamMember
from service.conversations import service as conversations
from service.inbox import case, service, summary, tickets
from service.inbox.models import Priority
from service.mail.models import Mail
from service.storefront.models import IdentityProof, Parcel

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def ticket_of(sessions, ticket_id):
    async with sessions() as session:
        return await tickets.find(session, ticket_id)


async def told(shopper):
    """What the service itself has said."""
    _, messages = await shopper.conversation()
    return [m.text for m in messages if m.author == "system"]


async def prove(sessions, conversation_id, order_id):
    async with sessions.begin() as session:
        session.add(
            IdentityProof(
                conversation_id=conversation_id,
                order_id=order_id,
                kind="email",
                proved_at=datetime.now(UTC),
                expires_at=datetime.now(UTC) + timedelta(minutes=30),
            )
        )


async def test_a_new_reason_joins_the_open_ticket(sessions, shopper):
    await shopper.say("a person please")
    first = await shopper.hand_over(Reason.ASKED, note="wants a person")
    again = await shopper.hand_over(Reason.DAMAGED, note="the box is wet")
    assert again == first
    ticket = await ticket_of(sessions, first)
    assert ticket.reasons == ["asked", "damaged"]
    assert ticket.reason == "damaged"  # the gravest stands for all
    assert ticket.note == "wants a person\nthe box is wet"
    assert ticket.priority == Priority.HIGH


async def test_a_threat_goes_before_everything_and_nearer(sessions, shopper):
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=NOW)
    before = await ticket_of(sessions, ticket_id)
    await shopper.hand_over(Reason.LEGAL_THREAT, now=NOW)
    after = await ticket_of(sessions, ticket_id)
    assert (after.priority, after.reason) == (Priority.SAFETY, "legal_threat")
    assert after.due_at < before.due_at


@pytest.mark.parametrize(
    ("reason", "order", "words", "priority"),
    [
        (Reason.ASKED, {}, "a person please", Priority.NORMAL),
        (Reason.RETURN, {}, "how do I send it back?", Priority.LOW),
        (Reason.OVERDUE, {"total": Decimal("840.00")}, "where is it", Priority.HIGH),
        (Reason.OVERDUE, {"promised_to": NOW - timedelta(days=9)}, "where is it", Priority.HIGH),
        (Reason.ASKED, {}, "it is broken and I am furious", Priority.HIGH),
        (Reason.OVERDUE, {}, "THIS IS RIDICULOUS!!! worst shop ever", Priority.HIGH),
        (Reason.NOT_RECEIVED, {"total": Decimal("840.00")}, "it is not here", Priority.URGENT),
        (Reason.PRESS, {}, "I am a journalist", Priority.SAFETY),
    ],
)
async def test_priority_comes_from_reason_worth_lateness_and_mood(
    sessions, shopper, add_order, reason, order, words, priority
):
    await shopper.say(words)
    order_id = await add_order(**order) if order else None
    ticket = await ticket_of(sessions, await shopper.hand_over(reason, order_id=order_id, now=NOW))
    assert ticket.priority == priority, ticket.priority_why


async def test_who_wrote_before_counts_more(sessions, shopper, add_agent):
    ana = await add_agent("Ana")
    await shopper.say("hello")
    first = await shopper.hand_over(Reason.OVERDUE)
    async with sessions.begin() as session:
        await service.close(session, first, ana, now=datetime.now(UTC))
    again = await ticket_of(sessions, await shopper.hand_over(Reason.OVERDUE))
    assert again.priority == Priority.HIGH
    assert again.priority_why == ["wrote about this before"]


async def test_five_lines_tell_the_case_and_nobody_asks_twice(sessions, shopper, add_order):
    conversation = await shopper.say("where is my order 1001? I'm at jo@example.com")
    await shopper.say("It says delivered but there is nothing here, call +44 20 7946 0000")
    order_id = await add_order(
        name="Jo Fox", email="jo@example.com", total=Decimal("84.50"), currency="GBP"
    )
    async with sessions.begin() as session:
        session.add(Parcel(order_id=order_id, carrier="ups", number="1Z999AA10123456784"))
    await prove(sessions, conversation, order_id)
    ticket_id = await shopper.hand_over(
        Reason.NOT_RECEIVED, order_id=order_id, note="asked two neighbours"
    )
    async with sessions() as session:
        known = await case.read(
            session, await tickets.find(session, ticket_id), now=datetime.now(UTC)
        )
    lines = summary.summarise(known, now=datetime.now(UTC)).lines
    assert lines == (
        "Who: Jo Fox, by web; proved order #1001 by email",
        "Order: #1001, GBP 84.50; ups 1Z999AA10123456784: no data. "
        "The carrier has not told us anything yet.",
        "Asked: “where is my order 1001? I'm at jo@example.com” … “It says delivered but there is "
        "nothing here, call +44 20 7946 0000” (2 messages)",
        "Answered: nothing yet",
        "Open: Delivered not received: asked two neighbours",
    )
    assert [(g.what, g.value) for g in case.given(known)] == [
        ("order", "#1001, proved by email"),
        ("e-mail", "jo@example.com"),
        ("phone", "+44 20 7946 0000"),
    ]


async def test_a_name_is_not_in_the_summary_before_it_was_proven(sessions, shopper, add_order):
    await shopper.say("where is 1001")
    ticket_id = await shopper.hand_over(order_id=await add_order(name="Jo Fox", email="jo@x.test"))
    async with sessions() as session:
        ticket = await tickets.find(session, ticket_id)
        known = await summary.of_ticket(session, ticket, now=datetime.now(UTC))
    assert known.who == "A shopper, by web; has proved no order"
    assert ticket.email is None  # nothing goes to the order's owner on a stranger's word


async def test_a_reason_finds_its_team_and_takes_turns_by_room(
    sessions, shopper, add_agent, add_order
):
    ana, ben = await add_agent("Ana", capacity=1), await add_agent("Ben", capacity=2)
    await add_agent("Cas", capacity=5, away=True)
    await add_agent("Dee")  # of another team
    async with sessions.begin() as session:
        team = Team(name="Claims", reasons=[Reason.DAMAGED], round_robin=True)
        session.add(team)
        await session.flush()
        cas = ben.id + 1
        session.add_all(TeamMember(team_id=team.id, agent_id=i) for i in (ana.id, ben.id, cas))
    owners = []
    for n in range(4):
        shopper.address = f"shopper-{n}"
        await shopper.say("it is broken")
        ticket = await ticket_of(sessions, await shopper.hand_over(Reason.DAMAGED))
        assert ticket.team_id == team.id
        owners.append(ticket.owner_id)
    assert owners == [ana.id, ben.id, ben.id, None]  # full: the team's, until somebody has room


async def test_anybody_there_gets_the_place_in_the_queue_and_never_the_bot(
    sessions, shopper, work, runtime
):
    others = type(shopper)(sessions, "before")
    await others.say("hello")
    await others.hand_over(now=datetime.now(UTC) - timedelta(hours=1))
    await shopper.say("hello")
    await shopper.hand_over()
    await shopper.say("is anybody there??")
    await work()
    await shopper.say("hello?")
    await work()
    assert await told(shopper) == [  # once, however often they ask
        "You have not been forgotten: you are number 2 in the queue. "
        "A colleague answers here within 4 hours."
    ]


async def test_what_is_added_makes_the_ticket_wait_again(sessions, shopper, work, add_agent):
    ana = await add_agent("Ana")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over(now=NOW)
    async with sessions.begin() as session:
        await service.answer(session, ticket_id, ana, "Which colour?", now=NOW)
    assert (await ticket_of(sessions, ticket_id)).waiting_since is None
    await shopper.say("Green, and I will sue you")
    await work()
    ticket = await ticket_of(sessions, ticket_id)
    assert ticket.waiting_since is not None
    assert ticket.due_at > datetime.now(UTC)
    assert ticket.priority == Priority.SAFETY


async def test_who_left_the_page_gets_the_answers_in_one_mail(
    sessions, shopper, work, mails, add_agent
):
    ana = await add_agent("Ana")
    await shopper.say("hello")
    ticket_id = await shopper.hand_over()
    await shopper.say("I have to go: Jo.Fox@example.com")
    await work()
    assert "jo.fox@example.com" in (await told(shopper))[-1]
    async with sessions.begin() as session:
        for text in ("It is on the van.", "And it is paid."):
            await service.answer(session, ticket_id, ana, text, now=NOW)
    await work()  # NOW is long ago: the two minutes have passed
    async with sessions() as session:
        [mail] = (await session.scalars(select(Mail))).all()
    assert mail.to == "jo.fox@example.com"
    assert "It is on the van.\n\nAnd it is paid." in mail.text


async def test_who_has_fetched_the_answer_gets_no_mail(sessions, shopper, work, mails, add_agent):
    ana = await add_agent("Ana")
    conversation = await shopper.say("hello")
    ticket_id = await shopper.hand_over()
    await shopper.say("jo@example.com")
    await work()
    async with sessions.begin() as session:
        await service.answer(session, ticket_id, ana, "It is on the van.", now=NOW)
    _, messages = await shopper.conversation()
    async with sessions.begin() as session:
        await conversations.fetched(session, conversation, messages[-1].id)
    await work()
    async with sessions() as session:
        assert (await session.scalars(select(Mail))).all() == []
