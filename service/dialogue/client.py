"""Ask Rasa for the answer to a message."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp

from integrations.messages import Button
from kit.errors import Rejected, Unavailable

# Less than Sanic leaves an idle connection open (5 s): else a turn would now and then be sent into
# one that is just being closed.
KEEP_SECONDS: Final = 2.0
PATIENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=2, sock_read=10)


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


def client() -> aiohttp.ClientSession:
    """The client for calls of Rasa, and for those alone; to be closed.

    ``kit.http`` is for other people's APIs. Rasa is part of every turn, and a call by httpx takes
    five times the processor time (``docs/decisions/``, "where a turn's time goes").
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=PATIENCE,
    )


class RasaDialogue:
    """Rasa's REST channel, as ``bot/one_turn.py`` has it."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/webhooks/rest/webhook"

    async def reply(
        self, sender: str, text: str, *, metadata: dict[str, Any], memory: dict[str, Any]
    ) -> Answer:
        """See ``Dialogue.reply``."""
        said = await self._asked(
            {"sender": sender, "message": text, "metadata": metadata, "memory": memory}
        )
        try:
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

    async def _asked(self, body: dict[str, Any]) -> Any:
        try:
            async with self._http.post(self._url, json=body) as response:
                if response.status == 404:
                    raise Rejected("rasa", "its REST channel is not switched on")
                if response.status >= 500:
                    raise Unavailable("rasa", f"answered {response.status}")
                if not response.ok:
                    raise Rejected("rasa", f"answered {response.status}")
                return await response.json()
        except TimeoutError as error:
            raise Unavailable("rasa", "no answer in time") from error
        except aiohttp.ContentTypeError as error:
            raise Rejected("rasa", "the answer is not JSON") from error
        except aiohttp.ClientError as error:
            raise Unavailable("rasa", f"connection failed ({type(error).__name__})") from error
        except ValueError as error:
            raise Rejected("rasa", "the answer is not JSON") from error
