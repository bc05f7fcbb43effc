import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
from markupsafe import escape

from bot.actions.contract import Reason
from kit import clock
from service.accounts import throttle
from service.conversations import delivery
from service.inbox.pages import ago

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


async def test_a_stranger_is_sent_to_the_door_and_comes_back_to_where_they_wanted(make_desk):
    ana = await make_desk(signed_in=False)
    refused = await ana.http.get("/inbox/tickets/7")
    assert refused.status_code == 303
    assert refused.headers["location"] == "/inbox/sign-in?next=/inbox/tickets/7"
    opened = await ana.sign_in(next="/inbox/tickets/7")
    assert opened.headers["location"] == "/inbox/tickets/7"


async def test_the_door_leads_nowhere_else(make_desk):
    ana = await make_desk(signed_in=False)
    for elsewhere in ("https://evil.example/", "//evil.example", "/inbox/\\evil", "/demo", ""):
        assert (await ana.sign_in(next=elsewhere)).headers["location"] == "/inbox/"


async def test_no_page_is_open_to_a_stranger(app, make_desk):
    stranger = (await make_desk(signed_in=False)).http
    mounted = next(route.app for route in app.routes if getattr(route, "path", "") == "/inbox")
    inside = [r for r in paths_of(mounted.routes) if not r[1].startswith(("/static", "/sign-in"))]
    assert len(inside) >= 8
    for method, path in inside:
        answer = await stranger.request(method, "/inbox" + re.sub(r"{\w+(:int)?}", "1", path))
        assert (answer.status_code, "sign-in" in answer.headers.get("location", "")) in {
            (303, True),
            (401, False),
        }, (method, path)


def paths_of(routes):
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner is not None:
            yield from paths_of(inner)
        elif getattr(route, "methods", None):
            yield from ((method, route.path) for method in route.methods)


async def test_streams_and_fragments_refuse_a_stranger_in_their_own_way(make_desk):
    stranger = (await make_desk(signed_in=False)).http
    assert (await stranger.get("/inbox/events")).status_code == 401
    fragment = await stranger.get("/inbox/", headers={"HX-Request": "true"})
    assert fragment.status_code == 401
    assert fragment.headers["hx-redirect"].startswith("/inbox/sign-in")


async def test_a_wrong_password_and_an_unknown_agent_read_the_same(make_desk):
    ana = await make_desk(signed_in=False)
    wrong = await ana.sign_in("wrong")
    known, ana.email = ana.email, "nobody@example.com"
    unknown = await ana.sign_in("wrong")
    assert wrong.status_code == unknown.status_code == 403
    assert bare(wrong).replace(known, "-") == bare(unknown).replace(ana.email, "-")
    assert "do not go together" in wrong.text


def bare(page):
    return re.sub(r'name="csrf" value="[^"]+"', "", page.text)


async def test_too_many_tries_read_the_same_for_all(make_desk):
    ana = await make_desk(signed_in=False)
    for email in (ana.email, "nobody@example.com"):
        ana.email = email
        answers = [await ana.sign_in("wrong") for _ in range(throttle.TRIES_PER_EMAIL + 1)]
        assert answers[-1].status_code == 429
        assert "Too many tries" in answers[-1].text


async def test_a_form_without_our_token_changes_nothing(make_desk, shopper):
    await shopper.say("hello")
    ticket = await shopper.hand_over()
    ana = await make_desk()
    for token in ({}, {"csrf": ""}, {"csrf": "forged"}):
        answer = await ana.http.post(
            f"/inbox/tickets/{ticket}/answer", data={"text": "not sent", **token}
        )
        assert answer.status_code == 403
        assert "form has expired" in answer.text
    assert len((await shopper.conversation())[1]) == 1


async def test_a_token_of_another_session_is_none(make_desk, shopper):
    await shopper.say("hello")
    ticket = await shopper.hand_over()
    ana, ben = await make_desk("Ana"), await make_desk("Ben")
    stolen = ben.token_of(await ben.http.get("/inbox/"))
    answer = await ana.http.post(
        f"/inbox/tickets/{ticket}/answer", data={"csrf": stolen, "text": "not sent"}
    )
    assert answer.status_code == 403


async def test_a_sign_in_form_works_in_its_own_browser_only(make_desk):
    ana, ben = await make_desk("Ana", signed_in=False), await make_desk("Ben", signed_in=False)
    token = ana.token_of(await ana.http.get("/inbox/sign-in"))
    await ben.http.get("/inbox/sign-in")
    form = {"csrf": token, "email": ben.email, "password": ben.password}
    answer = await ben.http.post("/inbox/sign-in", data=form)
    assert answer.status_code == 403
    assert "had expired" in answer.text


async def test_a_sign_in_form_cannot_be_made_to_sign_for_a_session(make_desk):
    ana, stranger = await make_desk(), (await make_desk("Eve", signed_in=False)).http
    for session_id in range(1, 4):
        stranger.cookies.set("wismo_sign_in", str(session_id))
        forged = ana.token_of(await stranger.get("/inbox/sign-in"))
        assert (await ana.http.post("/inbox/sign-out", data={"csrf": forged})).status_code == 403


async def test_a_copied_cookie_dies_with_sign_out(make_desk):
    ana = await make_desk()
    copy = dict(ana.http.cookies)
    page = await ana.http.get("/inbox/")
    out = await ana.http.post("/inbox/sign-out", data={"csrf": ana.token_of(page)})
    assert out.headers["location"] == "/inbox/sign-in"
    assert "wismo_agent" not in ana.http.cookies
    ana.http.cookies.update(copy)
    assert (await ana.http.get("/inbox/")).status_code == 303


async def test_the_cookie_is_kept_from_scripts_and_other_sites(make_desk):
    ana = await make_desk(signed_in=False)
    cookie = (await ana.sign_in()).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/inbox"} <= set(cookie.split("; "))


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


async def test_an_error_is_a_page(make_desk):
    ana = await make_desk()
    for path, status in {
        "tickets/1": 404,
        "tickets/99999999999999999999999": 404,
        "tickets/x": 404,
        "nowhere": 404,
        "?queue=nonsense": 422,
        "static/nothing.js": 404,
        "static/..%2Froutes.py": 404,
    }.items():
        answer = await ana.http.get(f"/inbox/{path}")
        assert answer.status_code == status, path
        assert answer.headers["content-type"].startswith("text/html")
        assert "To the inbox" in answer.text


async def test_the_front_door_without_a_slash_leads_in(make_desk):
    ana = await make_desk()
    assert (await ana.http.get("/inbox", follow_redirects=True)).status_code == 200


async def test_static_files_are_there_for_all(make_desk):
    stranger = (await make_desk(signed_in=False)).http
    for name in ("htmx.js", "htmx-sse.js", "inbox.js", "inbox.css"):
        assert len((await stranger.get(f"/inbox/static/{name}")).content) > 1000


async def test_a_new_ticket_is_told_to_open_inboxes(url, make_desk, shopper):
    ana = await make_desk()
    await shopper.say("hello?")
    async with (
        httpx.AsyncClient(base_url=url, cookies=ana.cookies, timeout=10) as http,
        http.stream("GET", "/inbox/events") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = (line async for line in stream.aiter_lines() if line.startswith("event:"))
        assert await anext(events) == "event: changed"  # at the start
        await shopper.hand_over()
        assert await anext(events) == "event: changed"
        await shopper.say("anybody there?")
        assert await anext(events) == "event: changed"


async def test_streams_end_when_the_process_stops(url, runtime, make_desk):
    ana = await make_desk()
    async with (
        httpx.AsyncClient(base_url=url, cookies=ana.cookies, timeout=10) as http,
        http.stream("GET", "/inbox/events") as stream,
    ):
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: changed"
        runtime.news.close()
        assert [line async for line in lines if line.startswith("event:")] == []


def test_times_are_in_words():
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert [
        ago(now + timedelta(minutes=m), now)
        for m in (0, -1, -45, -89, -120, -60 * 35, -60 * 48, 20, 239, 60 * 24 * 3)
    ] == [
        "just now",
        "1 minute ago",
        "45 minutes ago",
        "89 minutes ago",
        "2 hours ago",
        "35 hours ago",
        "2 days ago",
        "in 20 minutes",
        "in 4 hours",
        "in 3 days",
    ]


async def test_what_was_not_delivered_says_why_and_is_sent_again(make_desk, shopper, sessions):
    ana = await make_desk()
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    await ana.act(ticket, "answer", text="Hi, Ana here.")
    _, said = await shopper.conversation()
    async with sessions.begin() as session:
        await delivery.fail(session, said[-1].id, "No such number (21211)")
    page = (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    assert "Not delivered: No such number (21211)" in page
    assert "Send again" in page
    await ana.act(ticket, f"messages/{said[-1].id}/again")
    _, said = await shopper.conversation()
    assert (said[-1].delivery, said[-1].error) == ("queued", None)
    assert "Send again" not in (await ana.http.get(f"/inbox/tickets/{ticket}")).text
    for stranger in (said[0].id + 1000, 2**63):
        answer = await ana.act(ticket, f"messages/{stranger}/again")
        assert answer.status_code == 404
