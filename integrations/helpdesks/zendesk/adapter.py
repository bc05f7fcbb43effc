"""Talk to Zendesk (I/O in ``_api``), read what it says (pure).

Source: https://developer.zendesk.com/api-reference/ticketing/ (Tickets, Ticket Comments, Users,
Attachments) and https://developer.zendesk.com/documentation/webhooks/verifying/. Modelled after
these pages; not yet checked against a live account.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from integrations.helpdesk_contract import (
    Assign,
    Case,
    Change,
    Close,
    Comment,
    Entry,
    File,
    FileLink,
    Reopen,
    State,
    Thread,
    Urgency,
    key_of,
    marked,
)
from integrations.helpdesk_http import (
    Api,
    check_fresh,
    hmac_sha256,
    json_body,
    reading,
    same,
    ticket_id,
)
from integrations.helpdesks.zendesk.manifest import MANIFEST
from integrations.messages import RawRequest
from kit.errors import BadWebhook, NotFound, Rejected, Unavailable

SLUG: Final = MANIFEST.slug
STATES: Final = {
    "new": State.OPEN,
    "open": State.OPEN,
    "pending": State.PENDING,
    "hold": State.PENDING,
    "solved": State.CLOSED,
    "closed": State.GONE,  # for good: Zendesk refuses any change
    "deleted": State.GONE,
}
PRIORITIES: Final = {
    Urgency.LOW: "low",
    Urgency.NORMAL: "normal",
    Urgency.HIGH: "high",
    Urgency.URGENT: "urgent",
}
# The same key with another body, within its two hours.
SENT_BEFORE: Final = "IdempotentRequestError"


class Zendesk:
    """Zendesk Support, by its Ticketing API.

    Args:
        http: The shared client.
        url: ``https://shop.zendesk.com``.
        email: The agent the token acts as.
        api_token: From Admin Center.
        webhook_secret: The webhook's signing secret.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, url: str, email: str, api_token: str, webhook_secret: str
    ) -> None:
        self._secret = webhook_secret
        self._api = Api(http, SLUG, f"{url.rstrip('/')}/api/v2", auth=(f"{email}/token", api_token))

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """See ``Helpdesk.verify``: base 64 of HMAC-SHA256 over the timestamp and the body."""
        stamp = request.headers.get("x-zendesk-webhook-signature-timestamp", "")
        expected = b64encode(hmac_sha256(self._secret, stamp.encode() + request.body)).decode()
        same(SLUG, expected, request.headers.get("x-zendesk-webhook-signature", ""))
        try:
            signed_at = datetime.fromisoformat(stamp)
        except ValueError as error:
            raise BadWebhook(f"{SLUG}: the timestamp is no time") from error
        check_fresh(SLUG, signed_at if signed_at.tzinfo else signed_at.replace(tzinfo=UTC), now)

    def parse(self, request: RawRequest) -> list[str]:
        """See ``Helpdesk.parse``. Takes ticket events and a trigger's ``{"ticket_id": …}``."""
        body = json_body(SLUG, request)
        detail = body.get("detail")
        if isinstance(detail, dict):
            kind = str(body.get("type", ""))
            return [ticket_id(SLUG, detail.get("id"))] if ":ticket." in kind else []
        return [ticket_id(SLUG, body.get("ticket_id"))]

    async def open(self, case: Case) -> str:
        """See ``Helpdesk.open``. Found again by the ticket's ``external_id``."""
        found = await self._api.call("GET", "/tickets.json", params={"external_id": case.key})
        with reading(SLUG):
            tickets = [str(ticket["id"]) for ticket in found["tickets"]]
        if tickets:
            return tickets[0]
        made = await self._api.call(
            "POST",
            "/users/create_or_update.json",
            # Without an e-mail: Zendesk's own notices then do not double the shop's answer.
            json={
                "user": {
                    "external_id": case.shopper,
                    "name": case.name,
                    "skip_verify_email": True,
                }
            },
        )
        with reading(SLUG):
            requester = made["user"]["id"]
        opened = await self._api.call(
            "POST",
            "/tickets.json",
            headers={"Idempotency-Key": case.key},
            read={400},
            json={
                "ticket": {
                    "external_id": case.key,
                    "subject": case.subject,
                    "requester_id": requester,
                    "priority": PRIORITIES[case.urgency],
                    "tags": ["wismo"],
                    # Public, so that an agent's answer is public unless they choose otherwise.
                    "comment": {
                        "body": _opening(case),
                        "public": True,
                        "author_id": requester,
                    },
                }
            },
        )
        with reading(SLUG):
            error = opened.get("error")
            if error == SENT_BEFORE:
                raise Unavailable(SLUG, "the ticket was sent before, and is not listed yet")
            if error:
                raise Rejected(SLUG, "answered 400")
            return str(opened["ticket"]["id"])

    async def read(self, ticket: str) -> Thread:
        """See ``Helpdesk.read``."""
        try:
            shown = await self._api.call(
                "GET", f"/tickets/{ticket}.json", params={"include": "users"}
            )
            pages = [page async for page in self._pages(f"/tickets/{ticket}/comments.json")]
        except NotFound:
            return Thread(ticket, State.GONE)
        return parse_thread(shown, pages)

    async def write(self, thread: Thread, change: Change) -> None:
        """See ``Helpdesk.write``."""
        ticket: dict[str, Any]
        match change:
            case Entry():
                comment: dict[str, Any] = {
                    "body": marked(change, limit=MANIFEST.max_text),
                    "public": change.by_shopper,
                    "uploads": [await self._upload(file) for file in change.files],
                }
                ticket = {"comment": comment}
                if change.by_shopper:
                    comment["author_id"] = int(thread.requester)
            case Reopen():
                ticket = {"status": "open"}
            case Close():
                ticket = {"status": "solved"}
            case Assign():
                ticket = {"assignee_email": change.email}
        await self._api.call("PUT", f"/tickets/{thread.ticket}.json", json={"ticket": ticket})

    async def _upload(self, file: File) -> str:
        """A token for a file; it is deleted there if no comment names it."""
        made = await self._api.call(
            "POST",
            "/uploads.json",
            params={"filename": file.name},
            content=file.content,
            headers={"Content-Type": file.content_type},
        )
        with reading(SLUG):
            return str(made["upload"]["token"])

    async def _pages(self, path: str) -> AsyncIterator[Mapping[str, Any]]:
        after: str | None = None
        while True:
            cursor = {"page[after]": after} if after else {}
            page = await self._api.call(
                "GET", path, params={"include": "users", "page[size]": "100", **cursor}
            )
            yield page
            with reading(SLUG):
                meta = page.get("meta") or {}
                after = meta.get("after_cursor") if meta.get("has_more") else None
            if not after:
                return


def parse_thread(shown: Mapping[str, Any], pages: Sequence[Mapping[str, Any]]) -> Thread:
    """Read a ticket (``{"ticket", "users"}``) and its comments (``[{"comments", "users"}, …]``).

    A status of the account's own is ``pending`` here: neither finished nor waiting for us.

    Raises:
        Rejected: Not that shape.
    """
    with reading(SLUG):
        ticket = shown["ticket"]
        people = {user["id"]: user for page in (shown, *pages) for user in page.get("users") or ()}
        assignee = people.get(ticket.get("assignee_id")) or {}
        return Thread(
            ticket=str(ticket["id"]),
            state=STATES.get(ticket["status"], State.PENDING),
            requester=str(ticket["requester_id"]),
            assignee=assignee.get("name") or "",
            assignee_email=(assignee.get("email") or "").lower(),
            comments=tuple(
                _comment(comment, people.get(comment["author_id"]) or {}, ticket["requester_id"])
                for page in pages
                for comment in page["comments"]
            ),
        )


def _comment(comment: Mapping[str, Any], author: Mapping[str, Any], requester: object) -> Comment:
    text = comment.get("plain_body") or comment.get("body") or ""
    by_agent = comment["author_id"] != requester and author.get("role") != "end-user"
    return Comment(
        id=str(comment["id"]),
        key=key_of(text),
        to_shopper=bool(comment["public"]) and by_agent,
        text=text,
        author=author.get("name") or "",
        files=tuple(
            FileLink(file["content_url"], file.get("file_name") or "")
            for file in comment.get("attachments") or ()
        ),
    )


def _opening(case: Case) -> str:
    return marked(Entry(f"{case.key}.0", True, "Wismo", case.text), limit=MANIFEST.max_text)
