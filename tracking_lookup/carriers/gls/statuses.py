"""GLS's codes in our words: the whole mapping, and nothing but the mapping.

Source: https://dev-portal.gls-group.net, "Track And Trace V1" 1.0.7 (its OpenAPI description, also
in github.com/karrioapi/karrio, modules/connectors/gls/vendor): all values of a parcel's ``status``,
and those codes of events that the description names. GLS gives the list of all event codes to
holders of a key only (``GET /tracking/events/codes``).
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# A parcel's ``status``.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "PLANNEDPICKUP": (Status.LABEL_CREATED, None),
    "INPICKUP": (Status.LABEL_CREATED, None),  # the driver is on the way to it
    "NOTPICKEDUP": (Status.EXCEPTION, None),
    "PREADVICE": (Status.LABEL_CREATED, None),
    "INTRANSIT": (Status.IN_TRANSIT, None),
    "INWAREHOUSE": (Status.IN_TRANSIT, Detail.ARRIVED),
    "INDELIVERY": (Status.OUT_FOR_DELIVERY, None),
    # "Delivered" to a parcel shop: it waits there for the shopper.
    "DELIVEREDPS": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "DELIVERED": (Status.DELIVERED, None),
    "NOTDELIVERED": (Status.DELIVERY_FAILED, None),
    "CANCELED": (Status.CANCELLED, None),
    "FINAL": (Status.UNKNOWN, None),  # nothing more will come; how it ended, the events say
}

# An event's ``code``. "INTIAL", "INBOUD" and "OUTBOD" are spelt so by GLS.
SCANS: Final[dict[str, tuple[Status, Detail | None]]] = {
    "INTIAL.PREADVICE": (Status.LABEL_CREATED, None),
    "INTIAL.E48_DATA": (Status.LABEL_CREATED, None),
    "INTIAL.NORMAL": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "INBOUD.NORMAL": (Status.IN_TRANSIT, Detail.ARRIVED),
    "OUTBOD.NORMAL": (Status.IN_TRANSIT, Detail.DEPARTED),
    "OUTDEL.NORMAL": (Status.OUT_FOR_DELIVERY, None),
    "DELIVD.NORMAL": (Status.DELIVERED, None),
    "DELIVD.DEL_BY_PSAPP": (Status.DELIVERED, None),  # handed out by the parcel shop
    "DELIVD.PARCELSHOP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "CANCEL.NORMAL": (Status.CANCELLED, None),
}

# Asked for or decided, with no move: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "CHANGD.MONEWADDR": Detail.FORWARDED,
    "CHANGD.PARCELBOX": Detail.TO_LOCKER,
}
