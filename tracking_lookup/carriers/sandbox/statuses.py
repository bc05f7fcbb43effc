"""The sandbox carrier's codes in our words: the whole mapping, and nothing but the mapping.

Source: README.md in this folder; the carrier is ours (``service/demo``).
"""

from typing import Final

from tracking_lookup.model import Detail, Status

STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "LBL": (Status.LABEL_CREATED, None),
    "PUP": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "ARR": (Status.IN_TRANSIT, Detail.ARRIVED),
    "DEP": (Status.IN_TRANSIT, Detail.DEPARTED),
    "EXP": (Status.IN_TRANSIT, Detail.LEFT_ORIGIN_COUNTRY),
    "IMP": (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),
    "CIN": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "COK": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "CUS": (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),
    "DUT": (Status.EXCEPTION, Detail.PAYMENT_DUE),
    "DOC": (Status.EXCEPTION, Detail.DOCUMENTS_MISSING),
    "DLY": (Status.IN_TRANSIT, Detail.DELAYED),
    "WTH": (Status.IN_TRANSIT, Detail.WEATHER),
    "RSC": (Status.IN_TRANSIT, Detail.RESCHEDULED),
    "OFD": (Status.OUT_FOR_DELIVERY, None),
    "NOT": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "CLO": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),
    "ADR": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "PKP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "LKR": (Status.AVAILABLE_FOR_PICKUP, Detail.TO_LOCKER),
    "DLV": (Status.DELIVERED, None),
    "SIG": (Status.DELIVERED, Detail.SIGNED),
    "NBR": (Status.DELIVERED, Detail.TO_NEIGHBOUR),
    "SAF": (Status.DELIVERED, Detail.SAFE_PLACE),
    "HLD": (Status.EXCEPTION, Detail.HELD),
    "DMG": (Status.EXCEPTION, Detail.DAMAGED),
    "LST": (Status.EXCEPTION, Detail.LOST),
    "REF": (Status.RETURNING, Detail.REFUSED),
    "RTS": (Status.RETURNING, None),
    "RTD": (Status.RETURNED, None),
    "CAN": (Status.CANCELLED, None),
    "XPD": (Status.EXPIRED, None),
}
