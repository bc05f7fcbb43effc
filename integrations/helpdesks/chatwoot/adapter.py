"""Talk to Chatwoot (I/O in ``_api``), read what it says (pure).

Source: Chatwoot's OpenAPI, https://developers.chatwoot.com/api-reference/introduction, and the
webhook's ``secret`` there for the signature. Modelled after it; not yet checked against a live
installation.
"""

from collections.abc import Mapping, Sequence
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
from integrations.helpdesks.chatwoot.manifest import MANIFEST
from integrations.messages import RawRequest
from kit.errors import BadWebhook, NotFound

SLUG: Final = MANIFEST.slug
STATES: Final = {
    "open": State.OPEN,
    "pending": State.PENDING,
    "snoozed": State.PENDING,
    "resolved": State.CLOSED,
}
PRIORITIES: Final = {
    Urgency.LOW: "low",
    Urgency.NORMAL: "medium",
    Urgency.HIGH: "high",
    Urgency.URGENT: "urgent",
}
# Written as words in the API's description, as numbers in its answers.
INCOMING: Final = {"incoming", 0}
OUTGOING: Final = {"outgoing", 1}
# Chatwoot gives the newest 20 before an id; more pages than this are an endless loop.
MOST_PAGES: Final = 250


class Chatwoot:
    """A Chatwoot account, by its application API and an inbox of kind API.

    Args:
        http: The shared client.
        url: Where it runs.
        account_id: The account.
        inbox_id: The inbox the tickets go to.
        api_token: An agent's.
        webhook_secret: What the webhook signs with.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        account_id: str,
        inbox_id: str,
        api_token: str,
        webhook_secret: str,
    ) -> None:
        self._inbox = inbox_id
        self._secret = webhook_secret
        self._api = Api(
            http,
            SLUG,
            f"{url.rstrip('/')}/api/v1/accounts/{account_id}",
            headers={"api_access_token": api_token},
        )

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """See ``Helpdesk.verify``: ``sha256=`` and HMAC-SHA256 over ``<timestamp>.<body>``."""
        stamp = request.headers.get("x-chatwoot-timestamp", "")
        digest = hmac_sha256(self._secret, f"{stamp}.".encode() + request.body)
        same(SLUG, f"sha256={digest.hex()}", request.headers.get("x-chatwoot-signature", ""))
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 11):
            raise BadWebhook(f"{SLUG}: the timestamp is no time")
        check_fresh(SLUG, datetime.fromtimestamp(int(stamp), UTC), now)

    def parse(self, request: RawRequest) -> list[str]:
        """See ``Helpdesk.parse``: messages and conversations; contacts and typing bring nothing."""
        body = json_body(SLUG, request)
        event = str(body.get("event", ""))
        conversation = body.get("conversation")
        if event.startswith("message_") and isinstance(conversation, dict):
            # Agents' and the API's number for it; older versions call it ``display_id``.
            number = conversation.get("display_id", conversation.get("id"))
            return [ticket_id(SLUG, number)]
        if event.startswith("conversation_") and "typing" not in event:
            return [ticket_id(SLUG, body.get("id"))]
        return []

    async def open(self, case: Case) -> str:
        """See ``Helpdesk.open``. Found again by the conversation's custom attribute ``wismo``."""
        contact, source = await self._contact(case)
        listed = await self._api.call("GET", f"/contacts/{contact}/conversations")
        with reading(SLUG):
            known = [
                str(each["id"])
                for each in _payload(listed)
                if (each.get("custom_attributes") or {}).get("wismo") == case.key
            ]
        ticket = known[0] if known else await self._conversation(case, contact, source)
        opening = f"{case.key}.0"
        if not any(comment.key == opening for comment in await self._comments(ticket)):
            await self._api.call(
                "POST",
                f"/conversations/{ticket}/toggle_priority",
                json={"priority": PRIORITIES[case.urgency]},
            )
            # A note, as the account's token would say it to the shopper otherwise.
            note = Entry(opening, False, "Wismo", case.text)
            await self.write(Thread(ticket, State.OPEN), note)
        return ticket

    async def read(self, ticket: str) -> Thread:
        """See ``Helpdesk.read``."""
        try:
            shown = await self._api.call("GET", f"/conversations/{ticket}")
            comments = await self._comments(ticket)
        except NotFound:
            return Thread(ticket, State.GONE)
        return parse_thread(shown, comments)

    async def write(self, thread: Thread, change: Change) -> None:
        """See ``Helpdesk.write``."""
        path = f"/conversations/{thread.ticket}"
        match change:
            case Entry():
                form = {
                    "content": marked(change, limit=MANIFEST.max_text),
                    "message_type": "incoming" if change.by_shopper else "outgoing",
                    "private": not change.by_shopper,
                }
                if change.files:
                    files = [
                        ("attachments[]", (file.name, file.content, file.content_type))
                        for file in change.files
                    ]
                    data = {**form, "private": str(form["private"]).lower()}
                    await self._api.call("POST", f"{path}/messages", data=data, files=files)
                else:
                    await self._api.call("POST", f"{path}/messages", json=form)
            case Reopen():
                await self._api.call("POST", f"{path}/toggle_status", json={"status": "open"})
            case Close():
                await self._api.call("POST", f"{path}/toggle_status", json={"status": "resolved"})
            case Assign():
                agents = await self._api.call("GET", "/agents")
                with reading(SLUG):
                    number = _agent_id(agents, change.email)
                if number is not None:
                    await self._api.call(
                        "POST", f"{path}/assignments", json={"assignee_id": number}
                    )

    async def _contact(self, case: Case) -> tuple[str, str]:
        """The shopper's contact and its source id in our inbox."""
        found = await self._api.call("GET", "/contacts/search", params={"q": case.shopper})
        with reading(SLUG):
            ours = (each for each in _payload(found) if each.get("identifier") == case.shopper)
            contact = next(ours, None)
        if contact is None:
            made = await self._api.call(
                "POST",
                "/contacts",
                json={
                    "inbox_id": int(self._inbox),
                    "name": case.name,
                    "identifier": case.shopper,
                },
            )
            with reading(SLUG):
                contact = made["payload"]["contact"]
        with reading(SLUG):
            return str(contact["id"]), self._source(contact)

    def _source(self, contact: Mapping[str, Any]) -> str:
        places: Sequence[Mapping[str, Any]] = contact["contact_inboxes"]
        ours = (place for place in places if str(place["inbox"]["id"]) == self._inbox)
        return str(next(ours, places[0])["source_id"])

    async def _conversation(self, case: Case, contact: str, source: str) -> str:
        made = await self._api.call(
            "POST",
            "/conversations",
            json={
                "source_id": source,
                "inbox_id": self._inbox,
                "contact_id": contact,
                "status": "open",
                "custom_attributes": {"wismo": case.key, "subject": case.subject},
            },
        )
        with reading(SLUG):
            return str(made["id"])

    async def _comments(self, ticket: str) -> tuple[Comment, ...]:
        found: dict[int, Mapping[str, Any]] = {}
        for _ in range(MOST_PAGES):
            before = {"before": str(min(found))} if found else {}
            page = await self._api.call("GET", f"/conversations/{ticket}/messages", params=before)
            with reading(SLUG):
                new = {int(each["id"]): each for each in _payload(page)}
            if new.keys() <= found.keys():
                break
            found |= new
        with reading(SLUG):
            return tuple(_comment(found[number]) for number in sorted(found))


def parse_thread(shown: Mapping[str, Any], comments: Sequence[Comment]) -> Thread:
    """Read ``GET /conversations/{id}``: ``{"id", "status", "meta": {"sender", "assignee"}}``.

    Raises:
        Rejected: Not that shape.
    """
    with reading(SLUG):
        assignee = shown["meta"].get("assignee") or {}
        return Thread(
            ticket=str(shown["id"]),
            state=STATES.get(shown["status"], State.PENDING),
            assignee=assignee.get("name") or "",
            assignee_email=(assignee.get("email") or "").lower(),
            comments=tuple(comments),
        )


def _comment(message: Mapping[str, Any]) -> Comment:
    text = message.get("content") or ""
    sender = message.get("sender") or {}
    return Comment(
        id=str(message["id"]),
        key=key_of(text),
        to_shopper=message["message_type"] in OUTGOING and not message.get("private"),
        text=text,
        author=sender.get("name") or "",
        files=tuple(FileLink(file["data_url"], "") for file in message.get("attachments") or ()),
    )


def _agent_id(agents: Sequence[Mapping[str, Any]], email: str) -> int | None:
    ours = (int(each["id"]) for each in agents if each["email"].lower() == email.lower())
    return next(ours, None)


def _payload(answer: Any) -> Sequence[Mapping[str, Any]]:
    """A list, which Chatwoot gives bare or as ``payload``."""
    found: Sequence[Mapping[str, Any]] = answer["payload"] if isinstance(answer, dict) else answer
    return found
