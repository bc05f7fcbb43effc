"""La Poste, its Suivi API: letters, Colissimo and Chronopost."""

from tracking_lookup.carriers.la_poste.adapter import LaPoste
from tracking_lookup.carriers.la_poste.manifest import MANIFEST

__all__ = ["MANIFEST", "LaPoste"]
