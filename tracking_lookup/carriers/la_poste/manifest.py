"""What there is to know about La Poste without calling it."""

from typing import Final

from tracking_lookup.contract import CarrierManifest

MANIFEST: Final = CarrierManifest(
    slug="la_poste",
    name="La Poste",
    docs="https://developer.laposte.fr/products/suivi/latest",
    page="https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    secrets=("LA_POSTE_KEY",),
    batch=10,
    calls=((100, 1),),
)
