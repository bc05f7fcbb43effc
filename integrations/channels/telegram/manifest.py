"""What there is to know about Telegram."""

from typing import Final

from integrations.contract import ChannelManifest, Options, Rate, Setting, Unit
from integrations.messages import Answer

MANIFEST: Final = ChannelManifest(
    slug="telegram",
    name="Telegram",
    network="telegram",
    docs="https://core.telegram.org/bots/api",
    settings=(
        Setting(
            "TELEGRAM_BOT_TOKEN",
            "bot_token",
            "The bot's token, from @BotFather.",
            secret=True,
        ),
        Setting(
            "TELEGRAM_POLLING",
            "polling",
            "`1` asks Telegram for news instead of taking webhooks: for a laptop.",
            required=False,
        ),
        Setting(
            "TELEGRAM_API_URL",
            "api_url",
            "A Bot API server of your own; `https://api.telegram.org` unless set.",
            required=False,
        ),
    ),
    max_text=4096,
    unit=Unit.UTF16,
    max_caption=1024,
    buttons=Options(count=13, title=60, payload=64),
    images=True,
    links=True,
    shares_phone=True,
    rate=Rate(30),
    rate_per_address=Rate(1),
    webhook="nothing to paste, the service tells Telegram (setWebhook); on a laptop set "
    "TELEGRAM_POLLING=1 instead",
    acknowledgement=Answer(200),
)
