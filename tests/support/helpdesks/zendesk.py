"""Zendesk, after https://developer.zendesk.com/api-reference/ticketing/."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import ClassVar

from fastapi import Request, Response

from tests.support.helpdesks.core import AGENTS, API_USER, Desk, Ticket

STATES = {
    "open": "open",
    "pending": "pending",
    "closed": "solved",
    "final": "closed",
}
OURS = {"open": "open", "solved": "closed", "pending": "pending"}
KEY = base64.b64encode(b"bot@example.com/token:zd-token").decode()


def sign(secret, body, stamp):
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Replay(Desk):
    slug = "zendesk"
    url = "https://shop.zendesk.example"
    settings: ClassVar = {
        "ZENDESK_URL": url,
        "ZENDESK_EMAIL": "bot@example.com",
        "ZENDESK_API_TOKEN": "zd-token",
        "ZENDESK_WEBHOOK_SECRET": "zd-secret",
    }
    signed = True

    def __init__(self):
        super().__init__()
        self.listing = True  # whether a new ticket is in lists yet
        self.keys = {}  # an Idempotency-Key → what came with it, and the ticket it made

    def known(self, request):
        return request.headers.get("authorization") == f"Basic {KEY}"

    def webhook(self, kind, ticket, comment=None):
        types = {"comment": "comment_added", "status": "status_changed"}
        body = json.dumps(
            {
                "account_id": 1,
                "id": "01HW",
                "type": f"zen:event-type:ticket.{types.get(kind, 'agent_assignment_changed')}",
                "zendesk_event_version": "2022-11-06",
                "subject": f"zen:ticket:{ticket.id}",
                "detail": {"id": str(ticket.id), "external_id": ticket.key},
                "event": {"comment": {"id": str(comment.id)}} if comment else {},
            }
        ).encode()
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "x-zendesk-webhook-signature": sign("zd-secret", body, stamp),
            "x-zendesk-webhook-signature-timestamp": stamp,
        }, body

    def users(self, ids):
        known = [{"id": i, "name": n, "email": e, "role": "agent"} for i, (n, e) in AGENTS.items()]
        known.append({"id": API_USER, "name": "Bot", "email": "bot@example.com", "role": "admin"})
        known += [
            {"id": i, "name": n, "email": None, "role": "end-user"} for i, n in self.names.items()
        ]
        return [user for user in known if user["id"] in ids]

    def shown(self, ticket):
        return {
            "id": ticket.id,
            "external_id": ticket.key,
            "subject": ticket.subject,
            "status": STATES[ticket.state],
            "requester_id": ticket.requester,
            "assignee_id": ticket.assignee,
        }

    def comment(self, comment):
        return {
            "id": comment.id,
            "type": "Comment",
            "author_id": comment.author,
            "body": comment.text,
            "plain_body": comment.text,
            "public": comment.public,
            "attachments": [
                {"id": 1, "file_name": name, "content_url": url} for name, url in comment.files
            ],
        }

    def routes(self, app):
        @app.get("/api/v2/tickets.json")
        async def listed(external_id: str):
            found = [t for t in self.tickets.values() if t.key == external_id and self.listing]
            return {"tickets": [self.shown(t) for t in found if t.state != "deleted"], "count": 1}

        @app.post("/api/v2/users/create_or_update.json", status_code=201)
        async def user(request: Request):
            given = (await request.json())["user"]
            assert "email" not in given
            return {"user": {"id": self.person(given["external_id"], given["name"])}}

        @app.post("/api/v2/uploads.json", status_code=201)
        async def upload(request: Request, filename: str):
            token = f"t{len(self.uploads)}"
            self.uploads[token] = (filename, await request.body())
            return {"upload": {"token": token}}

        @app.post("/api/v2/tickets.json", status_code=201)
        async def create(request: Request, response: Response):
            body, given = await request.body(), (await request.json())["ticket"]
            key = request.headers["idempotency-key"]
            assert key == given["external_id"]
            known, number = self.keys.get(key, (body, None))
            if known != body:
                return Response('{"error": "IdempotentRequestError"}', 400)
            response.headers["x-idempotency-lookup"] = "hit" if number else "miss"
            if number:
                return {"ticket": self.shown(self.tickets[number])}
            made = Ticket(
                next(self.ids), given["external_id"], given["requester_id"], given["subject"]
            )
            self.tickets[made.id] = made
            self.keys[key] = body, made.id
            self.put(made, given)
            return {"ticket": self.shown(made)}

        @app.get("/api/v2/tickets/{number}.json")
        async def show(number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response('{"error": "RecordNotFound"}', 404)
            return {
                "ticket": self.shown(ticket),
                "users": self.users({ticket.requester, ticket.assignee}),
            }

        @app.get("/api/v2/tickets/{number}/comments.json")
        async def comments(request: Request, number: int):
            ticket = self.find(number)
            after = int(request.query_params.get("page[after]", "0"))
            page = [c for c in ticket.comments if c.id > after][:2]  # small, so that pages are many
            more = bool(page) and page[-1] is not ticket.comments[-1]
            return {
                "comments": [self.comment(c) for c in page],
                "users": self.users({c.author for c in page}),
                "meta": {"has_more": more, "after_cursor": str(page[-1].id) if more else None},
            }

        @app.put("/api/v2/tickets/{number}.json")
        async def update(request: Request, number: int):
            ticket = self.find(number)
            if ticket is None:
                return Response('{"error": "RecordNotFound"}', 404)
            if ticket.state == "final":
                return Response('{"error": "RecordInvalid"}', 422)
            self.put(ticket, (await request.json())["ticket"])
            return {"ticket": self.shown(ticket)}

    def put(self, ticket, given):
        if "status" in given:
            ticket.state = OURS[given["status"]]
        if "assignee_email" in given:
            found = [i for i, (_, email) in AGENTS.items() if email == given["assignee_email"]]
            ticket.assignee = found[0] if found else ticket.assignee
        if "comment" in given:
            comment = given["comment"]
            files = [(self.uploads[token][0], "") for token in comment.get("uploads", ())]
            author = comment.get("author_id", API_USER)
            self.add(ticket, author, comment["body"], public=comment["public"], files=files)
