"""What there is to know about the sandbox carrier without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="sandbox",
    name="Sandbox Parcels",
    # It has no vendor: its API is described in README.md, and every name and address in it is one
    # that the internet reserves for examples.
    docs="https://www.rfc-editor.org/rfc/rfc2606",
    secrets=("SANDBOX_WEBHOOK_KEY",),  # set by the service while the demo is on
    cache_seconds=1,  # it is this machine: asking costs nothing, and what it is told shows at once
)
