"""The widget on the shop's page."""

from integrations.channels.web.adapter import Web
from integrations.contract import ChannelManifest

MANIFEST = ChannelManifest(
    slug="web",
    name="Web chat",
    docs="https://html.spec.whatwg.org/multipage/server-sent-events.html",
    buttons=13,
)

__all__ = ["MANIFEST", "Web"]
