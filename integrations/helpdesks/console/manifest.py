"""What the console help desk is and needs; nothing but data."""

from typing import Final

from integrations.helpdesk_contract import HelpdeskManifest, HelpdeskSetting

MANIFEST: Final = HelpdeskManifest(
    slug="console",
    name="Files, for trying",
    docs="https://jsonlines.org/",
    settings=(
        HelpdeskSetting(
            "HELPDESK_CONSOLE_FOLDER", "folder", "A folder that tickets are kept in, one file each."
        ),
        HelpdeskSetting(
            "HELPDESK_CONSOLE_TOKEN",
            "token",
            "What a webhook must show as `X-Wismo-Token`; without one none is taken.",
            secret=True,
            required=False,
        ),
    ),
    webhook="`curl -H 'X-Wismo-Token: …' -d '{\"ticket_id\": \"1\"}'`",
    reconcile_seconds=5,
)
