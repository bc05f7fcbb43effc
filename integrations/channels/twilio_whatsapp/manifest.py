"""What there is to know about WhatsApp through Twilio."""

from typing import Final

from integrations.contract import ChannelManifest, Rate, Setting
from integrations.twilio.channel import EMPTY_TWIML, MEDIA_HOSTS
from integrations.twilio.settings import ACCOUNT, OPTIONAL

MANIFEST: Final = ChannelManifest(
    slug="twilio_whatsapp",
    name="WhatsApp (Twilio)",
    network="whatsapp",
    docs="https://www.twilio.com/docs/whatsapp",
    settings=(
        *ACCOUNT,
        Setting(
            "TWILIO_WHATSAPP_SENDER",
            "sender",
            "The WhatsApp sender's number (`+1…`), or a messaging service (`MG…`) that holds it.",
        ),
        *OPTIONAL,
    ),
    max_text=1600,
    max_caption=1024,
    images=True,
    proves_phone=True,
    keywords_at_door=True,
    window_hours=24,
    rate=Rate(80),
    rate_per_address=Rate(45, 270),  # one in six seconds, 45 ahead of time
    receipts=True,
    webhook="Console → Messaging → Senders → WhatsApp senders → the sender → Messaging Endpoint "
    "Configuration: Webhook URL for incoming messages, HTTP POST",
    media_hosts=MEDIA_HOSTS,
    acknowledgement=EMPTY_TWIML,
)
