"""The Telegram channel: updates by webhook or by polling, messages by the Bot API.

python-telegram-bot is loaded where the channel is made, as it is large and most shops that do not
use Telegram need not carry it.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx

from integrations.channels.telegram.manifest import MANIFEST
from integrations.media import download
from integrations.messages import Attachment, Event, OutboundMessage, RawRequest
from kit import clock
from kit.errors import BadWebhook, Rejected

if TYPE_CHECKING:
    from telegram import InlineKeyboardMarkup, ReplyKeyboardMarkup

API: Final = "https://api.telegram.org"
POLL_SECONDS: Final = 25
_SLUG: Final = MANIFEST.slug
T = TypeVar("T")


class Telegram:
    """The Telegram channel.

    Args:
        http: The shared client.
        bot_token: From @BotFather. Whoever has it is the bot; what signs webhooks is made from it.
        polling: Ask for news instead of taking webhooks; any text but ``0``, ``false`` and ``no``.
        api_url: A Bot API server of one's own, or a test's.
    """

    manifest = MANIFEST

    def __init__(
        self, http: httpx.AsyncClient, *, bot_token: str, polling: str = "", api_url: str = API
    ) -> None:
        from telegram import Bot

        from integrations.channels.telegram import transport, updates

        self._http = http
        self._updates = updates
        self._failed = transport.Failed
        self._api = api_url.rstrip("/")
        self._files = f"{self._api}/file/bot{bot_token}"
        through = transport.Transport(http)
        self._bot = Bot(
            bot_token,
            base_url=f"{self._api}/bot",
            base_file_url=f"{self._api}/file/bot",
            request=through,
            get_updates_request=through,
        )
        self._secret = hashlib.sha256(f"wismo.telegram-webhook:{bot_token}".encode()).hexdigest()
        self._polling = polling.strip().lower() not in {"", "0", "false", "no"}
        self._next_update: int | None = None

    def verify(self, request: RawRequest) -> None:
        """See ``Channel.verify``: the secret that ``connect`` gave to Telegram.

        Source: https://core.telegram.org/bots/api#setwebhook (``secret_token``).
        """
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(self._secret.encode(), given.encode(errors="replace")):
            raise BadWebhook(f"{_SLUG}: the secret token is not ours")

    def parse(self, request: RawRequest, *, now: datetime) -> list[Event]:
        """See ``Channel.parse``."""
        return self._updates.events(self._updates.read(request.body), now=now)

    async def send(self, message: OutboundMessage) -> str | None:
        """See ``Channel.send``. Text is sent as it is: no markup is read from it.

        Source: https://core.telegram.org/bots/api#sendmessage.
        """
        chat, markup = _chat(message.address), _markup(message)
        if message.image is not None:
            sent = await self._ask(
                self._bot.send_photo(
                    chat, message.image.url, caption=message.text or None, reply_markup=markup
                )
            )
        else:
            sent = await self._ask(self._bot.send_message(chat, message.text, reply_markup=markup))
        return str(sent.message_id)

    async def mark_read(self, external_id: str) -> None:
        """See ``MarksRead.mark_read``: a pressed button stops turning, else "typing…" is shown.

        Source: https://core.telegram.org/bots/api#answercallbackquery.
        """
        if external_id.startswith(self._updates.PRESSED):
            query = external_id.removeprefix(self._updates.PRESSED)
            await self._ask(self._bot.answer_callback_query(query))
        else:
            chat = _chat(external_id.partition(":")[0])
            await self._ask(self._bot.send_chat_action(chat, "typing"))

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """See ``BringsMedia.fetch``. Telegram gives a bot files of up to 20 MB.

        Source: https://core.telegram.org/bots/api#getfile.
        """
        file = await self._ask(self._bot.get_file(attachment.reference))
        if file.file_size is not None and file.file_size > limit:
            raise Rejected(_SLUG, f"the file is larger than {limit // 1024} KiB")
        path = str(file.file_path or "").removeprefix(f"{self._files}/")
        if not path or ".." in path:
            raise Rejected(_SLUG, "the file has no address")
        return await download(
            self._http, _SLUG, f"{self._files}/{path}", api=self._api, hosts=(), limit=limit
        )

    async def connect(self, url: str) -> None:
        """See ``Connects.connect``; with polling on, a webhook is taken away instead.

        Source: https://core.telegram.org/bots/api#setwebhook.
        """
        if self._polling:
            await self._ask(self._bot.delete_webhook())
            return
        await self._ask(
            self._bot.set_webhook(
                url, secret_token=self._secret, allowed_updates=self._updates.WANTED
            )
        )

    @property
    def polling(self) -> bool:
        """See ``Polls.polling``."""
        return self._polling

    async def poll(self, store: Callable[[Event], Awaitable[None]]) -> None:
        """See ``Polls.poll``. Telegram answers a bot that has a webhook with 409: it goes first.

        Source: https://core.telegram.org/bots/api#getupdates.
        """
        if self._next_update is None:
            await self._ask(self._bot.delete_webhook())
            self._next_update = 0
        got = await self._ask(
            self._bot.get_updates(
                offset=self._next_update,
                timeout=POLL_SECONDS,
                allowed_updates=self._updates.WANTED,
            )
        )
        for update in got:
            with suppress(BadWebhook):  # one odd update must not stop those behind it
                for event in self._updates.events(update, now=clock.now()):
                    await store(event)
            self._next_update = update.update_id + 1

    async def _ask(self, call: Awaitable[T]) -> T:
        """The library's call, its failure by our name."""
        from telegram.error import TelegramError

        try:
            return await call
        except self._failed as failure:
            raise failure.error from None
        except (TelegramError, *self._updates.UNREADABLE) as error:
            raise Rejected(_SLUG, f"unreadable answer ({type(error).__name__})") from error


def _chat(address: str) -> int:
    """A chat's id from an address.

    Raises:
        Rejected: It is not one of Telegram's.
    """
    if not (address.isascii() and address.isdigit() and len(address) <= 18):
        raise Rejected(_SLUG, "not the id of a private chat")
    return int(address)


def _markup(message: OutboundMessage) -> "InlineKeyboardMarkup | ReplyKeyboardMarkup | None":
    """Buttons under a message, one a line, and the link as the last; or the one for the number.

    That one stands in place of the keyboard, since only there Telegram gives the number with it.
    """
    from telegram import (
        InlineKeyboardButton,
        InlineKeyboardMarkup,
        KeyboardButton,
        ReplyKeyboardMarkup,
    )

    if message.asks_phone:
        share = KeyboardButton(message.asks_phone, request_contact=True)
        return ReplyKeyboardMarkup([[share]], resize_keyboard=True, one_time_keyboard=True)
    buttons: list[Any] = [
        [InlineKeyboardButton(button.title, callback_data=button.payload)]
        for button in message.buttons
    ]
    if message.link is not None:
        buttons.append([InlineKeyboardButton(message.link.title, url=message.link.url)])
    return InlineKeyboardMarkup(buttons) if buttons else None
