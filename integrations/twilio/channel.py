"""A channel of Twilio's Programmable Messaging. What differs between two of them is a field."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from pydantic import BaseModel
from twilio.request_validator import RequestValidator

from integrations.contract import ChannelManifest
from integrations.failures import failure_of
from integrations.media import download
from integrations.messages import (
    Answer,
    Attachment,
    Event,
    InboundMessage,
    Kind,
    OutboundMessage,
    RawRequest,
    Receipt,
    State,
)
from integrations.twilio.errors import ERRORS
from kit.errors import BadWebhook, Rejected
from kit.http import call, json_of
from kit.text import clean

API: Final = "https://api.twilio.com"
MEDIA_HOSTS: Final = ("mms.twiliocdn.com", "media.twiliocdn.com", ".amazonaws.com")
# Twilio runs what it is answered as a program for the message; this one says nothing.
EMPTY_TWIML: Final = Answer(200, "<Response/>", "text/xml")

_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_MOST_FIELDS: Final = 200
_MOST_MEDIA: Final = 10
_STATES: Final[dict[str, State]] = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.READ,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
_KEYWORDS: Final = frozenset({"STOP", "START", "HELP"})


class _Message(BaseModel):
    """What ``taken`` reads of a message in Twilio's list."""

    sid: str
    direction: str
    body: str | None
    date_created: str  # RFC 2822


class _List(BaseModel):
    messages: list[_Message]


class TwilioChannel:
    """What both channels do; a folder adds its manifest and how its addresses are written.

    Args:
        http: The shared client.
        account_sid: ``AC…``; a webhook of another account is refused.
        auth_token: Signs Twilio's webhooks and our requests.
        sender: A number in E.164, or a messaging service (``MG…``) that chooses one.
        public_url: Where the service is reached; without it no delivery report is asked for beyond
            what is set in Twilio's console.
        api_url: Another region of Twilio's, or a test's server.
    """

    manifest: ChannelManifest
    prefix: ClassVar[str] = ""  # stands before each number

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        public_url: str = "",
        api_url: str = API,
    ) -> None:
        self._http = http
        self._account = account_sid
        self._token = auth_token
        self._sender = sender
        self._callback = (
            f"{public_url.rstrip('/')}/channels/{self.manifest.slug}" if public_url else ""
        )
        self._api = api_url.rstrip("/")
        self._validator = RequestValidator(auth_token)

    def verify(self, request: RawRequest) -> None:
        """See ``Channel.verify``.

        The signature covers the public URL and all fields, or for a JSON body its hash in the URL.

        Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security.
        """
        signature = request.headers.get("x-twilio-signature", "")
        if not signature:
            raise BadWebhook(f"{self.manifest.slug}: no signature")
        try:
            signed = self._signed(request)
            genuine = self._validator.validate(request.url, signed, signature)
        except ValueError as error:  # a URL that is none, such as one with a port out of range
            raise BadWebhook(f"{self.manifest.slug}: unreadable request") from error
        if not genuine:
            raise BadWebhook(f"{self.manifest.slug}: the signature is not Twilio's for this URL")
        account = _form(request.body).get("AccountSid") if isinstance(signed, dict) else None
        if account is not None and account != self._account:
            raise BadWebhook(f"{self.manifest.slug}: another account's webhook")

    def parse(self, request: RawRequest, *, now: datetime) -> list[Event]:
        """See ``Channel.parse``: a message or a delivery report.

        Twilio gives no time with either; ``now`` is taken.

        Source: https://www.twilio.com/docs/messaging/guides/webhook-request and
        https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
        """
        form = _form(request.body)
        message_id = clean(form.get("MessageSid") or form.get("SmsSid") or "", limit=64)
        if not message_id:
            raise BadWebhook(f"{self.manifest.slug}: no MessageSid")
        if "MessageStatus" in form and "Body" not in form:
            return self._receipt(form, message_id, now)
        return [self._message(form, message_id, now)]

    async def send(self, message: OutboundMessage) -> str | None:
        """See ``Channel.send``.

        Twilio takes no idempotency key, so after a try that was cut short ``taken`` is asked first.

        Source: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource.
        """
        answer = await call(
            self._http,
            self.manifest.slug,
            "POST",
            f"{self._api}/2010-04-01/Accounts/{self._account}/Messages.json",
            read={400, 401, 403, 404},
            auth=(self._account, self._token),
            data=self.request_body(message),
        )
        content = json_of(answer, self.manifest.slug)
        if not isinstance(content, dict):
            raise Rejected(self.manifest.slug, "the answer is not an object")
        if answer.is_success and isinstance(content.get("sid"), str):
            return str(content["sid"])
        code = str(content.get("code", answer.status_code))
        raise failure_of(ERRORS, code).error(self.manifest.slug, code)

    async def taken(self, message: OutboundMessage, *, since: datetime) -> list[str]:
        """See ``Remembers.taken``. Approved templates are worded by Twilio: those it may not find.

        Source: https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources.
        Not tried live: how soon a message that was taken is in the list.
        """
        slug = self.manifest.slug
        answer = await call(
            self._http,
            slug,
            "GET",
            f"{self._api}/2010-04-01/Accounts/{self._account}/Messages.json",
            auth=(self._account, self._token),
            params={"To": f"{self.prefix}{message.address}", "PageSize": 50},
        )
        try:
            return [
                row.sid
                for row in _List.model_validate(json_of(answer, slug)).messages
                if row.direction.startswith("outbound")
                and row.body == message.text
                and parsedate_to_datetime(row.date_created) >= since.replace(microsecond=0)
            ]
        except ValueError as error:
            raise Rejected(slug, "the list of messages is not as documented") from error

    async def fetch(self, attachment: Attachment, *, limit: int) -> bytes:
        """See ``BringsMedia.fetch``.

        Source: https://www.twilio.com/docs/messaging/api/media-resource.
        """
        return await download(
            self._http,
            self.manifest.slug,
            attachment.reference,
            api=self._api,
            hosts=self.manifest.media_hosts,
            limit=limit,
            auth=(self._account, self._token),
        )

    def request_body(self, message: OutboundMessage) -> dict[str, str]:
        """The fields of one request to send. Pure."""
        body = {"To": f"{self.prefix}{message.address}"}
        if self._sender.startswith("MG"):
            body["MessagingServiceSid"] = self._sender
        else:
            body["From"] = f"{self.prefix}{self._sender}"
        if self._callback:
            body["StatusCallback"] = self._callback
        return body | self.content(message)

    def content(self, message: OutboundMessage) -> dict[str, str]:
        """What is said, as fields."""
        picture = {"MediaUrl": message.image.url} if message.image else {}
        return ({"Body": message.text} if message.text else {}) | picture

    def words(self, form: Mapping[str, str]) -> tuple[str, str | None, Kind]:
        """Text, what is displayed in its place, and kind of a message without a keyword."""
        return clean(form.get("Body", "")), None, Kind.TEXT

    def _signed(self, request: RawRequest) -> dict[str, str] | str:
        """What the validator is to check: fields, or the body where its hash is in the URL."""
        if "bodySHA256" in parse_qs(urlsplit(request.url).query):
            try:
                return request.body.decode()
            except UnicodeDecodeError as error:
                raise BadWebhook(f"{self.manifest.slug}: unreadable body") from error
        return _form(request.body)

    def _receipt(self, form: Mapping[str, str], message_id: str, now: datetime) -> list[Event]:
        state = _STATES.get(form["MessageStatus"])
        slug = self.manifest.slug
        if state is None:  # accepted, queued, sending: nothing new for people
            return []
        if state is State.FAILED:
            code = clean(form.get("ErrorCode", ""), limit=20) or form["MessageStatus"]
            return [failure_of(ERRORS, code).receipt(slug, message_id, code, at=now)]
        return [Receipt(channel=slug, provider_id=message_id, state=state, at=now)]

    def _message(self, form: Mapping[str, str], message_id: str, now: datetime) -> InboundMessage:
        sender = clean(form.get("From", ""), limit=64).removeprefix(self.prefix)
        if not sender:
            raise BadWebhook(f"{self.manifest.slug}: no sender")
        attachments = _attachments(form)
        text, display, kind = self.words(form)
        keyword = form.get("OptOutType", "").upper()
        if keyword in _KEYWORDS and keyword != text:
            # Twilio acted on a word of the shop's own list: the door knows the standard ones.
            text, display = keyword, text
        if not text:
            kind = Kind.MEDIA if attachments else Kind.UNSUPPORTED
            text = "" if attachments else "(an empty message)"
        return InboundMessage(
            channel=self.manifest.slug,
            external_id=message_id,
            address=sender,
            text=text,
            display=display,
            kind=kind,
            received_at=now,
            proved_phone=sender if _E164.fullmatch(sender) else None,
            attachments=attachments,
            confirmed=keyword in _KEYWORDS,
        )


def _form(body: bytes) -> dict[str, str]:
    """A form's fields; of a name that comes twice the last, which is then what is signed too."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:  # not UTF-8, or too many fields
        raise BadWebhook("twilio: the body is not a form") from error


def _attachments(form: Mapping[str, str]) -> tuple[Attachment, ...]:
    count = form.get("NumMedia", "0")
    if not (count.isascii() and count.isdigit()):
        return ()
    return tuple(
        Attachment(form[f"MediaUrl{n}"], form.get(f"MediaContentType{n}", ""))
        for n in range(min(int(count[:4]), _MOST_MEDIA))
        if form.get(f"MediaUrl{n}")
    )
