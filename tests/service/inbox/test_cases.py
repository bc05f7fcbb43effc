"""Tickets at their pages, as an agent without JavaScript meets them."""

import asyncio
import re
from datetime import timedelta

from markupsafe import escape

from bot.actions.contract import Reason
from kit import clock

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "<svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}<b>",
    "</title></textarea></script><iframe src=javascript:alert(1)>",
    '<form hx-post="/inbox/sign-out" hx-trigger="load">',
    "\u202eleft<b>",
]


async def test_a_ticket_waits_unassigned_with_its_reason_order_and_deadline(
    make_desk, shopper, add_order
):
    await shopper.say("I want a human")
    order = await add_order(name="Jo Fox", email="jo@example.com")
    ticket = await shopper.hand_over(Reason.NOT_RECEIVED, order_id=order, note="asked twice")
    ana = await make_desk()
    page = (await ana.http.get("/inbox/")).text
    for words in ("Delivered not received · #1001", "I want a human", "Jo Fox", "in 2 hours"):
        assert words in page
    case = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    for words in ("asked twice", "jo@example.com", "nobody has it", "Assign to me"):
        assert words in case


async def test_a_late_ticket_says_so_and_comes_first(make_desk, shopper):
    late = type(shopper)(shopper.sessions, "shopper-2")
    await shopper.say("hello")
    await late.say("hello")
    await shopper.hand_over()
    await late.hand_over(now=clock.now() - timedelta(hours=5))
    page = (await (await make_desk()).http.get("/inbox/")).text
    assert "Overdue: was due" in page
    assert page.index("Overdue") < page.index("in 4 hours")


async def test_an_answer_reaches_the_shopper_and_takes_the_ticket(make_desk, shopper, now_due):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    ana = await make_desk()
    answer = await ana.act(ticket, "answer", text="  Ana here. <3  ")
    assert answer.headers["location"] == f"/inbox/tickets/{ticket}"
    assert len((await shopper.conversation())[1]) == 1  # it can still be undone
    await now_due()
    conversation, messages = await shopper.conversation()
    assert [(m.author, m.text) for m in messages] == [
        ("shopper", "hello?"),
        ("agent", "Ana here. <3"),
    ]
    assert conversation.handler == "agent"
    assert "you have it" in (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert "Answered, the shopper's turn" in (await ana.http.get("/inbox/?queue=mine")).text


async def test_what_the_shopper_adds_is_owed_an_answer_again(make_desk, shopper, now_due):
    await shopper.say("hello?")
    ticket = await shopper.hand_over(now=clock.now() - timedelta(hours=9))
    ana = await make_desk()
    await ana.act(ticket, "answer", text="Ana here.")
    await now_due()
    await shopper.say("and another thing")
    await now_due()
    page = (await ana.http.get("/inbox/?queue=mine")).text
    assert "Due <time" in page
    assert "Overdue" not in page


async def test_closing_tells_the_shopper_and_gives_the_conversation_back(make_desk, shopper):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    ana = await make_desk()
    assert (await ana.act(ticket, "close")).headers["location"] == "/inbox/"
    conversation, messages = await shopper.conversation()
    assert conversation.handler == "bot"
    assert messages[-1].author == "system"
    assert "closed this conversation" in messages[-1].text
    assert messages[0].answered  # a person has read it: the bot does not come back to it
    await shopper.say("where is my order?")
    assert not (await shopper.conversation())[1][-1].answered  # the bot's to answer
    assert "Asked" in (await ana.http.get("/inbox/?queue=closed")).text
    assert "Nobody is waiting" in (await ana.http.get("/inbox/?queue=all")).text
    late = await ana.http.post(
        f"/inbox/tickets/{ticket}/answer",
        data={"csrf": ana.token_of(await ana.http.get("/inbox/")), "text": "too late"},
    )
    assert late.status_code == 409
    assert "too late" in late.text


async def test_a_new_reason_joins_the_open_ticket(make_desk, shopper, add_order):
    await shopper.say("hello?")
    order = await add_order()
    first = await shopper.hand_over(Reason.ASKED, note="wants a person")
    for _ in range(2):
        again = await shopper.hand_over(Reason.DAMAGED, note="box is wet", order_id=order)
        assert again == first
    await shopper.hand_over(Reason.ASKED)
    case = (await (await make_desk()).http.get(f"/inbox/tickets/{first}")).text
    assert case.count("wants a person\nbox is wet</p>") == 1
    assert "Asked for a person, Damaged" in case
    assert "#1001" in case


async def test_two_agents_answer_at_once_and_one_message_goes_out(make_desk, shopper, now_due):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    ana, ben = await make_desk("Ana"), await make_desk("Ben")
    answers = await asyncio.gather(
        ana.act(ticket, "answer", text="Ana's answer"),
        ben.act(ticket, "answer", text="Ben's answer"),
    )
    assert sorted(a.status_code for a in answers) == [303, 409]
    await now_due()
    won, lost = ("Ana", "Ben") if answers[0].status_code == 303 else ("Ben", "Ana")
    said = [m.text for m in (await shopper.conversation())[1] if m.author == "agent"]
    assert said == [f"{won}'s answer"]
    refused = next(a for a in answers if a.status_code == 409).text
    assert f"{won} took this ticket a moment ago" in refused
    assert f"{lost}&#39;s answer</textarea>" in refused  # nothing typed is lost
    assert f"{won}&#39;s answer" in refused  # and the other's message is in view


async def test_two_agents_claim_at_once_and_one_has_it(make_desk, shopper):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    ana, ben = await make_desk("Ana"), await make_desk("Ben")
    claims = await asyncio.gather(ana.act(ticket, "claim"), ben.act(ticket, "claim"))
    assert sorted(c.status_code for c in claims) == [303, 409]


async def test_taking_over_is_meant_for_the_owner_that_was_seen(make_desk, shopper):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    ana, ben, cem = [await make_desk(name) for name in ("Ana", "Ben", "Cem")]
    await ana.act(ticket, "claim")
    seen = re.search(
        r'name="seen_owner" value="(\d+)"', (await ben.http.get(f"/inbox/tickets/{ticket}")).text
    )[1]
    assert (await cem.act(ticket, "claim", seen_owner=seen)).status_code == 303
    refused = await ben.act(ticket, "claim", seen_owner=seen)
    assert refused.status_code == 409
    assert "Cem took this ticket" in refused.text
    assert (await ana.act(ticket, "close")).status_code == 409


async def test_an_empty_answer_is_not_sent(make_desk, shopper):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    answer = await (await make_desk()).act(ticket, "answer", text=" \0 \n")
    assert answer.status_code == 422
    assert "Write an answer first" in answer.text


async def test_htmx_gets_the_parts_it_asked_for(make_desk, shopper):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    ana = await make_desk()
    ana.http.headers["HX-Request"] = "true"
    for path in ("/inbox/", f"/inbox/tickets/{ticket}"):
        part = (await ana.http.get(path)).text
        assert "<!doctype" not in part
        assert "hello?" in part
    acted = await ana.act(ticket, "answer", text="Hi")
    assert 'id="reply"' in acted.text
    assert 'hx-swap-oob="innerHTML"' in acted.text
    closed = await ana.act(ticket, "close")
    assert closed.headers["hx-redirect"] == "/inbox/"


async def test_what_strangers_wrote_is_text(make_desk, shopper, add_order):
    everything = " | ".join(NASTY)
    await shopper.say(everything)
    order = await add_order(
        name=everything, number=everything, email=everything, phone=everything, currency=everything
    )
    ticket = await shopper.hand_over(note=everything, order_id=order)
    ana = await make_desk()
    for path in ("/inbox/", f"/inbox/tickets/{ticket}"):
        page = await ana.http.get(path)
        for nasty in NASTY:
            assert nasty not in page.text
            assert escape(nasty) in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'self';")
        assert page.headers["cache-control"] == "no-store"
