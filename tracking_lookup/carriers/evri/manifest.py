"""What there is to know about Evri without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="evri",
    name="Evri",
    docs="https://www.evri.com/business",
    page="https://www.evri.com/track/parcel/{}",
    secrets=("EVRI_API_KEY",),
)
