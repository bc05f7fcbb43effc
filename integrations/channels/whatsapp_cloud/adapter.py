"""WhatsApp's Cloud API: webhooks proved and read, messages sent."""

import hashlib
import hmac
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from integrations.channels.whatsapp_cloud import webhook
from integrations.channels.whatsapp_cloud.errors import ERRORS
from integrations.channels.whatsapp_cloud.manifest import MANIFEST
from integrations.failures import failure_of
from integrations.media import download
from integrations.messages import Answer, Attachment, Event, OutboundMessage, RawRequest
from kit.errors import BadWebhook, Rejected
from kit.http import call, json_of

API: Final = "https://graph.facebook.com/v25.0"
_SLUG: Final = MANIFEST.slug
_CHALLENGE: Final = ("mode", "verify_token", "challenge")
_MOST_CHALLENGE: Final = 200


class WhatsappCloud:
    """The WhatsApp channel over Meta's own API.

    Args:
        http: The shared client.
        phone_number_id: Our sender's; webhooks for another number of the app bring nothing.
        access_token: Sends messages and fetches files.
        app_secret: Signs Meta's webhooks.
        verify_token: What Meta shows when the webhook's address is set.
        api_url: The Graph API with its version.
    """

    manifest = MANIFEST

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        phone_number_id: str,
        access_token: str,
        app_secret: str,
        verify_token: str,
        api_url: str = API,
    ) -> None:
        self._http = http
        self._number = phone_number_id
        self._secret = app_secret.encode()
        self._verify_token = verify_token.encode()
        self._api = api_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {access_token}"}

    def challenge(self, request: RawRequest) -> Answer:
        """See ``Challenged.challenge``: Meta shows the token we chose and wants its number back.

        Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
        """
        query = parse_qs(urlsplit(request.url).query)
        asked = {name: query.get(f"hub.{name}", [""])[0] for name in _CHALLENGE}
        known = hmac.compare_digest(
            asked["verify_token"].encode(errors="replace"), self._verify_token
        )
        if not known or asked["mode"] != "subscribe":
            raise BadWebhook(f"{_SLUG}: another verify token than WHATSAPP_CLOUD_VERIFY_TOKEN")
        return Answer(200, asked["challenge"][:_MOST_CHALLENGE])

    def verify(self, request: RawRequest) -> None:
        """See ``Channel.verify``: HMAC-SHA256 over the raw body.

        Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validating-payloads.
        """
        expected = hmac.new(self._secret, request.body, hashlib.sha256).hexdigest()
        given = request.headers.get("x-hub-signature-256", "")
        if not hmac.compare_digest(f"sha256={expected}".encode(), given.encode(errors="replace")):
            raise BadWebhook(f"{_SLUG}: the signature is not Meta's for this body")

    def parse(self, request: RawRequest, *, now: datetime) -> list[Event]:
        """See ``Channel.parse``."""
        return webhook.events(request.body, phone_number_id=self._number, now=now)

    async def send(self, message: OutboundMessage) -> str | None:
        """See ``Channel.send``.

        Meta takes no idempotency key: a connection that breaks after it took the message leads to a
        second copy.

        Source: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages.
        """
        answer = await self._post(request_body(message))
        try:
            return str(answer["messages"][0]["id"])
        except (KeyError, IndexError, TypeError) as error:
            raise Rejected(_SLUG, "the answer names no message") from error

    async def mark_read(self, external_id: str) -> None:
        """See ``MarksRead.mark_read``: two blue ticks, and "typing" for 25 seconds at most.

        Source: https://developers.facebook.com/docs/whatsapp/cloud-api/typing-indicators.
        """
        await self._post(
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": external_id,
                "typing_indicator": {"type": "text"},
            }
        )

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """See ``BringsMedia.fetch``: the media id gives an address that is good for five minutes.

        Source: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media.
        """
        about = await self._ask("GET", f"{self._api}/{quote(attachment.reference, safe='')}")
        address, size = about.get("url"), about.get("file_size")
        if not isinstance(address, str):
            raise Rejected(_SLUG, "the file has no address")
        if isinstance(size, int) and size > limit:
            raise Rejected(_SLUG, f"the file is larger than {limit // 1024} KiB")
        return await download(
            self._http,
            _SLUG,
            address,
            api=self._api,
            hosts=self.manifest.media_hosts,
            keyed=True,
            limit=limit,
            headers=self._headers,
        )

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        return await self._ask("POST", f"{self._api}/{self._number}/messages", json=body)

    async def _ask(self, method: str, url: str, **request: Any) -> dict[str, Any]:
        answer = await call(
            self._http,
            _SLUG,
            method,
            url,
            read={400, 401, 403, 404, 429, 500, 503},
            headers=self._headers,
            **request,
        )
        if answer.status_code >= 500 and "json" not in answer.headers.get("content-type", ""):
            raise failure_of(ERRORS, "2").error(_SLUG, str(answer.status_code))
        content = json_of(answer, _SLUG)
        if not isinstance(content, dict):
            raise Rejected(_SLUG, "the answer is not an object")
        if answer.is_success:
            return content
        error = content.get("error")
        code = str(error.get("code", "")) if isinstance(error, dict) else ""
        raise failure_of(ERRORS, code).error(_SLUG, code or str(answer.status_code))


def request_body(message: OutboundMessage) -> dict[str, Any]:
    """The JSON of one request to send. Pure.

    A phone number goes into ``to``, Meta's own name for a person into ``recipient``.

    Source: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages.
    """
    phone = message.address.startswith("+")
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to" if phone else "recipient": message.address.removeprefix("+"),
        **_content(message),
    }


def _content(message: OutboundMessage) -> dict[str, Any]:
    if message.template is not None:
        gaps = [{"type": "text", "text": text} for text in message.template.parameters]
        return {
            "type": "template",
            "template": {
                "name": message.template.name,
                "language": {"code": message.template.language},
                **({"components": [{"type": "body", "parameters": gaps}]} if gaps else {}),
            },
        }
    if message.image is not None:
        caption = {"caption": message.text} if message.text else {}
        return {"type": "image", "image": {"link": message.image.url, **caption}}
    if message.buttons:
        replies = [
            {"type": "reply", "reply": {"id": button.payload, "title": button.title}}
            for button in message.buttons
        ]
        return _interactive("button", message, {"buttons": replies})
    if message.rows:
        rows = [
            {"id": row.payload, "title": row.title}
            | ({"description": row.description} if row.description else {})
            for row in message.rows
        ]
        return _interactive(
            "list", message, {"button": message.list_title[:20], "sections": [{"rows": rows}]}
        )
    return {"type": "text", "text": {"body": message.text, "preview_url": False}}


def _interactive(kind: str, message: OutboundMessage, action: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": message.text}, "action": action},
    }
