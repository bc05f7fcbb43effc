"""What Chatwoot is and needs; nothing but data."""

from typing import Final

from integrations.helpdesk_contract import HelpdeskManifest, HelpdeskSetting

MANIFEST: Final = HelpdeskManifest(
    slug="chatwoot",
    name="Chatwoot",
    docs="https://developers.chatwoot.com/api-reference/introduction",
    settings=(
        HelpdeskSetting(
            "CHATWOOT_URL", "url", "Where it runs, such as `https://app.chatwoot.com`."
        ),
        HelpdeskSetting(
            "CHATWOOT_ACCOUNT_ID", "account_id", "The number after `/accounts/` in its address."
        ),
        HelpdeskSetting(
            "CHATWOOT_INBOX_ID",
            "inbox_id",
            "An inbox of kind API: the number at the end of its settings' address.",
        ),
        HelpdeskSetting(
            "CHATWOOT_API_TOKEN",
            "api_token",
            "Access token of an agent of its own, from Profile settings.",
            secret=True,
        ),
        HelpdeskSetting(
            "CHATWOOT_WEBHOOK_SECRET",
            "webhook_secret",
            "The webhook's secret, shown in Settings → Integrations → Webhooks.",
            secret=True,
        ),
    ),
    webhook="Settings → Integrations → Webhooks",
    max_text=100_000,
)
