"""What a shopper's conversation looks like in a terminal."""

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from rich.console import Console
from rich.control import Control
from rich.markup import escape
from rich.segment import ControlType

from kit.errors import BadInput, Unavailable
from service.cli.talk import Answer, Button, Reply, Sessions, State, Talk, client
from service.settings import settings

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"
WHO = {"bot": "[bold cyan]Wismo", "agent": "[bold magenta]Agent", "system": "[bold]Shop"}
PROMPT = "[bold green]You[/] > "

out = Console(highlight=False)


def service_url() -> str:
    """Where the running service is."""
    return os.environ.get("WISMO_URL") or DEFAULT_URL


async def ask(text: str, *, sender: str, new: bool) -> Answer:
    """One message as ``sender``, and the answer to it.

    Raises:
        BadInput: There is nothing to say.
        Refused: The service does not take it.
        Unavailable: The service is not there or does not answer.
    """
    if not text.strip():
        raise BadInput("there is nothing to say")
    async with client(service_url()) as http:
        return await Talk(http, _sessions(sender, new)).ask(text)


def show_answer(answer: Answer) -> None:
    """Print the replies, or why there are none."""
    for reply in answer.replies:
        _show(reply)
    if not answer.replies:
        out.print(
            "[dim]A person has this conversation; their answer comes in ./wismo chat."
            if answer.handler == "agent"
            else "[dim]No answer."
        )


async def chat(*, sender: str, new: bool) -> None:
    """Talk until end of input. What agents write is shown as it comes.

    Raises:
        Unavailable: The service is not there, or went away.
    """
    async with client(service_url()) as http:
        talk = Talk(http, _sessions(sender, new))
        seen = await talk.last_said()
        out.print("[dim]Write to the shop. A number presses a button; Ctrl-D leaves.")
        await _Chat(talk, seen).run()


class _Chat:
    """One person at a terminal, or lines from a pipe."""

    def __init__(self, talk: Talk, seen: int) -> None:
        self._talk = talk
        self._seen = seen
        self._listening: asyncio.Task[None] | None = None
        self._buttons: tuple[Button, ...] = ()
        self._handler = "bot"
        self._answered = asyncio.Event()
        self._answered.set()
        self._on_terminal = sys.stdin.isatty() and out.is_terminal

    async def run(self) -> None:
        lines = _lines()
        if self._seen:
            self._listen()
        try:
            self._prompt()
            while (line := await self._unless_lost(lines.get())) is not None:
                if line.strip():
                    await self._say(line.strip())
                else:
                    self._prompt()
        finally:
            await self._hang_up()
        if self._on_terminal:
            out.print()

    async def _say(self, text: str) -> None:
        chosen = None
        if text.isdecimal() and 0 < int(text) <= len(self._buttons):
            chosen = self._buttons[int(text) - 1]
        self._buttons = ()
        self._answered.clear()
        # A stream begins with the state, and then tells changes only: a new one, opened after the
        # message is stored, says whether an answer to it is on its way.
        await self._hang_up()
        if chosen is None:
            sent, _ = await self._talk.send(text)
        else:
            sent, _ = await self._talk.send(chosen.payload, display=chosen.title)
        self._seen = self._seen or sent
        self._listen()
        await self._unless_lost(self._answered.wait())

    def _listen(self) -> None:
        self._listening = asyncio.create_task(self._show_all())

    async def _hang_up(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None

    async def _show_all(self) -> None:
        """Show what is said, until the service ends the stream."""
        async with aclosing(self._talk.events(after=self._seen)) as events:
            async for event in events:
                if isinstance(event, Reply):
                    self._seen = event.id
                    self._clear_line()
                    _show(event)
                    self._buttons = event.buttons
                    if self._answered.is_set():
                        self._prompt()
                else:
                    self._note(event)
        raise Unavailable("service", "it has stopped")

    def _note(self, state: State) -> None:
        if state.handler != self._handler:
            self._handler = state.handler
            self._clear_line()
            human = state.handler == "agent"
            out.print(f"[dim]— {'a person answers from here' if human else 'the bot is back'} —")
            if self._answered.is_set():
                self._prompt()
        if not state.pending and not self._answered.is_set():
            self._answered.set()
            self._prompt()

    async def _unless_lost(self, work: Coroutine[Any, Any, T]) -> T:
        """Await ``work``, unless the service goes away first.

        Raises:
            Unavailable: It did.
        """
        task = asyncio.create_task(work)
        both = {task} if self._listening is None else {task, self._listening}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and self._listening is not None:
                await self._listening  # raises
            return await task
        finally:
            task.cancel()

    def _prompt(self) -> None:
        if self._on_terminal:
            out.print(PROMPT, end="")

    def _clear_line(self) -> None:
        if self._on_terminal:
            out.control(Control((ControlType.CARRIAGE_RETURN,), (ControlType.ERASE_IN_LINE, 2)))


def _sessions(sender: str, new: bool) -> Sessions:
    sessions = Sessions(settings().var / "cli.json", f"{service_url()} {sender}".strip())
    if new:
        sessions.set(None)
    return sessions


def _show(reply: Reply) -> None:
    out.print(f"{WHO.get(reply.author, '[bold]Shop')}[/] > ", end="")
    out.print(reply.text, markup=False)
    for number, button in enumerate(reply.buttons, start=1):
        out.print(f"      [cyan]{number}[/] {escape(button.title)}")


def _lines() -> "asyncio.Queue[str | None]":
    """Lines of standard input as they are typed, then ``None``.

    A thread reads them, since a file cannot be waited for; below Python's buffer, since that
    would hold a lock at exit.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    stdin = sys.stdin.fileno()

    def tell(line: str | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody wants it any more
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        rest = b""
        while chunk := os.read(stdin, 65536):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                tell(line.decode(errors="replace"))
        if rest:
            tell(rest.decode(errors="replace"))
        tell(None)

    threading.Thread(target=read, daemon=True).start()
    return lines
