"""What there is to know about SMS through Twilio."""

from typing import Final

from integrations.contract import ChannelManifest, Rate, Setting, Unit
from integrations.twilio.channel import EMPTY_TWIML, MEDIA_HOSTS
from integrations.twilio.settings import ACCOUNT, OPTIONAL

MANIFEST: Final = ChannelManifest(
    slug="twilio_sms",
    name="SMS (Twilio)",
    network="sms",
    docs="https://www.twilio.com/docs/messaging",
    settings=(
        *ACCOUNT,
        Setting(
            "TWILIO_SMS_SENDER",
            "sender",
            "The number messages come from (`+1…`), or a messaging service (`MG…`).",
        ),
        *OPTIONAL,
    ),
    # Twilio takes 1,600 characters, which is ten segments of GSM-7 but nearly 24 of UCS-2, and some
    # carriers lose long chains of segments. Four are 612 characters, or 268 with an emoji.
    max_text=4,
    unit=Unit.SEGMENTS,
    proves_phone=True,
    keywords_at_door=True,
    rate=Rate(1),  # of one long code; a short code or a pool takes more
    receipts=True,
    webhook="Console → Phone Numbers → the number → Messaging → A message comes in: Webhook, "
    "HTTP POST (or the messaging service's Integration page)",
    media_hosts=MEDIA_HOSTS,
    acknowledgement=EMPTY_TWIML,
)
