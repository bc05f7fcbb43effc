"""The settings that both channels share."""

from typing import Final

from integrations.contract import Setting

ACCOUNT: Final = (
    Setting(
        "TWILIO_ACCOUNT_SID",
        "account_sid",
        "The account's SID (`AC…`), on the first page of Twilio's console.",
    ),
    Setting(
        "TWILIO_AUTH_TOKEN",
        "auth_token",
        "The account's auth token, beside its SID: signs Twilio's webhooks and our requests.",
        secret=True,
    ),
)
OPTIONAL: Final = (
    Setting(
        "PUBLIC_URL",
        "public_url",
        "Where Twilio reaches the service, for delivery reports.",
        required=False,
    ),
    Setting(
        "TWILIO_API_URL",
        "api_url",
        "Another region of Twilio's, such as `https://api.dublin.ie1.twilio.com`.",
        required=False,
    ),
)
