"""Tickets as files of JSON lines: ours are appended, and so are a person's."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from integrations.helpdesk_contract import (
    Assign,
    Case,
    Change,
    Close,
    Comment,
    Entry,
    Reopen,
    State,
    Thread,
    key_of,
    marked,
)
from integrations.helpdesk_http import check_token, json_body, reading, ticket_id
from integrations.helpdesks.console.manifest import MANIFEST
from integrations.messages import RawRequest
from kit.errors import BadWebhook, NotFound

SLUG: Final = MANIFEST.slug


class Console:
    """A folder of tickets.

    Args:
        http: Not used; every help desk is constructed alike.
        folder: Made if it is not there.
        token: What a webhook must show; empty: none is taken.
    """

    manifest = MANIFEST

    def __init__(self, http: httpx.AsyncClient, folder: str, token: str = "") -> None:
        self._folder = Path(folder)
        self._token = token

    def verify(self, request: RawRequest, *, now: datetime) -> None:
        """See ``Helpdesk.verify``."""
        if not self._token:
            raise BadWebhook(f"{SLUG}: HELPDESK_CONSOLE_TOKEN is not set")
        check_token(SLUG, request, self._token)

    def parse(self, request: RawRequest) -> list[str]:
        """See ``Helpdesk.parse``: ``{"ticket_id": …}``."""
        return [ticket_id(SLUG, json_body(SLUG, request).get("ticket_id"))]

    async def open(self, case: Case) -> str:
        """See ``Helpdesk.open``. The file's name is the key as a number."""
        ticket = str(int(case.key, 16))
        text = marked(Entry(f"{case.key}.0", True, "Wismo", case.text), limit=MANIFEST.max_text)
        await asyncio.to_thread(self._make, ticket, {"subject": case.subject, "wismo": text})
        return ticket

    async def read(self, ticket: str) -> Thread:
        """See ``Helpdesk.read``."""
        try:
            lines = await asyncio.to_thread(self._path(ticket).read_text)
        except FileNotFoundError:
            return Thread(ticket, State.GONE)
        return parse_thread(ticket, lines.splitlines())

    async def write(self, thread: Thread, change: Change) -> None:
        """See ``Helpdesk.write``. Files are named, not kept."""
        match change:
            case Entry():
                names = [file.name for file in change.files]
                text = marked(change, limit=MANIFEST.max_text)
                lines = [{"wismo": text, **({"files": names} if names else {})}]
            case Reopen():
                lines = [{"status": State.OPEN}]
            case Close():
                lines = [{"status": State.CLOSED}]
            case Assign():
                lines = [{"assignee": change.email}]
        await asyncio.to_thread(self._append, thread.ticket, lines)

    def _path(self, ticket: str) -> Path:
        return self._folder / f"{ticket}.jsonl"

    def _make(self, ticket: str, line: Mapping[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self._path(ticket).exists():
            self._path(ticket).write_text(_line(line))

    def _append(self, ticket: str, lines: Iterable[Mapping[str, Any]]) -> None:
        if not self._path(ticket).exists():
            raise NotFound(f"{SLUG}: the ticket's file is gone")
        with self._path(ticket).open("a") as file:
            file.write("".join(map(_line, lines)))


def parse_thread(ticket: str, lines: Iterable[str]) -> Thread:
    """Read a ticket's lines: ``wismo`` is ours, ``reply`` and ``note`` a person's.

    The last ``status`` and ``assignee`` hold. A comment's id is its line's number.

    Raises:
        Rejected: A line is not a JSON object.
    """
    with reading(SLUG):
        rows = [dict(json.loads(line)) for line in lines if line.strip()]
    state, assignee = State.OPEN, ""
    comments = []
    for number, row in enumerate(rows, start=1):
        with reading(SLUG):
            state = State(row.get("status", state))
        assignee = str(row.get("assignee", assignee))
        text = next((str(row[kind]) for kind in ("wismo", "reply", "note") if kind in row), None)
        if text is not None:
            key = key_of(text) if "wismo" in row else None
            comments.append(Comment(str(number), key, "reply" in row, text, assignee))
    return Thread(
        ticket,
        state,
        assignee=assignee,
        assignee_email=assignee.lower() if "@" in assignee else "",
        comments=tuple(comments),
    )


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
