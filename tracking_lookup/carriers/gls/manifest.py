"""What there is to know about GLS without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="gls",
    name="GLS",
    docs="https://dev-portal.gls-group.net",
    secrets=("GLS_CLIENT_ID", "GLS_CLIENT_SECRET"),
    batch=10,
    calls=((500, 24 * 60 * 60),),
)
