"""Twilio's, Meta's and Telegram's APIs on loopback: they remember what they were asked for.

Each request is held to ``requests.py`` as it comes in: what the real provider would refuse is
refused here with 400, and kept in ``problems``.
"""

import asyncio
import json
import re
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from tests.support.providers.requests import (
    problems_of_meta,
    problems_of_telegram,
    problems_of_twilio,
)
from tests.support.serving import free_socket

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73000000164944415478"
    "da63948ff1626060606260606060600000093b00c94e6d60510000000049454e44ae426082"
)
WAIT_SECONDS = 20


@dataclass(frozen=True)
class Sent:
    """A message a provider took: to whom, what the shopper sees, and its id there.

    ``buttons`` has ``(title, payload)`` of quick replies, rows or numbered options; ``asks_phone``
    is the title of a button that shares the shopper's number.
    """

    provider: str
    to: str
    text: str
    id: str
    buttons: tuple = ()
    image: str | None = None
    asks_phone: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


@dataclass(frozen=True)
class Asked:
    """A request as it came: Telegram's ``what`` is the method, else the path."""

    provider: str
    what: str
    content: dict
    headers: dict


@dataclass
class Providers:
    """The APIs. ``url`` is where all three are; ``answers`` are given before the usual ones.

    Attributes:
        answers: ``(status, json, headers)``, each used once, by whichever provider is asked next.
        updates: What Telegram's ``getUpdates`` gives, once each offset asks for it.
        files: Path or id → bytes of a file a shopper sent.
    """

    url: str = ""
    sent: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    answers: deque = field(default_factory=deque)
    updates: list = field(default_factory=list)
    files: dict = field(default_factory=lambda: {"picture": PNG})
    changed: threading.Condition = field(default_factory=threading.Condition)

    def to(self, address):
        """The messages to one shopper, oldest first."""
        return [message for message in self.sent if message.to == address]

    def wait(self, address, condition, seconds=WAIT_SECONDS):
        """Wait until the messages to one shopper satisfy ``condition``; gives them."""
        with self.changed:
            if not self.changed.wait_for(lambda: condition(self.to(address)), seconds):
                said = [message.text for message in self.to(address)]
                raise AssertionError(f"{address} was told only {said}; problems: {self.problems}")
            return self.to(address)

    def app(self):
        app = FastAPI()

        @app.post("/2010-04-01/Accounts/{account}/Messages.json")
        async def twilio(account: str, request: Request):
            form = dict(parse_qsl((await request.body()).decode()))
            if answer := self._noted("twilio", "Messages", form, request, problems_of_twilio(form)):
                return answer
            sid = f"SM{uuid4().hex}"
            self._took(
                Sent("twilio", form["To"], form.get("Body", ""), sid, image=form.get("MediaUrl"))
            )
            return JSONResponse({"sid": sid, "status": "queued", "account_sid": account}, 201)

        @app.get("/2010-04-01/Accounts/{account}/Messages.json")
        async def twilio_list(account: str, request: Request):
            assert request.headers.get("authorization", "").startswith("Basic ")
            rows = [
                {
                    "sid": sent.id,
                    "to": sent.to,
                    "body": sent.text,
                    "direction": "outbound-api",
                    "date_created": format_datetime(sent.at),
                }
                for sent in reversed(self.to(request.query_params["To"]))
            ]
            return {"messages": rows[: int(request.query_params["PageSize"])], "page": 0}

        @app.get("/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{name}")
        async def twilio_media(account: str, sid: str, name: str, request: Request):
            assert request.headers.get("authorization", "").startswith("Basic ")
            return RedirectResponse(f"/stored/{name}", 307)

        @app.get("/stored/{name}")
        async def stored(name: str):
            return self._file(name)

        @app.post("/v25.0/{number}/messages")
        async def meta(number: str, request: Request):
            body = await request.json()
            if answer := self._noted("meta", "messages", body, request, problems_of_meta(body)):
                return answer
            if body.get("status") == "read":
                return {"success": True}
            to = f"+{body['to']}" if "to" in body else body["recipient"]
            sent = Sent("meta", to, *_meta_shows(body))
            self._took(sent)
            return {
                "messaging_product": "whatsapp",
                "contacts": [{"input": to, "wa_id": body.get("to")}],
                "messages": [{"id": sent.id}],
            }

        @app.get("/v25.0/{media}")
        async def meta_media(media: str, request: Request):
            assert request.headers.get("authorization", "").startswith("Bearer ")
            if media not in self.files:
                return JSONResponse({"error": {"code": 100, "message": "does not exist"}}, 400)
            size = len(self.files[media])
            return {"url": f"{self.url}/lookaside/{media}", "file_size": size, "id": media}

        @app.get("/lookaside/{name}")
        async def lookaside(name: str, request: Request):
            assert request.headers.get("authorization", "").startswith("Bearer ")
            return self._file(name)

        @app.post("/bot{token}/{method}")
        async def telegram(token: str, method: str, request: Request):
            form = dict(parse_qsl((await request.body()).decode()))
            wrong = problems_of_telegram(method, form)
            if answer := self._noted("telegram", method, form, request, wrong):
                return answer
            if method == "getUpdates":
                return {"ok": True, "result": await self._news(int(form.get("offset", 0)))}
            return {"ok": True, "result": self._telegram(method, form)}

        @app.get("/file/bot{token}/{name}")
        async def telegram_file(token: str, name: str):
            return self._file(name)

        return app

    def _noted(self, provider, what, content, request, problems):
        """Remember a request; gives the answer that was planned, or a refusal, or nothing."""
        problems = list(problems)
        with self.changed:
            self.asked.append(Asked(provider, what, content, dict(request.headers)))
            self.problems += [f"{provider} {what}: {problem}" for problem in problems]
            self.changed.notify_all()
        if self.answers:
            status, body, headers = self.answers.popleft()
            if isinstance(body, bytes):
                return Response(body, status, headers)
            return JSONResponse(body, status, headers)
        return (
            JSONResponse({"code": 21211, "description": "; ".join(problems)}, 400)
            if problems
            else None
        )

    def _took(self, sent):
        with self.changed:
            self.sent.append(sent)
            self.changed.notify_all()

    def _file(self, name):
        content = self.files.get(name)
        return Response(content) if content is not None else Response(status_code=404)

    def _telegram(self, method, form):
        if method in {"sendMessage", "sendPhoto"}:
            markup = json.loads(form.get("reply_markup", "{}"))
            inline = [b for row in markup.get("inline_keyboard", ()) for b in row]
            buttons = tuple((b["text"], b.get("callback_data")) for b in inline)
            keyboard = [b for row in markup.get("keyboard", ()) for b in row]
            sent = Sent(
                "telegram",
                form["chat_id"],
                form.get("text") or form.get("caption", ""),
                str(len(self.sent) + 1000),
                buttons,
                form.get("photo"),
                next((b["text"] for b in keyboard if b.get("request_contact")), None),
            )
            self._took(sent)
            chat = {"id": int(sent.to), "type": "private"}
            return {"message_id": int(sent.id), "date": 1_700_000_000, "chat": chat}
        if method == "getFile":
            name = form["file_id"]
            about = {"file_id": name, "file_unique_id": name, "file_path": name}
            return about | {"file_size": len(self.files.get(name, b""))}
        return True

    async def _news(self, offset):
        """Updates from an offset on; waits for some a little while, as Telegram does."""
        for _ in range(20):
            found = [update for update in self.updates if update["update_id"] >= offset]
            if found:
                return found
            await asyncio.sleep(0.02)
        return []


def _meta_shows(body):
    """Text, id, options and picture of a message for WhatsApp."""
    new_id = f"wamid.{uuid4().hex}"
    if body["type"] == "image":
        return body["image"].get("caption", ""), new_id, (), body["image"]["link"]
    if body["type"] == "interactive":
        action = body["interactive"]["action"]
        buttons = [button["reply"] for button in action.get("buttons", [])]
        rows = [row for section in action.get("sections", []) for row in section["rows"]]
        options = tuple((option["title"], option["id"]) for option in buttons + rows)
        return body["interactive"]["body"]["text"], new_id, options
    if body["type"] == "template":
        return f"template {body['template']['name']}", new_id
    return body["text"]["body"], new_id


def numbered(text):
    """The options a text lists as numbers: ``((title, "1"), …)``."""
    return tuple((title, n) for n, title in re.findall(r"^(\d+)\. (.+)$", text, re.MULTILINE))


@contextmanager
def providers():
    """The APIs, running in a thread of their own until the end."""
    replay = Providers()
    with free_socket() as bound:
        server = uvicorn.Server(
            uvicorn.Config(
                replay.app(),
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=3,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        replay.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        thread.start()
        try:
            yield replay
        finally:
            server.should_exit = True
            thread.join()
