"""What Zendesk is and needs; nothing but data."""

from typing import Final

from integrations.helpdesk_contract import HelpdeskManifest, HelpdeskSetting

MANIFEST: Final = HelpdeskManifest(
    slug="zendesk",
    name="Zendesk",
    docs="https://developer.zendesk.com/api-reference/ticketing/introduction/",
    settings=(
        HelpdeskSetting(
            "ZENDESK_URL", "url", "The account's address, such as `https://shop.zendesk.com`."
        ),
        HelpdeskSetting("ZENDESK_EMAIL", "email", "The agent the API token acts as."),
        HelpdeskSetting(
            "ZENDESK_API_TOKEN",
            "api_token",
            "From Admin Center → Apps and integrations → Zendesk API.",
            secret=True,
        ),
        HelpdeskSetting(
            "ZENDESK_WEBHOOK_SECRET",
            "webhook_secret",
            "The webhook's signing secret, shown on its page.",
            secret=True,
        ),
    ),
    webhook="Admin Center → Apps and integrations → Webhooks",
)
