"""What there is to know about DPD without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="dpd",
    name="DPD (Germany)",
    docs="https://esolutions.dpd.com/entwickler/dpd-cloud-webservice.aspx",
    secrets=("DPD_PARTNER_NAME", "DPD_PARTNER_TOKEN", "DPD_USER_ID", "DPD_USER_TOKEN"),
)
