"""Shoppers on each provider: what the provider posts to us when they write, signed as it signs.

Modelled on the providers' documentation of their webhooks (addresses at each class), not recorded.
"""

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from twilio.request_validator import RequestValidator

SETTINGS = {
    "TWILIO_ACCOUNT_SID": f"AC{'0' * 31}1",
    "TWILIO_AUTH_TOKEN": "twilio-auth-token",
    "TWILIO_SMS_SENDER": "+12125550100",
    "TWILIO_WHATSAPP_SENDER": "+12125550100",
    "WHATSAPP_CLOUD_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_CLOUD_ACCESS_TOKEN": "meta-access-token",
    "WHATSAPP_CLOUD_APP_SECRET": "meta-app-secret",
    "WHATSAPP_CLOUD_VERIFY_TOKEN": "meta-verify-token",
    "TELEGRAM_BOT_TOKEN": "123456:telegram-bot-token",
}
_serial = itertools.count(int(time.time()) % 1_000_000)


def settings(api):
    """What switches all channels on, calling a replayed API at ``api``."""
    return SETTINGS | {
        "TWILIO_API_URL": api,
        "WHATSAPP_CLOUD_API_URL": f"{api}/v25.0",
        "TELEGRAM_API_URL": api,
    }


@dataclass
class Post:
    """One webhook: what is to be posted where. ``url`` is the public one, which was signed."""

    url: str
    headers: dict
    body: bytes


@dataclass
class TwilioShopper:
    """https://www.twilio.com/docs/messaging/guides/webhook-request"""

    public_url: str
    number: str
    slug: str = "twilio_sms"
    prefix: str = ""
    token: str = SETTINGS["TWILIO_AUTH_TOKEN"]
    account: str = SETTINGS["TWILIO_ACCOUNT_SID"]

    @property
    def address(self):
        """How the provider's API names the shopper."""
        return f"{self.prefix}{self.number}"

    def says(self, text, **fields):
        """A message; ``fields`` are added, or replace the usual ones."""
        sid = f"SM{uuid4().hex}"
        return self.post(
            {
                "ToCountry": "US",
                "SmsMessageSid": sid,
                "NumMedia": "0",
                "SmsSid": sid,
                "SmsStatus": "received",
                "Body": text,
                "To": f"{self.prefix}{SETTINGS['TWILIO_SMS_SENDER']}",
                "NumSegments": "1",
                "MessageSid": sid,
                "AccountSid": self.account,
                "From": self.address,
                "ApiVersion": "2010-04-01",
                **fields,
            }
        )

    def presses(self, title, payload):
        """Where options are numbers, the number is written."""
        return self.says(payload)

    def sends_picture(self, api, text=""):
        """A picture that lies at Twilio."""
        media = f"{api}/2010-04-01/Accounts/{self.account}/Messages/MM1/Media/picture"
        return self.says(text, NumMedia="1", MediaUrl0=media, MediaContentType0="image/png")

    def reports(self, message_id, state, **fields):
        """https://www.twilio.com/docs/messaging/guides/track-outbound-message-status"""
        return self.post(
            {
                "SmsSid": message_id,
                "SmsStatus": state,
                "MessageStatus": state,
                "To": self.address,
                "MessageSid": message_id,
                "AccountSid": self.account,
                "From": f"{self.prefix}{SETTINGS['TWILIO_SMS_SENDER']}",
                "ApiVersion": "2010-04-01",
                **fields,
            }
        )

    def post(self, form, *, url=None):
        """Any form, signed."""
        url = url or f"{self.public_url}/channels/{self.slug}"
        signature = RequestValidator(self.token).compute_signature(url, form)
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "x-twilio-signature": signature,
        }
        return Post(url, headers, urlencode(form).encode())


@dataclass
class MetaShopper:
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages"""

    public_url: str
    number: str
    slug: str = "whatsapp_cloud"
    secret: str = SETTINGS["WHATSAPP_CLOUD_APP_SECRET"]
    phone_number_id: str = SETTINGS["WHATSAPP_CLOUD_PHONE_NUMBER_ID"]

    @property
    def address(self):
        """As the replayed API names the shopper."""
        return self.number

    def says(self, text, **fields):
        """A text."""
        return self.message({"type": "text", "text": {"body": text}, **fields})

    def presses(self, title, payload):
        """A reply button."""
        reply = {"id": payload, "title": title}
        return self.message(
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": reply},
                "context": {"from": "12125550100", "id": "wamid.earlier"},
            }
        )

    def sends_picture(self, api, text=""):
        """A picture that lies at Meta."""
        image = {"id": "picture", "mime_type": "image/png", "sha256": "…"}
        return self.message({"type": "image", "image": image | ({"caption": text} if text else {})})

    def message(self, content, **value):
        """A message of any kind."""
        message = {
            "from": self.number.removeprefix("+"),
            "id": f"wamid.{uuid4().hex}",
            "timestamp": str(int(time.time())),
            **content,
        }
        contact = {"profile": {"name": "Ana"}, "wa_id": self.number.removeprefix("+")}
        return self.change({"contacts": [contact], "messages": [message], **value})

    def reports(self, message_id, state, **fields):
        """A status of a message we sent."""
        status = {
            "id": message_id,
            "status": state,
            "timestamp": str(int(time.time())),
            "recipient_id": self.number.removeprefix("+"),
            **fields,
        }
        return self.change({"statuses": [status]})

    def change(self, value):
        """A webhook with one change."""
        metadata = {
            "display_phone_number": "12125550100",
            "phone_number_id": self.phone_number_id,
        }
        value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        change = {"value": value, "field": "messages"}
        entry = {"id": "102290129340398", "changes": [change]}
        return self.post({"object": "whatsapp_business_account", "entry": [entry]})

    def post(self, content):
        """Any JSON, signed."""
        body = json.dumps(content).encode()
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}
        return Post(f"{self.public_url}/channels/{self.slug}", headers, body)


@dataclass
class TelegramShopper:
    """https://core.telegram.org/bots/api#update"""

    public_url: str
    number: str
    slug: str = "telegram"
    token: str = SETTINGS["TELEGRAM_BOT_TOKEN"]
    id: int = field(default_factory=lambda: 7_000_000_000 + next(_serial))

    @property
    def address(self):
        """The chat's id, as the API writes it."""
        return str(self.id)

    @property
    def user(self):
        """The shopper's account."""
        return {"id": self.id, "is_bot": False, "first_name": "Ana", "language_code": "en"}

    @property
    def chat(self):
        """The private chat with them."""
        return {"id": self.id, "first_name": "Ana", "type": "private"}

    def says(self, text, **fields):
        """A text."""
        return self.message({"text": text, **fields})

    def shares_phone(self):
        """Their own number, by the button that asks for it or from the menu."""
        phone = self.number.removeprefix("+")
        contact = {"phone_number": phone, "first_name": "Ana", "user_id": self.id}
        return self.message({"contact": contact})

    def presses(self, title, payload):
        """A button under a message of the bot."""
        button = {"text": title, "callback_data": payload}
        message = {
            "message_id": next(_serial),
            "from": {"id": 123456, "is_bot": True, "first_name": "Shop"},
            "chat": self.chat,
            "date": int(time.time()),
            "text": "…",
            "reply_markup": {"inline_keyboard": [[button]]},
        }
        query = {
            "id": uuid4().hex,
            "from": self.user,
            "message": message,
            "chat_instance": "1",
            "data": payload,
        }
        return self.update({"callback_query": query})

    def sends_picture(self, api, text=""):
        """A picture, in the sizes Telegram makes of it."""
        sizes = [
            {"file_id": name, "file_unique_id": name, "width": w, "height": w, "file_size": 70}
            for name, w in (("thumb", 90), ("picture", 1280))
        ]
        return self.message({"photo": sizes} | ({"caption": text} if text else {}))

    def message(self, content, *, what="message"):
        """A message of any kind."""
        message = {
            "message_id": next(_serial),
            "from": self.user,
            "chat": self.chat,
            "date": int(time.time()),
            **content,
        }
        return self.update({what: message})

    def update(self, content):
        """Any update, with the secret."""
        secret = hashlib.sha256(f"wismo.telegram-webhook:{self.token}".encode()).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-telegram-bot-api-secret-token": secret,
        }
        body = json.dumps({"update_id": next(_serial), **content}).encode()
        return Post(f"{self.public_url}/channels/{self.slug}", headers, body)


def shopper(slug, public_url, number):
    """A shopper on a channel."""
    if slug == "twilio_whatsapp":
        return TwilioShopper(public_url, number, slug, "whatsapp:")
    kinds = {
        "twilio_sms": TwilioShopper,
        "whatsapp_cloud": MetaShopper,
        "telegram": TelegramShopper,
    }
    return kinds[slug](public_url, number)


SLUGS = ("twilio_sms", "twilio_whatsapp", "whatsapp_cloud", "telegram")
