"""What there is to know about the web chat."""

from typing import Final

from integrations.contract import ChannelManifest, Options

MANIFEST: Final = ChannelManifest(
    slug="web",
    name="Web chat",
    network="web",
    docs="https://html.spec.whatwg.org/multipage/server-sent-events.html",
    buttons=Options(count=13, title=60, payload=2000),
    images=True,
    links=True,
    fetched=True,
)
