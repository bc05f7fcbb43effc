"""What there is to know about the console."""

from typing import Final

from integrations.contract import ChannelManifest, Options, Setting, Unit

MANIFEST: Final = ChannelManifest(
    slug="console",
    name="Console",
    network="console",
    docs="https://en.wikipedia.org/wiki/Standard_streams",
    settings=(
        Setting(
            env="CONSOLE_TOKEN",
            argument="token",
            about="What a caller must show as `Authorization: Bearer …`; make one up.",
            secret=True,
        ),
    ),
    max_text=4000,
    unit=Unit.CODE_POINTS,
    rows=Options(count=20, title=60, description=100),
    links=False,
    webhook="nowhere: post to it with curl, as integrations/channels/console/README.md shows",
)
