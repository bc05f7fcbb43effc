"""What Gorgias is and needs; nothing but data."""

from typing import Final

from integrations.helpdesk_contract import HelpdeskManifest, HelpdeskSetting

MANIFEST: Final = HelpdeskManifest(
    slug="gorgias",
    name="Gorgias",
    docs="https://developers.gorgias.com/reference/introduction",
    settings=(
        HelpdeskSetting(
            "GORGIAS_URL", "url", "The account's address, such as `https://shop.gorgias.com`."
        ),
        HelpdeskSetting("GORGIAS_EMAIL", "email", "The user the API key belongs to."),
        HelpdeskSetting("GORGIAS_API_KEY", "api_key", "From Settings → REST API.", secret=True),
        HelpdeskSetting(
            "GORGIAS_WEBHOOK_TOKEN",
            "webhook_token",
            "A long random text; the HTTP integration sends it as the header `X-Wismo-Token`.",
            secret=True,
        ),
    ),
    webhook="Settings → App Store → HTTP integration",
)
