"""What the cut-off table is told with, by language; a language without its own gets English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phrases:
    """Texts with places for values in braces.

    Attributes:
        by: ``{what}`` (service and destination), ``{moment}``, ``{season}``.
        passed: ``{what}`` and ``{moment}``: too late.
        not_offered: ``{what}``: there is no such service to there.
        possible: ``{options}`` that are left.
        also: ``{options}`` beside the one that was told.
        too_late: ``{season}``: nothing is left.
        option: One of several: ``{what}``, ``{moment}``.
        to: A service and where to.
        until: A thing that ends: ``{what}``, ``{moment}``.
        head: Of the table: destination, service, order by.
    """

    by: str
    passed: str
    not_offered: str
    possible: str
    also: str
    too_late: str
    option: str
    to: str
    until: str
    head: tuple[str, str, str]


PHRASES: Final[Mapping[str, Phrases]] = {
    "en": Phrases(
        by="To have it for {season}, order by {moment} ({what}).",
        passed="The last day for {what} has passed: it was {moment}.",
        not_offered="We have no {what}.",
        possible="Still possible: {options}.",
        also="Also: {options}.",
        too_late="What is ordered now arrives after {season}.",
        option="{what}, order by {moment}",
        to="{service} to {place}",
        until="{what}, until {moment}",
        head=("Where to", "How", "Order by"),
    ),
    "es": Phrases(
        by="Para recibirlo antes de {season}, haga el pedido hasta: {moment} ({what}).",
        passed="El último día ya ha pasado ({what}): era {moment}.",
        not_offered="No ofrecemos: {what}.",
        possible="Todavía es posible: {options}.",
        also="También: {options}.",
        too_late="Los pedidos de ahora llegan después de {season}.",
        option="{what}, hasta: {moment}",
        to="{service}, {place}",
        until="{what}, hasta: {moment}",
        head=("Destino", "Envío", "Pedir hasta"),
    ),
    "fr": Phrases(
        by="Pour recevoir votre colis avant {season}, commandez jusqu'au {moment} ({what}).",
        passed="La date limite est passée ({what}) : c'était le {moment}.",
        not_offered="Nous ne proposons pas : {what}.",
        possible="Encore possible : {options}.",
        also="Aussi : {options}.",
        too_late="Une commande passée maintenant arrive après {season}.",
        option="{what}, jusqu'au {moment}",
        to="{service}, {place}",
        until="{what}, jusqu'au {moment}",
        head=("Destination", "Livraison", "Commander jusqu'au"),
    ),
    "de": Phrases(
        by="Damit es bis {season} ankommt, bestellen Sie bis {moment} ({what}).",
        passed="Der letzte Tag ist vorbei ({what}): Es war {moment}.",
        not_offered="Das bieten wir nicht an: {what}.",
        possible="Noch möglich: {options}.",
        also="Außerdem: {options}.",
        too_late="Was jetzt bestellt wird, kommt nach {season} an.",
        option="{what}, bis {moment}",
        to="{service}, {place}",
        until="{what}, bis {moment}",
        head=("Ziel", "Versand", "Bestellen bis"),
    ),
}


def phrases(lang: str) -> Phrases:
    """The texts of a language."""
    return PHRASES.get(lang, PHRASES["en"])


def named(names: Mapping[str, str], lang: str) -> str:
    """A name in a language, else in English, else in any."""
    return names.get(lang) or names.get("en") or next(iter(names.values()), "")
