"""Freshdesk, after https://developers.freshdesk.com/api/."""

import base64
import html
import json
import re
from typing import ClassVar

from fastapi import Request, Response

from tests.support.helpdesks.core import AGENTS, API_USER, Desk, Ticket

STATES = {"open": 2, "pending": 3, "closed": 4, "final": 5}
OURS = {2: "open", 3: "pending", 4: "closed"}
KEY = base64.b64encode(b"fd-key:X").decode()
BASE = "/api/v2"


def text_of(body):
    return html.unescape(re.sub(r"<br>", "\n", body))


class Replay(Desk):
    slug = "freshdesk"
    url = "https://shop.freshdesk.example"
    settings: ClassVar = {
        "FRESHDESK_URL": url,
        "FRESHDESK_API_KEY": "fd-key",
        "FRESHDESK_WEBHOOK_TOKEN": "fd-webhook",
    }
    signed = False

    def known(self, request):
        return request.headers.get("authorization") == f"Basic {KEY}"

    def webhook(self, kind, ticket, comment=None):
        body = json.dumps({"ticket_id": str(ticket.id)}).encode()
        return {"x-wismo-token": "fd-webhook"}, body

    def shown(self, ticket):
        return {
            "id": ticket.id,
            "subject": ticket.subject,
            "status": STATES.get(ticket.state, 2),
            "priority": 2,
            "requester_id": ticket.requester,
            "responder_id": ticket.assignee,
            "spam": False,
            **({"deleted": True} if ticket.state == "deleted" else {}),
        }

    def said(self, ticket, comment):
        return {
            "id": comment.id,
            "body": f"<div>{html.escape(comment.text)}</div>",
            "body_text": comment.text,
            "incoming": comment.author == ticket.requester,
            "private": not comment.public,
            "user_id": comment.author,
            "source": 2,
            "ticket_id": ticket.id,
            "attachments": [
                {"id": 1, "name": name, "attachment_url": url} for name, url in comment.files
            ],
        }

    def routes(self, app):
        @app.get(f"{BASE}/tickets")
        async def listed(unique_external_id: str, page: int):
            person = self.people.get(unique_external_id)
            found = [t for t in self.tickets.values() if t.requester == person]
            live = [self.shown(t) for t in found if t.state != "deleted"]
            return live[(page - 1) * 100 : page * 100]

        @app.post(f"{BASE}/tickets", status_code=201)
        async def create(request: Request):
            given = await request.json()
            assert "email" not in given
            person = self.person(given["unique_external_id"], given["name"])
            made = Ticket(next(self.ids), given["subject"], person, given["subject"])
            self.tickets[made.id] = made
            # The description: no conversation, and not listed as one.
            self.add(made, person, text_of(given["description"]), public=True)
            return self.shown(made)

        @app.get(f"{BASE}/tickets/{{number}}")
        async def show(number: int):
            ticket = self.tickets.get(number)
            return self.shown(ticket) if ticket else Response("", 404)

        @app.put(f"{BASE}/tickets/{{number}}")
        async def update(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response("", 404)
            given = await request.json()
            if "status" in given:
                ticket.state = OURS[given["status"]]
            ticket.assignee = given.get("responder_id", ticket.assignee)
            return self.shown(ticket)

        @app.get(f"{BASE}/tickets/{{number}}/conversations")
        async def conversations(number: int, page: int, per_page: int):
            ticket = self.tickets[number]
            found = ticket.comments[1:]  # the first is the description
            return [self.said(ticket, c) for c in found[(page - 1) * per_page : page * per_page]]

        @app.post(f"{BASE}/tickets/{{number}}/notes", status_code=201)
        async def note(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response("", 404)
            if "json" in request.headers["content-type"]:
                given, files = await request.json(), []
            else:
                async with request.form() as form:
                    given = dict(form) | {"private": form["private"] == "true"}
                    files = [(each.filename, "") for each in form.getlist("attachments[]")]
            author = int(given.get("user_id", API_USER))
            text = text_of(given["body"])
            comment = self.add(ticket, author, text, public=not given["private"], files=files)
            return self.said(ticket, comment)

        @app.get(f"{BASE}/agents")
        async def agents(email: str):
            return [
                {"id": i, "contact": {"name": n, "email": e}}
                for i, (n, e) in AGENTS.items()
                if e == email
            ]

        @app.get(f"{BASE}/agents/{{number}}")
        async def agent(number: int):
            name, email = AGENTS[number]
            return {"id": number, "contact": {"name": name, "email": email}}
