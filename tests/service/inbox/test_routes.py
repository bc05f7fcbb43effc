"""The inbox's door, its streams and its errors."""

import re
from datetime import UTC, datetime, timedelta

import httpx

from service.accounts import throttle
from service.conversations import delivery
from service.inbox.pages import ago


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
