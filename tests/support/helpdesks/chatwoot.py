"""Chatwoot, after its OpenAPI: https://developers.chatwoot.com/api-reference/introduction."""

import hashlib
import hmac
import json
import time
from typing import ClassVar

from fastapi import Request, Response

from tests.support.helpdesks.core import AGENTS, API_USER, Desk, Ticket

STATES = {"open": "open", "pending": "snoozed", "closed": "resolved"}
OURS = {"open": "open", "resolved": "closed", "pending": "pending"}
BASE = "/api/v1/accounts/3"


def sign(secret, body, stamp):
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


class Replay(Desk):
    slug = "chatwoot"
    url = "https://chat.shop.example"
    settings: ClassVar = {
        "CHATWOOT_URL": url,
        "CHATWOOT_ACCOUNT_ID": "3",
        "CHATWOOT_INBOX_ID": "8",
        "CHATWOOT_API_TOKEN": "cw-token",
        "CHATWOOT_WEBHOOK_SECRET": "cw-secret",
    }
    signed = True

    def known(self, request):
        return request.headers.get("api_access_token") == "cw-token"

    def webhook(self, kind, ticket, comment=None):
        if comment is not None:
            content = {
                "event": "message_created",
                "id": comment.id,
                "content": comment.text,
                "message_type": "outgoing",
                "private": not comment.public,
                "conversation": {"id": ticket.id, "status": STATES.get(ticket.state, "open")},
            }
        else:
            event = "status_changed" if kind == "status" else "updated"
            content = {"event": f"conversation_{event}", "id": ticket.id}
        body = json.dumps(content).encode()
        stamp = str(int(time.time()))
        return {
            "x-chatwoot-timestamp": stamp,
            "x-chatwoot-signature": sign("cw-secret", body, stamp),
        }, body

    def contact(self, ours, number):
        return {
            "id": number,
            "name": self.names[number],
            "identifier": ours,
            "contact_inboxes": [{"source_id": f"s{number}", "inbox": {"id": 8}}],
        }

    def shown(self, ticket):
        name, email = AGENTS.get(ticket.assignee, (None, None))
        return {
            "id": ticket.id,
            "inbox_id": 8,
            "status": STATES[ticket.state],
            "custom_attributes": {"wismo": ticket.key},
            "meta": {
                "sender": {"id": ticket.requester},
                "assignee": {"id": ticket.assignee, "name": name, "email": email} if name else None,
            },
        }

    def message(self, ticket, comment):
        incoming = comment.author == ticket.requester
        return {
            "id": comment.id,
            "content": comment.text,
            "message_type": 0 if incoming else 1,
            "private": not comment.public,
            "conversation_id": ticket.id,
            "sender": {"name": AGENTS.get(comment.author, ("Bot", ""))[0], "type": "user"},
            "attachments": [{"id": 1, "data_url": url} for _, url in comment.files],
        }

    def routes(self, app):
        @app.get(f"{BASE}/contacts/search")
        async def search(q: str):
            found = [self.contact(k, n) for k, n in self.people.items() if q in k]
            return {"meta": {"count": len(found)}, "payload": found}

        @app.post(f"{BASE}/contacts")
        async def contact(request: Request):
            given = await request.json()
            assert given["inbox_id"] == 8
            number = self.person(given["identifier"], given["name"])
            return {"payload": {"contact": self.contact(given["identifier"], number)}}

        @app.get(f"{BASE}/contacts/{{number}}/conversations")
        async def conversations(number: int):
            found = [t for t in self.tickets.values() if t.requester == number]
            return {"payload": [self.shown(t) for t in found if t.state != "deleted"]}

        @app.post(f"{BASE}/conversations")
        async def create(request: Request):
            given = await request.json()
            assert given["source_id"] == f"s{given['contact_id']}"
            attributes = given["custom_attributes"]
            made = Ticket(
                next(self.ids),
                attributes["wismo"],
                int(given["contact_id"]),
                attributes["subject"],
            )
            self.tickets[made.id] = made
            return {"id": made.id, "account_id": 3, "inbox_id": 8}

        @app.get(f"{BASE}/conversations/{{number}}")
        async def show(number: int):
            ticket = self.find(number)
            return self.shown(ticket) if ticket else Response("{}", 404)

        @app.get(f"{BASE}/conversations/{{number}}/messages")
        async def messages(number: int, before: int | None = None):
            ticket = self.find(number)
            found = [c for c in ticket.comments if before is None or c.id < before][-2:]
            return {"meta": {}, "payload": [self.message(ticket, c) for c in found]}

        @app.post(f"{BASE}/conversations/{{number}}/messages")
        async def add(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response("{}", 404)
            if "json" in request.headers["content-type"]:
                given, files = await request.json(), []
            else:
                async with request.form() as form:
                    given = dict(form) | {"private": form["private"] == "true"}
                    files = [(each.filename, "") for each in form.getlist("attachments[]")]
            incoming = given["message_type"] == "incoming"
            author = ticket.requester if incoming else API_USER
            if incoming:
                ticket.state = "open"  # as Chatwoot does by itself
            comment = self.add(
                ticket, author, given["content"], public=not given["private"], files=files
            )
            return self.message(ticket, comment)

        @app.post(f"{BASE}/conversations/{{number}}/toggle_status")
        async def status(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response("{}", 404)
            ticket.state = OURS[(await request.json())["status"]]
            return {"payload": {"success": True, "conversation_id": number}}

        @app.post(f"{BASE}/conversations/{{number}}/toggle_priority")
        async def priority(number: int):
            return Response(status_code=200)

        @app.get(f"{BASE}/agents")
        async def agents():
            return [{"id": i, "name": n, "email": e} for i, (n, e) in AGENTS.items()]

        @app.post(f"{BASE}/conversations/{{number}}/assignments")
        async def assignments(request: Request, number: int):
            self.find(number).assignee = (await request.json())["assignee_id"]
            return {}
