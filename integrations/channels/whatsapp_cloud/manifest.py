"""What there is to know about WhatsApp's Cloud API."""

from typing import Final

from integrations.contract import ChannelManifest, Options, Rate, Setting
from integrations.messages import Answer

MANIFEST: Final = ChannelManifest(
    slug="whatsapp_cloud",
    name="WhatsApp",
    network="whatsapp",
    docs="https://developers.facebook.com/documentation/business-messaging/whatsapp",
    settings=(
        Setting(
            "WHATSAPP_CLOUD_PHONE_NUMBER_ID",
            "phone_number_id",
            "The sender's phone number ID (not the number), in WhatsApp → API Setup.",
        ),
        Setting(
            "WHATSAPP_CLOUD_ACCESS_TOKEN",
            "access_token",
            "A system user's token with `whatsapp_business_messaging`; the one shown in API Setup "
            "lasts a day.",
            secret=True,
        ),
        Setting(
            "WHATSAPP_CLOUD_APP_SECRET",
            "app_secret",
            "The app's secret, in App settings → Basic: signs Meta's webhooks.",
            secret=True,
        ),
        Setting(
            "WHATSAPP_CLOUD_VERIFY_TOKEN",
            "verify_token",
            "Any long text you choose; Meta shows it when the webhook's address is set.",
            secret=True,
        ),
        Setting(
            "WHATSAPP_CLOUD_API_URL",
            "api_url",
            "The Graph API with its version; `https://graph.facebook.com/v25.0` unless set.",
            required=False,
        ),
    ),
    max_text=4096,
    max_text_with_options=1024,
    max_caption=1024,
    buttons=Options(count=3, title=20, payload=256),
    rows=Options(count=10, title=24, description=72, payload=200),
    images=True,
    proves_phone=True,
    keywords_at_door=True,
    window_hours=24,
    rate=Rate(80),
    rate_per_address=Rate(45, 270),  # one in six seconds, 45 ahead of time
    receipts=True,
    webhook="developers.facebook.com → the app → WhatsApp → Configuration → Webhook: Callback URL "
    "and Verify token; then subscribe to the field `messages`",
    media_hosts=("lookaside.fbsbx.com", ".fbcdn.net", ".whatsapp.net"),
    acknowledgement=Answer(200),
)
