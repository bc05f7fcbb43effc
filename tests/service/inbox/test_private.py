"""A private team's tickets: for its members and admins there, for everybody else nowhere."""

import asyncio

import pytest
from sqlalchemy import select, update

from kit import clock
from service.accounts import teams
from service.accounts.models import Agent
from service.inbox import notes
from service.inbox.lists import Queue
from service.inbox.models import Ticket


@pytest.fixture
async def case(shopper, add_order):
    """A ticket, which ``desks`` gives to the private team; its id."""
    await shopper.say("my own words about it")
    return await shopper.hand_over(order_id=await add_order())


@pytest.fixture
async def desks(sessions, case, make_desk):
    """Ana, an agent; Ben, of the team; Eve, a lead; Ada, an admin."""
    made = {name: await make_desk(name) for name in ("Ana", "Ben", "Eve", "Ada")}
    async with sessions.begin() as session:
        for name, role in (("Eve", "lead"), ("Ada", "admin")):
            await session.execute(update(Agent).where(Agent.name == name).values(role=role))
        ids = {a.name: a.id for a in await session.scalars(select(Agent))}
        team = await teams.add(session, "Claims", private=True)
        await teams.change(session, team, private=True, agent_ids=[ids["Ben"]])
        await session.execute(update(Ticket).where(Ticket.id == case).values(team_id=team))
        author = await session.get_one(Agent, ids["Ada"])
        await notes.add(session, case, author, "@ana look at this", now=clock.now())
    return made


async def test_lists_searches_and_addresses(desks, case):
    for name, sees in (("Ana", False), ("Ben", True), ("Eve", False), ("Ada", True)):
        http = desks[name].http
        for queue in Queue:
            page = (await http.get(f"/inbox/?queue={queue}")).text
            assert not (not sees and f"ticket-{case}" in page), (name, queue)
        everything = (await http.get("/inbox/?queue=all")).text
        assert (f"ticket-{case}" in everything) is sees
        assert ('All</span> <span class="count">1<' in everything) is sees
        for words in ("words", "1001", "look"):
            found = (await http.get(f"/inbox/search?q={words}")).text
            assert (f"ticket-{case}" in found) is sees, (name, words)
        for path in ("", "/events", "/files/1"):
            if path == "/events" and sees:
                continue  # it would not end
            answer = await http.get(f"/inbox/tickets/{case}{path}")
            assert (answer.status_code == 404) is (not sees or path == "/files/1"), (name, path)
    # Two with other rights who ask at once get each their own list.
    pages = await asyncio.gather(
        *(desks[name].http.get("/inbox/?queue=all") for name in ("Ana", "Ben", "Ada") * 8)
    )
    for name, page in zip(("Ana", "Ben", "Ada") * 8, pages, strict=True):
        assert (f"ticket-{case}" in page.text) is (name != "Ana"), name


async def test_nobody_else_acts_on_it_or_is_shown_at_it(desks, case, sessions):
    ana = desks["Ana"]
    csrf = ana.token_of(await ana.http.get("/inbox/account"))
    acts = {
        "claim": {},
        "assign": {"to": "agent:1"},
        "answer": {"text": "Hi"},
        "answers/1/undo": {},
        "close": {},
        "snooze": {"when": "tomorrow"},
        "merge": {"into": "1"},
        "note": {"text": "Hi"},
        "tag": {"name": "vip"},
        "untag": {"name": "vip"},
        "presence": {"doing": "typing"},
        "preview": {"text": "Hi"},
    }
    for act, fields in acts.items():
        answer = await ana.http.post(f"/inbox/tickets/{case}/{act}", data={"csrf": csrf, **fields})
        assert answer.status_code == 404, act
    async with sessions() as session:
        ticket = await session.get_one(Ticket, case)
        assert (ticket.status, ticket.owner_id, ticket.version) == ("open", None, 1)
