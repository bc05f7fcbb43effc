"""Gorgias, after https://developers.gorgias.com/reference."""

import base64
import json
from typing import ClassVar

from fastapi import Request, Response

from tests.support.helpdesks.core import AGENTS, API_USER, Desk, Ticket

STATES = {"open": "open", "closed": "closed", "pending": "snoozed"}
KEY = base64.b64encode(b"bot@example.com:gg-key").decode()


class Replay(Desk):
    slug = "gorgias"
    url = "https://shop.gorgias.example"
    settings: ClassVar = {
        "GORGIAS_URL": url,
        "GORGIAS_EMAIL": "bot@example.com",
        "GORGIAS_API_KEY": "gg-key",
        "GORGIAS_WEBHOOK_TOKEN": "gg-webhook",
    }
    signed = False

    def known(self, request):
        return request.headers.get("authorization") == f"Basic {KEY}"

    def webhook(self, kind, ticket, comment=None):
        body = json.dumps({"ticket_id": ticket.id}).encode()
        return {"x-wismo-token": "gg-webhook"}, body

    def shown(self, ticket):
        name, email = AGENTS.get(ticket.assignee, (None, None))
        return {
            "id": ticket.id,
            "external_id": ticket.key,
            "subject": ticket.subject,
            "status": STATES.get(ticket.state, "open"),
            "trashed_datetime": "2026-11-23T10:00:00" if ticket.state == "deleted" else None,
            "spam": False,
            "customer": {"id": ticket.requester, "name": self.names[ticket.requester]},
            "assignee_user": {"id": ticket.assignee, "name": name, "email": email}
            if name
            else None,
            "messages": [self.message(ticket, comment) for comment in ticket.comments],
        }

    def message(self, ticket, comment):
        return {
            "id": comment.id,
            "ticket_id": ticket.id,
            "channel": "api" if comment.public else "internal-note",
            "from_agent": comment.author != ticket.requester,
            "public": comment.public,
            "sender": {"id": comment.author, "name": AGENTS.get(comment.author, ("Bot", ""))[0]},
            "body_text": comment.text,
            "attachments": [{"name": name, "url": url} for name, url in comment.files],
        }

    def put(self, ticket, given):
        author = given["sender"].get("id", API_USER)
        files = [(each["name"], each["url"]) for each in given.get("attachments", ())]
        public = given["channel"] != "internal-note"
        return self.add(ticket, author, given["body_text"], public=public, files=files)

    def routes(self, app):
        @app.get("/api/tickets")
        async def listed(external_id: str):
            found = [t for t in self.tickets.values() if t.key == external_id]
            live = [{"id": t.id, "external_id": t.key} for t in found if t.state != "deleted"]
            return {"object": "list", "data": live, "meta": {"next_cursor": None}}

        @app.get("/api/customers")
        async def customers(external_id: str):
            found = [k for k in self.people if k == external_id]
            return {"data": [{"id": self.people[k], "external_id": k} for k in found]}

        @app.post("/api/customers", status_code=201)
        async def customer(request: Request):
            given = await request.json()
            return {"id": self.person(given["external_id"], given["name"])}

        @app.get("/api/users")
        async def users(email: str):
            return {"data": [{"id": i, "email": e} for i, (_, e) in AGENTS.items() if e == email]}

        @app.post("/api/upload", status_code=201)
        async def upload(request: Request):
            async with request.form() as form:
                [(name, file)] = form.items()
                self.uploads[name] = await file.read()
            return [{"name": name, "url": f"https://uploads.gorgias.example/{name}", "size": 1}]

        @app.post("/api/tickets", status_code=201)
        async def create(request: Request):
            given = await request.json()
            made = Ticket(
                next(self.ids), given["external_id"], given["customer"]["id"], given["subject"]
            )
            self.tickets[made.id] = made
            for message in given["messages"]:
                self.put(made, message)
            return self.shown(made)

        @app.get("/api/tickets/{number}")
        async def show(number: int):
            ticket = self.tickets.get(number)
            return self.shown(ticket) if ticket else Response("{}", 404)

        @app.put("/api/tickets/{number}")
        async def update(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response("{}", 404)
            given = await request.json()
            ticket.state = given.get("status", ticket.state)
            if "assignee_user" in given:
                ticket.assignee = given["assignee_user"]["id"]
            return self.shown(ticket)

        @app.post("/api/tickets/{number}/messages", status_code=201)
        async def add(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response("{}", 404)
            return self.message(ticket, self.put(ticket, await request.json()))
