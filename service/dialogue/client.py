"""Ask Rasa for the answer to a message."""

from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from integrations.messages import Button
from kit.errors import NotFound, Rejected
from kit.http import call, json_of


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the bot."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says to one turn.

    Attributes:
        replies: In order. None where an action failed, as Rasa answers 200 with nothing then: hand
            over.
        memory: What to send along with the conversation's next turn; ``None``: what was sent along
            with this one.
    """

    replies: tuple[Reply, ...] = ()
    memory: dict[str, Any] | None = None


class Dialogue(Protocol):
    """Whoever answers. Keeps nothing: the same question and memory, the same answer."""

    async def reply(
        self, sender: str, text: str, *, metadata: dict[str, Any], memory: dict[str, Any]
    ) -> Answer:
        """The bot's answer.

        Args:
            sender: The conversation's name at the bot.
            metadata: What the actions get to know; written by the service alone.
            memory: From the conversation's last answer; empty at its start.

        Raises:
            Upstream: Rasa is away or answers nonsense. Hand over.
        """
        ...


class RasaDialogue:
    """Rasa's REST channel, as ``bot/one_turn.py`` has it."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"

    async def reply(
        self, sender: str, text: str, *, metadata: dict[str, Any], memory: dict[str, Any]
    ) -> Answer:
        """See ``Dialogue.reply``."""
        try:
            response = await call(
                self._http,
                "rasa",
                "POST",
                self._url,
                json={"sender": sender, "message": text, "metadata": metadata, "memory": memory},
                timeout=httpx.Timeout(10, connect=2),
            )
        except NotFound as error:
            raise Rejected("rasa", "its REST channel is not switched on") from error
        try:
            said = json_of(response, "rasa")
            return Answer(
                replies=tuple(
                    Reply(
                        answer["text"],
                        tuple(
                            Button(title=button["title"], payload=button["payload"])
                            for button in answer.get("buttons") or ()
                        ),
                    )
                    for answer in said
                    if answer.get("text")
                ),
                memory=next((answer["memory"] for answer in said if "memory" in answer), None),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise Rejected("rasa", f"unreadable answer: {error!r}") from error
