"""La Poste's codes in our words: the whole mapping, and nothing but the mapping.

Source: https://developer.laposte.fr/products/suivi/latest (Suivi v2, the list of event codes). One
list serves letters, Colissimo and Chronopost.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "DR1": (Status.LABEL_CREATED, None),  # announced by the sender
    "DR2": (Status.EXCEPTION, Detail.OTHER),  # announced, and never handed over
    "PC1": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "PC2": (Status.IN_TRANSIT, Detail.PICKED_UP),  # in the country of dispatch
    "ET1": (Status.IN_TRANSIT, None),
    "ET2": (Status.IN_TRANSIT, None),  # in the country of dispatch
    "ET3": (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),
    "ET4": (Status.IN_TRANSIT, None),  # in a country on the way
    "EP1": (Status.IN_TRANSIT, None),  # waits to be presented
    "DO1": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "DO2": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "DO3": (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING),  # held by customs
    "PB1": (Status.EXCEPTION, None),  # a problem
    "PB2": (Status.IN_TRANSIT, None),  # the problem is solved
    "MD2": (Status.OUT_FOR_DELIVERY, None),
    "ND1": (Status.DELIVERY_FAILED, None),
    "AG1": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "RE1": (Status.RETURNING, None),
    "DI0": (Status.DELIVERED, None),  # with several others, to one address
    "DI1": (Status.DELIVERED, None),
    "DI2": (Status.RETURNED, None),  # "delivered", to the sender
    "DI3": (Status.IN_TRANSIT, Detail.DELAYED),
}

# Made known without a move: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "ID0": Detail.CUSTOMS_PROCESSING,  # what was declared to customs
}
