"""Talk to Gorgias (I/O in ``_api``), read what it says (pure).

Source: https://developers.gorgias.com/reference (Ticket, TicketMessage, Customer, User, upload).
Modelled after these pages; not yet checked against a live account.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
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
from integrations.helpdesk_http import Api, check_token, json_body, reading, ticket_id
from integrations.helpdesks.gorgias.manifest import MANIFEST
from integrations.messages import RawRequest
from kit.errors import NotFound

SLUG: Final = MANIFEST.slug
STATES: Final = {"open": State.OPEN, "closed": State.CLOSED}
PRIORITIES: Final = {
    Urgency.LOW: "low",
    Urgency.NORMAL: "normal",
    Urgency.HIGH: "high",
    Urgency.URGENT: "critical",
}
NOTE: Final = "internal-note"


class Gorgias:
    """A Gorgias account, by its REST API.

    Args:
        http: The shared client.
        url: ``https://shop.gorgias.com``.
        email: The user the key belongs to.
        api_key: From Settings → REST API.
        webhook_token: What the HTTP integration shows as ``X-Wismo-Token``.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, url: str, email: str, api_key: str, webhook_token: str
    ) -> None:
        self._email = email
        self._token = webhook_token
        self._api = Api(http, SLUG, f"{url.rstrip('/')}/api", auth=(email, api_key))

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """See ``Helpdesk.verify``. Gorgias does not sign: the integration shows a token."""
        check_token(SLUG, request, self._token)

    def parse(self, request: RawRequest) -> list[str]:
        """See ``Helpdesk.parse``: ``{"ticket_id": …}``, as the integration's body is set up."""
        return [ticket_id(SLUG, json_body(SLUG, request).get("ticket_id"))]

    async def open(self, case: Case) -> str:
        """See ``Helpdesk.open``. Found again by the ticket's ``external_id``."""
        found = await self._first("/tickets", external_id=case.key)
        if found is not None:
            return found
        customer = await self._first("/customers", external_id=case.shopper)
        if customer is None:
            made = await self._api.call(
                "POST", "/customers", json={"external_id": case.shopper, "name": case.name}
            )
            with reading(SLUG):
                customer = str(made["id"])
        text = marked(Entry(f"{case.key}.0", True, "Wismo", case.text), limit=MANIFEST.max_text)
        opened = await self._api.call(
            "POST",
            "/tickets",
            json={
                "external_id": case.key,
                "subject": case.subject,
                "channel": "api",
                "via": "api",
                "from_agent": False,
                "status": "open",
                "priority": PRIORITIES[case.urgency],
                "customer": {"id": int(customer)},
                "tags": [{"name": "wismo"}],
                "messages": [self._by_customer(customer, text, f"{case.key}.0")],
            },
        )
        with reading(SLUG):
            return str(opened["id"])

    async def read(self, ticket: str) -> Thread:
        """See ``Helpdesk.read``."""
        try:
            return parse_thread(await self._api.call("GET", f"/tickets/{ticket}"))
        except NotFound:
            return Thread(ticket, State.GONE)

    async def write(self, thread: Thread, change: Change) -> None:
        """See ``Helpdesk.write``."""
        path = f"/tickets/{thread.ticket}"
        match change:
            case Entry():
                text = marked(change, limit=MANIFEST.max_text)
                message = (
                    self._by_customer(thread.requester, text, change.key)
                    if change.by_shopper
                    else self._note(text, change.key)
                )
                message["attachments"] = [await self._upload(file) for file in change.files]
                await self._api.call("POST", f"{path}/messages", json=message)
            case Reopen():
                await self._api.call("PUT", path, json={"status": "open"})
            case Close():
                await self._api.call("PUT", path, json={"status": "closed"})
            case Assign():
                number = await self._first("/users", email=change.email)
                if number is not None:
                    await self._api.call("PUT", path, json={"assignee_user": {"id": int(number)}})

    def _by_customer(self, customer: str, text: str, key: str) -> dict[str, Any]:
        return {
            "external_id": key,
            "channel": "api",
            "via": "api",
            "from_agent": False,
            "public": True,
            "sender": {"id": int(customer)},
            "body_text": text,
        }

    def _note(self, text: str, key: str) -> dict[str, Any]:
        return {
            "external_id": key,
            "channel": NOTE,
            "via": "api",
            "from_agent": True,
            "public": False,
            "sender": {"email": self._email},
            "body_text": text,
        }

    async def _upload(self, file: File) -> Mapping[str, Any]:
        made = await self._api.call(
            "POST",
            "/upload",
            params={"type": "attachment"},
            files={file.name: (file.name, file.content, file.content_type)},
        )
        with reading(SLUG):
            return dict(made[0])

    async def _first(self, path: str, **asked: str) -> str | None:
        """The id of the first row that has exactly what was asked for."""
        found = await self._api.call("GET", path, params={**asked, "limit": "30"})
        with reading(SLUG):
            rows: Sequence[Mapping[str, Any]] = found["data"]
            fit = (row for row in rows if all(row.get(k) == v for k, v in asked.items()))
            return next((str(row["id"]) for row in fit), None)


def parse_thread(shown: Mapping[str, Any]) -> Thread:
    """Read ``GET /api/tickets/{id}``, which holds its messages.

    Raises:
        Rejected: Not that shape.
    """
    with reading(SLUG):
        gone = shown.get("trashed_datetime") or shown.get("spam")
        assignee = shown.get("assignee_user") or {}
        messages = sorted(shown["messages"], key=lambda message: int(message["id"]))
        return Thread(
            ticket=str(shown["id"]),
            state=State.GONE if gone else STATES.get(shown["status"], State.PENDING),
            requester=str(shown["customer"]["id"]),
            assignee=assignee.get("name") or "",
            assignee_email=(assignee.get("email") or "").lower(),
            comments=tuple(_comment(message) for message in messages),
        )


def _comment(message: Mapping[str, Any]) -> Comment:
    text = message.get("body_text") or message.get("stripped_text") or ""
    public = bool(message.get("public", True)) and message.get("channel") != NOTE
    return Comment(
        id=str(message["id"]),
        key=key_of(text),
        to_shopper=bool(message["from_agent"]) and public,
        text=text,
        author=(message.get("sender") or {}).get("name") or "",
        files=tuple(
            FileLink(file["url"], file.get("name") or "")
            for file in message.get("attachments") or ()
        ),
    )
