"""DHL Express's checkpoint codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://developer.dhl.com/api-reference/dhl-express-mydhl-api (reference data, checkpoints)
and DHL's table of status codes (a copy is in https://github.com/karrioapi/karrio,
``mydhl/vendors/status_1.csv``, service ``express``).
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``typeCode`` of an event.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "SD": (Status.LABEL_CREATED, None),  # shipment data received
    "PU": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "SA": (Status.IN_TRANSIT, Detail.PICKED_UP),  # accepted
    "AF": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a facility
    "AR": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the delivery facility
    "DF": (Status.IN_TRANSIT, Detail.DEPARTED),  # from a facility
    "PL": (Status.IN_TRANSIT, None),  # processed at a location
    "PO": (Status.IN_TRANSIT, None),  # processed at the origin
    "FD": (Status.IN_TRANSIT, None),  # forwarded to the destination
    "SM": (Status.IN_TRANSIT, None),  # scheduled for movement
    "TP": (Status.IN_TRANSIT, None),  # forwarded to a third party
    "TR": (Status.IN_TRANSIT, None),  # transfer
    "SI": (Status.IN_TRANSIT, Detail.SECURITY),  # security inspection
    "BN": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),  # customer's broker notified
    "IC": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "BR": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),  # by the broker
    "CR": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "MC": (Status.IN_TRANSIT, Detail.DELAYED),  # miscoded
    "MD": (Status.IN_TRANSIT, Detail.DELAYED),  # missed the delivery cycle
    "MS": (Status.IN_TRANSIT, Detail.DELAYED),  # mis-sorted
    "WC": (Status.OUT_FOR_DELIVERY, None),  # with the courier
    "CC": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "CA": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),  # closed on arrival
    "ND": (Status.DELIVERY_FAILED, None),
    "NH": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "RD": (Status.DELIVERY_FAILED, Detail.REFUSED),
    "OK": (Status.DELIVERED, None),
    "DD": (Status.DELIVERED, Detail.DAMAGED),
    "PD": (Status.DELIVERED, Detail.OTHER),  # in part
    "BA": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "CM": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),  # customer moved
    "CD": (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),  # a delay somebody can end
    "UD": (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING),  # a delay nobody can end
    "HP": (Status.EXCEPTION, Detail.PAYMENT_DUE),
    "PY": (Status.EXCEPTION, Detail.PAYMENT_DUE),
    "OH": (Status.EXCEPTION, Detail.HELD),
    "SS": (Status.EXCEPTION, None),  # shipment stopped
    "CS": (Status.EXCEPTION, None),  # shipment closed
    "DS": (Status.EXCEPTION, Detail.DESTROYED),
    "RT": (Status.RETURNING, None),  # to the consignor
}

# What is agreed or answered: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "AD": Detail.RESCHEDULED,  # delivery agreed
    "RR": None,  # response received
    "SC": None,  # service changed
}
