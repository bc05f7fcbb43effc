import re
from urllib.parse import urlsplit

import pyotp
from sqlalchemy import select, text

from kit import clock
from service.accounts import service as accounts
from service.accounts import teams
from service.accounts.models import Agent
from service.accounts.permissions import Role
from service.audit.models import AuditEntry
from tests.service.inbox.test_cases import NASTY
from tests.service.inbox.test_routes import paths_of

NEW = "a much longer password"


async def post(desk, path, *, of="/inbox/account", **fields):
    """Sends a form of a page, with the page's token."""
    page = await desk.http.get(of)
    form = {"csrf": desk.token_of(page), **fields}
    return await desk.http.post(f"/inbox{path}", data=form)


async def acts(sessions, subject=None):
    async with sessions() as session:
        query = select(AuditEntry.act).order_by(AuditEntry.id)
        return list(await session.scalars(query.filter_by(subject=subject) if subject else query))


def mounted(app):
    inbox = next(route.app for route in app.routes if getattr(route, "path", "") == "/inbox")
    return [
        (method, "/inbox" + re.sub(r"{\w+(:\w+)?}", "1", path))
        for method, path in paths_of(inbox.routes)
        if not path.startswith(("/static", "/sign-in"))
    ]


async def test_no_form_is_acted_upon_without_its_sessions_token(app, make_desk, give_role):
    admin, other = await make_desk("Ana"), await make_desk("Ben")
    await give_role(admin, Role.ADMIN)
    stolen = other.token_of(await other.http.get("/inbox/account"))
    posts = [path for method, path in mounted(app) if method != "GET"]
    assert len(posts) >= 20
    for path in posts:
        for token in ({}, {"csrf": "forged"}, {"csrf": stolen}):
            answer = await admin.http.post(path, data=token)
            assert answer.status_code == 403, (path, token)
            assert "form has expired" in answer.text


async def test_an_editor_reads_no_conversation(app, make_desk, give_role, shopper):
    await shopper.say("my secret words")
    await shopper.hand_over()
    editor = await make_desk("Eve")
    await give_role(editor, Role.EDITOR)
    token = editor.token_of(await editor.http.get("/inbox/account"))
    open_to_editors = ("/inbox/account", "/inbox/figures", "/inbox/sign-out", "/inbox/macros")
    for method, path in mounted(app):
        if path.startswith(open_to_editors):
            continue
        data = {"csrf": token} if method == "POST" else None
        answer = await editor.http.request(method, path, data=data)
        assert answer.status_code in {303, 403}, (method, path)
        assert answer.headers.get("location", "/inbox/figures") == "/inbox/figures"
        assert "my secret words" not in answer.text
    assert (await editor.http.get("/inbox/")).headers["location"] == "/inbox/figures"


async def test_each_role_finds_what_is_for_it_and_no_more(make_desk, give_role):
    seen, places = {}, ("figures", "macros", "people", "audit")
    for role in Role:
        desk = await make_desk(role.capitalize())
        await give_role(desk, role)
        seen[role] = [
            (await desk.http.get(f"/inbox/{page}")).status_code
            for page in ("", *places, "figures/times.csv", "audit/log.csv")
        ]
        own = (await desk.http.get("/inbox/account")).text
        shown = [f'href="/inbox/{page}"' in own for page in places]
        assert shown == [status == 200 for status in seen[role][1:5]]
    assert seen == {
        Role.AGENT: [200, 403, 403, 403, 403, 403, 403],
        Role.LEAD: [200, 200, 200, 200, 403, 200, 403],
        Role.EDITOR: [303, 200, 200, 403, 403, 403, 403],
        Role.ADMIN: [200] * 7,
    }


async def test_a_private_teams_tickets_are_not_there_for_others(
    make_desk, give_role, shopper, sessions
):
    await shopper.say("a private matter")
    ticket = await shopper.hand_over()
    desks = {}
    for name, role in (("In", "agent"), ("Out", "agent"), ("Lead", "lead"), ("Adm", "admin")):
        desks[name] = await make_desk(name)
        await give_role(desks[name], role)
    async with sessions.begin() as session:
        team = await teams.add(session, "Fraud", private=True)
        member = await accounts.find(session, desks["In"].email)
        await teams.change(session, team, private=True, agent_ids=[member.id])
        await session.execute(
            text("UPDATE tickets SET team_id = :team, owner_id = NULL"), {"team": team}
        )
    case = f"/inbox/tickets/{ticket}"
    for name, sees in (("In", True), ("Out", False), ("Lead", False), ("Adm", True)):
        http = desks[name].http
        token = desks[name].token_of(await http.get("/inbox/account"))
        pages = [(await http.get(path)).text for path in ("/inbox/?queue=all", case)]
        assert ["a private matter" in page for page in pages] == [sees, sees], name
        assert (await http.get(f"{case}/events")).status_code == 404 if not sees else True
        if not sees:
            assert (await http.get(case)).status_code == 404
            for act in ("claim", "answer", "close", "note", "snooze", "tag"):
                answer = await http.post(f"{case}/{act}", data={"csrf": token, "text": "hello"})
                assert answer.status_code in {404, 422}, (name, act)
    assert (await shopper.conversation())[1][-1].text == "a private matter"

    # A lead cannot let themselves in, nor make the team public.
    lead = desks["Lead"]
    for fields in ({"member": "3"}, {"private": "true"}):
        refused = await post(lead, f"/people/teams/{team}", of="/inbox/people", **fields)
        assert refused.status_code == 403


async def test_the_second_factor_from_setting_up_to_recovery(make_desk, sessions):
    ana = await make_desk()
    assert "not your password" in (await post(ana, "/account/totp", password="guessed")).text
    shown = (await post(ana, "/account/totp", password=ana.password)).text
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', shown)[1]
    proposed = re.search(r'name="proposed" value="([^"]+)"', shown)[1]
    app = pyotp.TOTP(secret)
    wrong = await post(ana, "/account/totp/on", proposed=proposed, code="000000")
    assert wrong.status_code == 422
    assert secret in wrong.text  # the same one: it is on the phone already
    done = await post(ana, "/account/totp/on", proposed=proposed, code=app.at(clock.now()))
    codes = re.findall(r"<code>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</code>", done.text)
    assert len(codes) == 10
    assert codes[0] not in (await ana.http.get("/inbox/account")).text

    await post(ana, "/sign-out")
    asked = await ana.sign_in()
    assert "Your code" in asked.text
    assert (await ana.http.get("/inbox/")).status_code == 303  # half in is out
    half = re.search(r'name="half" value="([^"]+)"', asked.text)[1]
    form = {"csrf": ana.token_of(asked), "half": half, "next": "/inbox/account"}
    refused = await ana.http.post("/inbox/sign-in/code", data={**form, "code": "123456"})
    assert refused.status_code == 403
    forged = {**form, "half": "1:forged", "code": codes[0]}
    assert (await ana.http.post("/inbox/sign-in/code", data=forged)).status_code == 403
    entered = await ana.http.post("/inbox/sign-in/code", data={**form, "code": codes[0]})
    assert entered.headers["location"] == "/inbox/account"
    assert (await ana.http.get("/inbox/account")).status_code == 200

    off = await post(ana, "/account/totp/off", password=ana.password)
    assert off.status_code == 303
    await post(ana, "/sign-out")
    assert (await ana.sign_in()).status_code == 303
    assert await acts(sessions) == [
        "signed_in",
        "totp_on",
        "signed_out",
        "signed_in",
        "totp_off",
        "signed_out",
        "signed_in",
    ]


async def test_another_password_and_the_other_sessions(make_desk, sessions):
    ana = await make_desk()
    elsewhere = dict(ana.http.cookies)
    await ana.sign_in()
    for old, new, why in (
        ("guessed", NEW, "not your password"),
        (ana.password, "short", "12 characters"),
        (ana.password, "hello ana, hello", "your e-mail"),
    ):
        assert why in (await post(ana, "/account/password", old=old, new=new)).text
    listed = (await ana.http.get("/inbox/account")).text
    assert listed.count("since <time") == 2
    [other] = re.findall(r'name="session_id" value="(\d+)"', listed)
    assert (await post(ana, "/account/sessions/end", session_id=other)).status_code == 303
    assert (await ana.http.get("/inbox/account")).text.count("since <time") == 1
    changed = await post(ana, "/account/password", old=ana.password, new=NEW)
    assert changed.status_code == 303
    assert "is changed" in (await ana.http.get(changed.headers["location"])).text
    ana.http.cookies.update(elsewhere)
    assert (await ana.http.get("/inbox/account")).status_code == 303
    assert (await ana.sign_in()).status_code == 403
    assert (await ana.sign_in(NEW)).status_code == 303
    assert "password_changed" in await acts(sessions)


async def test_an_admin_invites_changes_and_closes(make_desk, give_role, sessions):
    ana, guest = await make_desk(), await make_desk("Gus", signed_in=False)
    await give_role(ana, Role.ADMIN)
    made = await post(
        ana, "/people/invite", of="/inbox/people", email="Ben@Example.com", name="Ben", role="lead"
    )
    link = urlsplit(re.search(r'class="secret">(\S+/welcome/[^<]+)<', made.text)[1]).path
    welcome = await guest.http.get(link)
    assert "Hello, Ben" in welcome.text
    form = {"csrf": guest.token_of(welcome), "password": "tiny"}
    assert (await guest.http.post(link, data=form)).status_code == 422
    assert "is set" in (await guest.http.post(link, data={**form, "password": NEW})).text
    assert "used or is too old" in (await guest.http.get(link)).text
    ben = type(guest)(guest.http, NEW, "ben@example.com")
    assert (await ben.sign_in()).status_code == 303
    assert (await ben.http.get("/inbox/people")).status_code == 200  # a lead

    async with sessions() as session:
        ids = dict((await session.execute(select(Agent.name, Agent.id))).all())
    fields = {"role": "agent", "capacity": "3", "active": "true"}
    await post(ana, f"/people/{ids['Ben']}", of="/inbox/people", **fields)
    assert (await ben.http.get("/inbox/people")).status_code == 403  # at once
    del fields["active"]
    await post(ana, f"/people/{ids['Ben']}", of="/inbox/people", **fields)
    assert (await ben.http.get("/inbox/")).status_code == 303
    refused = await post(ana, f"/people/{ids['Ana']}", of="/inbox/people", **fields)
    assert "nobody who manages accounts" in refused.text
    again = await post(ana, "/people/invite", of="/inbox/people", email="ben@example.com")
    assert "exists already" in again.text
    assert await acts(sessions, f"agent:{ids['Ben']}") == [
        "invited",
        "password_changed",
        "signed_in",
        "account_changed",
        "account_closed",
    ]


async def test_the_log_is_read_filtered_exported_and_checked(
    make_desk, give_role, shopper, add_order
):
    await shopper.say("hello?")
    order = await add_order()
    ticket = await shopper.hand_over(order_id=order)
    ana, ben = await make_desk(), await make_desk("Ben")
    await give_role(ana, Role.ADMIN)
    await ben.http.get(f"/inbox/tickets/{ticket}")
    page = (await ana.http.get("/inbox/audit", params={"actor": "ben@example.com"})).text
    assert f"ticket:{ticket}" in page or f"order:{order}" in page
    assert "<td>ana@example.com</td>" not in page
    whole = (await ana.http.get("/inbox/audit", params={"check": "true"})).text
    assert re.search(r"All \d+ entries are whole", whole)
    sheet = await ana.http.get("/inbox/audit/log.csv", params={"act": "signed_in"})
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.text.count("signed_in") == 2
    assert "Exported" in (await ana.http.get("/inbox/audit")).text


async def test_names_that_strangers_chose_are_text(make_desk, give_role, sessions):
    ana = await make_desk()
    await give_role(ana, Role.ADMIN)
    everything = " ".join(NASTY)[:80]
    async with sessions.begin() as session:
        await accounts.create_agent(session, "x@example.com", everything)
        await teams.add(session, NASTY[0], private=False)
    pages = ("people", "audit?subject=<script>alert(1)</script>", "account", "figures")
    for page in pages:
        body = (await ana.http.get(f"/inbox/{page}")).text
        assert "<script>alert" not in body
        assert "<img src=x" not in body
