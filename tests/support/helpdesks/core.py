"""What every replayed help desk does: keep tickets, be down, lose answers, limit rates."""

import asyncio
import itertools
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

import httpx
from fastapi import FastAPI, Request, Response

AGENTS = {501: ("Ana", "ana@example.com"), 502: ("Ben", "ben@example.com")}
API_USER = 500


@dataclass
class Ticket:
    """One ticket. ``state``: open, pending, closed, final (closed for good), deleted."""

    id: int
    key: str
    requester: int
    subject: str
    state: str = "open"
    assignee: int | None = None
    comments: list = field(default_factory=list)


@dataclass
class Comment:
    """``author``: the requester's id, an agent's or the API's user's."""

    id: int
    author: int
    text: str
    public: bool
    files: list = field(default_factory=list)


class Desk:
    """A help desk's tickets, and its moods.

    Attributes:
        down: Every request is answered 503, and nothing is done.
        limit: Seconds of ``Retry-After`` that every request is answered 429 with; ``None``: none.
        lose: Chance that a change is made and its answer lost (502).
        late: Chance that a change is made after its answer (504).
        late_by: By so many seconds; ``None``: once ``catch_up`` is called.
        changes, lost, belated: How many there were, and how often that was so.
        status: Answered to every request; ``None``: as it should be.
        think: Seconds each answer takes, or two workers would never collide.
        seen: ``(method, path)`` of every request, in order of arrival.
    """

    slug = ""
    url = ""
    settings: ClassVar = {}

    def __init__(self):
        self.tickets = {}
        self.people = {}  # our id of a shopper → theirs
        self.names = {}
        self.uploads = {}
        self.ids = itertools.count(1001)
        self.seen = []
        self.changes = 0
        self.down = False
        self.limit = None
        self.status = None
        self.lose = self.late = 0.0
        self.late_by = None
        self.lost = self.belated = 0
        self.under_way = set()
        self.catching_up = asyncio.Event()
        self.junk = False
        self.think = 0.002
        self.chance = random.Random(7)
        self.asked = asyncio.Event()

    def app(self):
        app, unmoved = FastAPI(), FastAPI()
        self.routes(app)
        self.routes(unmoved)

        async def belatedly(request: Request, body: bytes):
            with suppress(TimeoutError):
                async with asyncio.timeout(self.late_by):
                    await self.catching_up.wait()
            async with httpx.AsyncClient(transport=httpx.ASGITransport(unmoved)) as http:
                url, headers = str(request.url), request.headers.raw
                await http.request(request.method, url, headers=headers, content=body)

        @app.middleware("http")
        async def moods(request: Request, call_next):
            self.seen.append((request.method, request.url.path))
            if not self.known(request):
                return Response(status_code=401)
            if self.down:
                return Response(status_code=503)
            if self.limit is not None:
                return Response(status_code=429, headers={"Retry-After": str(self.limit)})
            if self.status is not None:
                return Response(status_code=self.status)
            if self.junk:
                return Response("<html>", media_type="text/html")
            await asyncio.sleep(self.think)
            changing = request.method != "GET"
            self.changes += changing
            if changing and self.chance.random() < self.late:
                task = asyncio.create_task(belatedly(request, await request.body()))
                self.under_way.add(task)
                task.add_done_callback(self.under_way.discard)
                self.belated += 1
                return Response(status_code=504)
            response = await call_next(request)
            self.asked.set()
            if changing and self.chance.random() < self.lose:
                self.lost += 1
                return Response(status_code=502)
            return response

        return app

    async def catch_up(self):
        """Do everything that was answered before it was done."""
        self.catching_up.set()
        await asyncio.gather(*self.under_way)
        self.catching_up.clear()

    async def until(self, condition):
        """Wait for requests until something holds here."""
        async with asyncio.timeout(30):
            while not condition():
                self.asked.clear()
                await self.asked.wait()

    def client(self):
        """A client that reaches this help desk whatever the address."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app()))

    def person(self, ours, name):
        if ours not in self.people:
            self.people[ours] = next(self.ids)
            self.names[self.people[ours]] = name
        return self.people[ours]

    def add(self, ticket, author, text, *, public, files=()):
        comment = Comment(next(self.ids), author, text, public, list(files))
        ticket.comments.append(comment)
        return comment

    def find(self, number):
        ticket = self.tickets.get(int(number))
        return None if ticket is None or ticket.state == "deleted" else ticket

    # What people do there; each gives the webhook it causes.

    def reply(self, number, text, *, agent=501, files=()):
        ticket = self.tickets[int(number)]
        comment = self.add(ticket, agent, text, public=True, files=files)
        return self.webhook("comment", ticket, comment)

    def note(self, number, text, *, agent=501):
        ticket = self.tickets[int(number)]
        return self.webhook("comment", ticket, self.add(ticket, agent, text, public=False))

    def set(self, number, state):
        ticket = self.tickets[int(number)]
        ticket.state = state
        return self.webhook("status", ticket)

    def assign(self, number, agent):
        ticket = self.tickets[int(number)]
        ticket.assignee = agent
        return self.webhook("assignee", ticket)

    def words(self, number):
        """What stands in a ticket: ``(who, text without its head)``."""
        return [
            (self.who(comment), comment.text.partition("\n\n")[2] or comment.text)
            for comment in self.tickets[int(number)].comments
        ]

    def who(self, comment):
        if comment.author in self.names:
            return "shopper"
        if comment.author in AGENTS:
            return "agent" if comment.public else "note"
        return "public" if comment.public else "note"

    # What each vendor has its own way for.

    def routes(self, app):
        raise NotImplementedError

    def known(self, request):
        """Whether the request shows the right key."""
        raise NotImplementedError

    def webhook(self, kind, ticket, comment=None):
        """``(headers, body)`` as the vendor sends it."""
        raise NotImplementedError
