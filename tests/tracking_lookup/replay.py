"""A carrier on loopback HTTP that answers as told: late, half, wrong, or from a fixture."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RESET = struct.pack("ii", 1, 0)  # closing without lingering sends RST
FIXTURES = Path(__file__).parent / "carriers"


@dataclass(frozen=True)
class Answer:
    """What the server sends.

    ``delay`` in seconds; ``cut`` ends the connection mid-body, ``reset`` breaks it before a word.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: bool = False
    reset: bool = False


@dataclass(frozen=True)
class Asked:
    """What came in; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Replay:
    """The server. ``answer`` decides, ``asked`` remembers; both may change while it runs."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Be slow, unless the test is over."""
        self._closing.wait(seconds)

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def recorded(carrier: str, name: str) -> Any:
    """A fixture's body."""
    return _fixture(carrier, name)["body"]


def answer_of(carrier: str, name: str) -> Answer:
    """A fixture as it comes over the wire, with its own HTTP status and headers."""
    fixture = _fixture(carrier, name)
    about = fixture["about"]
    return Answer(
        status=about.get("http_status", 200),
        body=json.dumps(fixture["body"]).encode(),
        headers={"Content-Type": "application/json", **about.get("http_headers", {})},
    )


def _fixture(carrier: str, name: str) -> dict[str, Any]:
    return json.loads((FIXTURES / carrier / "fixtures" / f"{name}.json").read_text())


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """An asker that hangs up while we are slow is part of the game."""


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            replay.asked.append(asked)
            answer = replay.answer(asked)
            replay.wait(answer.delay)
            if answer.reset:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                self.connection.close()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
            self.close_connection = True

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Tests are quiet."""

    return Handler
