"""What an agent does at a ticket's page beyond answering, with nothing but forms."""

import re

import pytest
from sqlalchemy import select

from bot.actions.contract import Reason
from integrations.messages import Button
from kit import clock
from service.conversations import service as conversations
from service.conversations.models import Author, Delivery, Message
from service.inbox.models import Ticket, WrongAnswer
from service.storefront.models import Parcel


@pytest.fixture
async def ticket(shopper):
    await shopper.say("where is my order?")
    return await shopper.hand_over(Reason.MISUNDERSTOOD)


async def test_a_wrong_answer_is_kept_with_what_it_was_made_from(
    sessions, shopper, ticket, make_desk
):
    async with sessions.begin() as session:
        conversation = await conversations.open_conversation(session, "web", shopper.address)
        said = await conversations.post(
            session,
            conversation,
            Author.BOT,
            "It was delivered.",
            buttons=[Button("Yes", "/affirm")],
            made_from={"intent": "order_status", "confidence": 0.41, "slots": {"order": "1001"}},
            now=clock.now(),
        )
        message_id = said.id
    ana = await make_desk()
    page = await ana.http.get(f"/inbox/tickets/{ticket}")
    assert "Wrong answer?" in page.text
    answer = await ana.act(ticket, f"messages/{message_id}/wrong", comment="It was not.")
    assert answer.status_code == 303
    async with sessions() as session:
        [kept] = (await session.scalars(select(WrongAnswer))).all()
    assert kept.comment == "It was not."
    assert kept.made_from["intent"] == "order_status"
    assert kept.made_from["confidence"] == 0.41
    assert kept.made_from["asked"] == "where is my order?"
    assert "Called wrong" in (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    own = (await shopper.conversation())[1][0].id
    assert (await ana.act(ticket, f"messages/{own}/wrong")).status_code == 404


async def test_what_did_not_arrive_is_sent_again_once(sessions, shopper, ticket, make_desk):
    async with sessions.begin() as session:
        conversation = await conversations.open_conversation(session, "web", shopper.address)
        said = await conversations.post(
            session, conversation, Author.AGENT, "Ana here.", now=clock.now()
        )
        message_id = said.id
        message = await session.get_one(Message, message_id)
        message.delivery, message.error = Delivery.FAILED, "the number does not exist"
    ana = await make_desk()
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert "Not delivered: the number does not exist" in page
    for _ in range(2):
        await ana.act(ticket, f"messages/{message_id}/again")
        async with sessions() as session:
            found = await session.get_one(Message, message_id)
            assert (found.delivery, found.error) == (Delivery.QUEUED, None)


async def test_only_a_parcel_of_the_case_is_corrected(sessions, shopper, add_order, make_desk):
    await shopper.say("hello?")
    ticket = await shopper.hand_over(order_id=await add_order())
    other = await add_order(key="1002", number="#1002", external_id="1002")
    async with sessions.begin() as session:
        parcel = Parcel(order_id=other, carrier="unknown", number="X1")
        session.add(parcel)
        await session.flush()
        parcel_id = parcel.id
    ana = await make_desk()
    for act in ("carrier", "refresh"):
        refused = await ana.act(ticket, f"parcels/{parcel_id}/{act}", carrier="sandbox")
        assert refused.status_code == 404


async def test_files_go_out_as_links_and_come_back_as_they_were(
    sessions, shopper, ticket, make_desk, now_due
):
    ana = await make_desk()
    page = await ana.http.get(f"/inbox/tickets/{ticket}")
    answer = await ana.http.post(
        f"/inbox/tickets/{ticket}/answer",
        data={"csrf": ana.token_of(page), "text": "Your label:"},
        files=[("added", ("label.pdf", b"%PDF-1.7 x", "text/html"))],
    )
    assert answer.status_code == 303
    await now_due()
    _, messages = await shopper.conversation()
    said = [message.text for message in messages if message.author == Author.AGENT]
    assert len(said) == 1
    assert said[0].startswith("Your label:\n\nlabel.pdf: http")
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert ">label.pdf</a>" in page


async def test_a_colleague_a_moment_and_another_ticket(shopper, ticket, make_desk, sessions):
    ana, ben = await make_desk(), await make_desk("Ben")
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    ben_id = page.split(">Ben</option>")[0].rsplit("agent:", 1)[1].split('"')[0]
    assert (await ana.act(ticket, "assign", to=f"agent:{ben_id}")).status_code == 303
    assert "Asked" not in (await ana.http.get("/inbox/?queue=mine")).text
    assert (await ben.act(ticket, "snooze", when="tomorrow")).headers["location"] == "/inbox/"
    assert "Nothing is snoozed" not in (await ben.http.get("/inbox/?queue=snoozed")).text
    bad = await ben.act(ticket, "snooze", at="2001-01-01T09:00")
    assert bad.status_code == 422
    assert "between now and 90 days" in bad.text
    other = type(shopper)(shopper.sessions, "shopper-2")
    await other.say("me again")
    second = await other.hand_over()
    merged = await ben.act(second, "merge", into=f"#{ticket}")
    assert merged.headers["location"] == f"/inbox/tickets/{ticket}"
    async with sessions() as session:
        assert (await session.get_one(Ticket, second)).merged_into_id == ticket
    assert "me again" in (await ben.http.get(f"/inbox/tickets/{ticket}")).text


async def test_a_later_answer_says_when_and_a_bad_moment_keeps_the_words(
    shopper, ticket, make_desk
):
    ana = await make_desk()
    bad = await ana.act(ticket, "answer", text="Good morning", when="at", at="nonsense")
    assert bad.status_code == 422
    assert "Good morning</textarea>" in bad.text
    await ana.act(ticket, "answer", text="Good morning", when="tomorrow")
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert "Goes out" in page
    assert len((await shopper.conversation())[1]) == 1


async def test_a_snoozed_ticket_says_until_when_and_comes_back_by_one_click(
    ticket, make_desk, sessions
):
    ana = await make_desk()
    await ana.act(ticket, "snooze", when="tomorrow")
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert "Snoozed, back" in page
    assert f"ticket-{ticket}" not in (await ana.http.get("/inbox/?queue=mine")).text
    assert (await ana.act(ticket, "wake")).status_code == 303
    assert "Snoozed, back" not in (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert f"ticket-{ticket}" in (await ana.http.get("/inbox/?queue=mine")).text


async def test_an_answer_that_was_called_off_is_shown_with_why_and_can_be_used_again(
    shopper, ticket, make_desk, work
):
    ana = await make_desk()
    await ana.act(ticket, "answer", text="Good morning", when="tomorrow")
    await shopper.say("please stop the order!")
    await work()
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert "Not sent: The shopper wrote meanwhile." in page
    again = re.search(r'href="(/inbox/tickets/\d+\?insert=answer:\d+)"', page)[1]
    assert "Good morning</textarea>" in (await ana.http.get(again)).text


async def test_who_wrote_an_answer_stands_at_it(ticket, make_desk, now_due):
    ana, ben = await make_desk(), await make_desk("Ben")
    await ana.act(ticket, "answer", text="Hello from me")
    await now_due()
    page = (await ben.http.get(f"/inbox/tickets/{ticket}")).text
    assert '<span class="author">Ana</span>' in page
