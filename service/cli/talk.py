"""A shopper at the command line: speaks to a running service by its public HTTP API alone."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from kit.errors import Refused, Unavailable

ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the shopper; ``id`` grows, ``author`` is ``bot``, ``agent`` or ``system``."""

    id: int
    author: str
    text: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class State:
    """Who answers (``bot`` or ``agent``), and whether an answer is on its way."""

    handler: str
    pending: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to one message, oldest reply first."""

    conversation: str
    replies: tuple[Reply, ...]
    handler: str

    def as_json(self) -> dict[str, Any]:
        """As ``wismo say --json`` prints it."""
        return {
            "conversation": self.conversation,
            "replies": [
                {
                    "text": reply.text,
                    "buttons": [{"title": b.title, "payload": b.payload} for b in reply.buttons],
                }
                for reply in self.replies
            ],
            "handler": self.handler,
        }


class Sessions:
    """Tokens of conversations, kept between commands in a file that only its owner can read.

    Args:
        name: Whose: one conversation for each service and each ``--from``.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name

    def get(self) -> str | None:
        """The token, if there is one."""
        return self._read().get(self._name)

    def set(self, token: str | None) -> None:
        """Keep a token, or forget it."""
        tokens = self._read()
        if tokens.get(self._name) == token:
            return
        tokens.pop(self._name, None)
        if token is not None:
            tokens[self._name] = token
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(tokens, file)
        part.replace(self._path)

    def _read(self) -> dict[str, str]:
        with suppress(FileNotFoundError, ValueError):  # a damaged file only starts anew
            found = json.loads(self._path.read_text())
            if isinstance(found, dict):
                return found
        return {}


class Talk:
    """One shopper's side of a conversation.

    Args:
        http: With the service's address as its base, and no cookies wanted.
    """

    def __init__(self, http: httpx.AsyncClient, sessions: Sessions) -> None:
        self._http = http
        self._sessions = sessions

    async def send(self, text: str, *, display: str | None = None) -> tuple[int, str]:
        """Send one message; gives its id and the conversation's.

        Raises:
            Refused: The service does not take it (empty, too long).
            Unavailable: The service is not there.
        """
        body = {"id": uuid4().hex, "text": text}
        if display is not None:
            body["display"] = display
        answer = await self._post(body)
        if answer.status_code in {401, 403} and self._sessions.get() is not None:
            self._sessions.set(None)  # another installation's, or too old: begin anew
            answer = await self._post(body)
        if answer.status_code != 202:
            raise Refused(_complaint(answer))
        stored = answer.json()
        self._sessions.set(stored["session"])
        return stored["id"], stored["conversation"]

    async def ask(self, text: str) -> Answer:
        """Send one message and wait for what the bot has to say to it.

        Raises:
            Refused: As ``send``.
            Unavailable: The service is not there, or there was no answer in 30 seconds.
        """
        sent, conversation = await self.send(text)
        replies: list[Reply] = []
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                aclosing(self.events(after=sent)) as events,
            ):
                async for event in events:
                    if isinstance(event, Reply):
                        replies.append(event)
                    elif not event.pending:
                        return Answer(conversation, tuple(replies), event.handler)
        except TimeoutError:
            raise Unavailable("service", f"no answer in {ANSWER_SECONDS} seconds") from None
        raise Unavailable("service", "stopped before it answered")

    async def last_said(self) -> int:
        """The newest message's id; 0 where nothing was said yet, or the session is not valid."""
        try:
            answer = await self._http.get("/chat/messages", headers=self._headers())
        except httpx.TransportError as error:
            raise _away(self._http) from error
        messages = answer.json()["messages"] if answer.is_success else []
        return max((message["id"] for message in messages), default=0)

    async def events(self, *, after: int) -> AsyncGenerator[Reply | State, None]:
        """What happens after message ``after``, as it happens, until the service ends the stream.

        Raises:
            Unavailable: The service is not there, or the connection broke.
        """
        try:
            async with self._http.stream(
                "GET", "/chat/events", params={"after": after}, headers=self._headers()
            ) as stream:
                if stream.status_code != 200:
                    raise Unavailable("service", f"answered {stream.status_code}")
                event, data = "", ""
                async for line in stream.aiter_lines():
                    field, _, value = line.partition(": ")
                    if field == "event":
                        event = value
                    elif field == "data":
                        data = value
                    elif not line and data:
                        found = _read(event, json.loads(data))
                        event, data = "", ""
                        if found is not None:
                            yield found
        except httpx.TransportError as error:
            raise _away(self._http) from error

    async def _post(self, body: dict[str, str]) -> httpx.Response:
        try:
            return await self._http.post("/chat/messages", json=body, headers=self._headers())
        except httpx.TransportError as error:
            raise _away(self._http) from error

    def _headers(self) -> dict[str, str]:
        token = self._sessions.get()
        return {} if token is None else {"X-Wismo-Session": token}


def client(url: str) -> httpx.AsyncClient:
    """An HTTP client for the service at ``url``; no proxy stands between one machine's programs."""
    try:
        return httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(10, read=ANSWER_SECONDS), trust_env=False
        )
    except httpx.InvalidURL as error:
        raise Refused(f"WISMO_URL is not an address: {url}") from error


def _read(event: str, data: dict[str, Any]) -> Reply | State | None:
    """One event, or ``None`` for what the shopper said."""
    if event == "state":
        return State(data["handler"], data["pending"])
    if event != "message" or data["author"] == "shopper":
        return None
    return Reply(data["id"], data["author"], data["text"], _buttons(data["buttons"]))


def _buttons(found: Iterable[dict[str, str]]) -> tuple[Button, ...]:
    return tuple(Button(button["title"], button["payload"]) for button in found)


def _complaint(answer: httpx.Response) -> str:
    """What the service did not like."""
    with suppress(ValueError, KeyError, TypeError):
        return f"the service refused it: {answer.json()['error']['message']}"
    return f"the service answered {answer.status_code}: is that Wismo at {answer.url}?"


def _away(http: httpx.AsyncClient) -> Unavailable:
    return Unavailable(
        str(http.base_url), "no Wismo there: start it with ./wismo up, or set WISMO_URL"
    )
