"""Ask Rasa for the answer to a message."""

from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from integrations.contract import Button
from kit.errors import NotFound, Rejected
from kit.http import call, json_of


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the bot."""

    text: str
    buttons: tuple[Button, ...] = ()


class Dialogue(Protocol):
    """Whoever answers."""

    async def reply(self, sender: str, text: str, *, metadata: dict[str, Any]) -> list[Reply]:
        """The bot's replies, in order.

        Args:
            sender: The conversation's name at the bot.
            metadata: What the actions get to know; written by the service alone.

        Returns:
            Nothing where an action failed: Rasa answers 200 and ``[]`` then. Hand over.

        Raises:
            Upstream: Rasa is away or answers nonsense. Hand over.
        """
        ...


class RasaDialogue:
    """Rasa's REST channel."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"

    async def reply(self, sender: str, text: str, *, metadata: dict[str, Any]) -> list[Reply]:
        """See ``Dialogue.reply``."""
        try:
            response = await call(
                self._http,
                "rasa",
                "POST",
                self._url,
                json={"sender": sender, "message": text, "metadata": metadata},
                timeout=httpx.Timeout(10, connect=2),
            )
        except NotFound as error:
            raise Rejected("rasa", "its REST channel is not switched on") from error
        try:
            return [
                Reply(
                    answer["text"],
                    tuple(
                        Button(title=button["title"], payload=button["payload"])
                        for button in answer.get("buttons") or ()
                    ),
                )
                for answer in json_of(response, "rasa")
                if answer.get("text")
            ]
        except (KeyError, TypeError, AttributeError) as error:
            raise Rejected("rasa", f"unreadable answer: {error!r}") from error
