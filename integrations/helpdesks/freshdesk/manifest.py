"""What Freshdesk is and needs; nothing but data."""

from typing import Final

from integrations.helpdesk_contract import HelpdeskManifest, HelpdeskSetting

MANIFEST: Final = HelpdeskManifest(
    slug="freshdesk",
    name="Freshdesk",
    docs="https://developers.freshdesk.com/api/",
    settings=(
        HelpdeskSetting(
            "FRESHDESK_URL", "url", "The account's address, such as `https://shop.freshdesk.com`."
        ),
        HelpdeskSetting(
            "FRESHDESK_API_KEY",
            "api_key",
            "From an agent's Profile settings.",
            secret=True,
        ),
        HelpdeskSetting(
            "FRESHDESK_WEBHOOK_TOKEN",
            "webhook_token",
            "A long random text; the automation sends it as the header `X-Wismo-Token`.",
            secret=True,
        ),
    ),
    webhook="Admin → Workflows → Automations → Ticket updates",
)
