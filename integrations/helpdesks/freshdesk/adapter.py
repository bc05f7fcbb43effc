"""Talk to Freshdesk (I/O in ``_api``), read what it says (pure).

Source: https://developers.freshdesk.com/api/ (Tickets, Conversations, Agents). Modelled after that
page; not yet checked against a live account.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

import httpx

from integrations.helpdesk_contract import (
    Assign,
    Case,
    Change,
    Close,
    Comment,
    Entry,
    FileLink,
    Reopen,
    State,
    Thread,
    Urgency,
    key_of,
    marked,
)
from integrations.helpdesk_http import Api, check_token, json_body, reading, ticket_id
from integrations.helpdesks.freshdesk.manifest import MANIFEST
from integrations.messages import RawRequest
from kit.errors import NotFound

SLUG: Final = MANIFEST.slug
OPEN, RESOLVED = 2, 4
STATES: Final = {OPEN: State.OPEN, 3: State.PENDING, RESOLVED: State.CLOSED, 5: State.CLOSED}
PRIORITIES: Final = {Urgency.LOW: 1, Urgency.NORMAL: 2, Urgency.HIGH: 3, Urgency.URGENT: 4}
BY_CHAT: Final = 7
PAGE: Final = 100


class Freshdesk:
    """A Freshdesk account, by its API version 2.

    Args:
        http: The shared client.
        url: ``https://shop.freshdesk.com``.
        api_key: An agent's.
        webhook_token: What the automation shows as ``X-Wismo-Token``.
    """

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, url: str, api_key: str, webhook_token: str) -> None:
        self._token = webhook_token
        self._api = Api(http, SLUG, f"{url.rstrip('/')}/api/v2", auth=(api_key, "X"))

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """See ``Helpdesk.verify``. Freshdesk does not sign: the automation shows a token."""
        check_token(SLUG, request, self._token)

    def parse(self, request: RawRequest) -> list[str]:
        """See ``Helpdesk.parse``: ``{"ticket_id": …}``, bare or as Freshdesk's simple content."""
        body = json_body(SLUG, request)
        simple = body.get("freshdesk_webhook")
        named = simple if isinstance(simple, dict) else body
        return [ticket_id(SLUG, named.get("ticket_id"))]

    async def open(self, case: Case) -> str:
        """See ``Helpdesk.open``. Found again by the key in the subject."""
        sign = f"[{case.key}]"
        listed = await self._list("/tickets", unique_external_id=case.shopper)
        with reading(SLUG):
            known = [str(t["id"]) for t in listed if t["subject"].endswith(sign)]
        if known:
            return known[0]
        made = await self._api.call(
            "POST",
            "/tickets",
            json={
                # Makes the contact at first: without an e-mail, so that Freshdesk sends it nothing.
                "unique_external_id": case.shopper,
                "name": case.name,
                "subject": f"{case.subject} {sign}",
                "description": _html(
                    marked(
                        Entry(f"{case.key}.0", True, "Wismo", case.text), limit=MANIFEST.max_text
                    )
                ),
                "status": OPEN,
                "priority": PRIORITIES[case.urgency],
                "source": BY_CHAT,
                "tags": ["wismo"],
            },
        )
        with reading(SLUG):
            return str(made["id"])

    async def read(self, ticket: str) -> Thread:
        """See ``Helpdesk.read``."""
        try:
            shown = await self._api.call("GET", f"/tickets/{ticket}")
            said = await self._list(f"/tickets/{ticket}/conversations")
            with reading(SLUG):
                responder = shown.get("responder_id")
            agent = await self._api.call("GET", f"/agents/{responder}") if responder else None
        except NotFound:
            return Thread(ticket, State.GONE)
        return parse_thread(shown, said, agent)

    async def write(self, thread: Thread, change: Change) -> None:
        """See ``Helpdesk.write``."""
        path = f"/tickets/{thread.ticket}"
        match change:
            case Entry():
                await self._note(path, thread, change)
            case Reopen():
                await self._api.call("PUT", path, json={"status": OPEN})
            case Close():
                await self._api.call("PUT", path, json={"status": RESOLVED})
            case Assign():
                found = await self._api.call("GET", "/agents", params={"email": change.email})
                with reading(SLUG):
                    number = found[0]["id"] if found else None
                if number is not None:
                    await self._api.call("PUT", path, json={"responder_id": number})

    async def _note(self, path: str, thread: Thread, entry: Entry) -> None:
        note: dict[str, Any] = {
            "body": _html(marked(entry, limit=MANIFEST.max_text)),
            "private": not entry.by_shopper,
            "incoming": entry.by_shopper,
        }
        if entry.by_shopper:
            note["user_id"] = int(thread.requester)
        if not entry.files:
            await self._api.call("POST", f"{path}/notes", json=note)
            return
        files = [
            ("attachments[]", (file.name, file.content, file.content_type)) for file in entry.files
        ]
        form = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in note.items()
        }
        await self._api.call("POST", f"{path}/notes", data=form, files=files)

    async def _list(self, path: str, **asked: str) -> Sequence[Mapping[str, Any]]:
        """All pages of a list; an unknown contact has none."""
        found: list[Mapping[str, Any]] = []
        page = 1
        while True:
            params = {**asked, "per_page": str(PAGE), "page": str(page)}
            part = await self._api.call("GET", path, params=params)
            with reading(SLUG):
                found += [dict(each) for each in part]
            if len(part) < PAGE:
                return found
            page += 1


def parse_thread(
    shown: Mapping[str, Any],
    said: Sequence[Mapping[str, Any]],
    agent: Mapping[str, Any] | None = None,
) -> Thread:
    """Read a ticket, its conversations (oldest first) and the agent who has it.

    A status of the account's own is ``pending`` here: neither finished nor waiting for us.

    Raises:
        Rejected: Not that shape.
    """
    with reading(SLUG):
        person = (agent or {}).get("contact") or {}
        gone = shown.get("deleted") or shown.get("spam")
        return Thread(
            ticket=str(shown["id"]),
            state=State.GONE if gone else STATES.get(shown["status"], State.PENDING),
            requester=str(shown["requester_id"]),
            assignee=person.get("name") or "",
            assignee_email=(person.get("email") or "").lower(),
            comments=tuple(_comment(each) for each in said),
        )


def _comment(said: Mapping[str, Any]) -> Comment:
    text = said.get("body_text") or ""
    return Comment(
        id=str(said["id"]),
        key=key_of(text),
        to_shopper=not said["private"] and not said["incoming"],
        text=text,
        author="",
        files=tuple(
            FileLink(file["attachment_url"], file.get("name") or "")
            for file in said.get("attachments") or ()
        ),
    )


def _html(text: str) -> str:
    """Plain text as Freshdesk takes it: what a shopper typed stays text."""
    return escape(text).replace("\n", "<br>")
