"""Royal Mail's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://developer.royalmail.net (Tracking API v2) for the categories; Royal Mail publishes
no whole list of event codes. The rows are those whose meaning is told in public:
github.com/elliotjreed/royal-mail-tracking (README) and github.com/jampez77/RoyalMail (api.md).
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# An event's code, then (with spaces) a mail piece's ``statusCategory``.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "EVAIE": (Status.LABEL_CREATED, None),  # sender has told of it
    "EVAIP": (Status.LABEL_CREATED, None),
    "EVPPA": (Status.IN_TRANSIT, Detail.PICKED_UP),  # at the post office
    "EVDAV": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVDAC": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVIMC": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVIAV": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVBAV": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVBAH": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVOAC": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVORI": (Status.IN_TRANSIT, Detail.ARRIVED),
    "EVODO": (Status.IN_TRANSIT, Detail.DEPARTED),
    "EVOCO": (Status.IN_TRANSIT, None),
    "EVNMI": (Status.IN_TRANSIT, None),  # at the wrong office, sent on
    "EVGMI": (Status.IN_TRANSIT, None),
    "EVIPI": (Status.IN_TRANSIT, None),
    "EVNSR": (Status.IN_TRANSIT, None),
    "EVNAR": (Status.IN_TRANSIT, Detail.RESCHEDULED),
    "EVNKS": (Status.IN_TRANSIT, Detail.HELD),  # kept as asked
    "EVNRT": (Status.IN_TRANSIT, Detail.HELD),
    "EVGPD": (Status.OUT_FOR_DELIVERY, None),
    "EVKSP": (Status.DELIVERED, Detail.SIGNED),
    "EVKOP": (Status.DELIVERED, None),
    "EVPLC": (Status.DELIVERED, None),  # fetched at the local office
    "EVNOC": (Status.DELIVERED, None),
    "EVKSF": (Status.DELIVERED, Detail.SAFE_PLACE),
    "EVKDN": (Status.DELIVERED, Detail.TO_NEIGHBOUR),
    "EVKLC": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "EVKLS": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "EVPLA": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "EVNPS": (Status.AVAILABLE_FOR_PICKUP, None),
    "EVKNA": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "EVNDA": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "EVKNR": (Status.DELIVERY_FAILED, None),
    "EVKSU": (Status.DELIVERY_FAILED, None),
    "EVNDN": (Status.DELIVERY_FAILED, None),
    "EVKAA": (Status.DELIVERY_FAILED, Detail.ADDRESS_PROBLEM),
    "EVNAA": (Status.DELIVERY_FAILED, Detail.ADDRESS_PROBLEM),
    "EVKAI": (Status.RETURNING, Detail.ADDRESS_PROBLEM),
    "EVKGA": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # gone away
    "EVNGA": (Status.RETURNING, Detail.ADDRESS_PROBLEM),
    "EVKRF": (Status.RETURNING, Detail.REFUSED),
    "EVNRF": (Status.RETURNING, Detail.REFUSED),
    "EVRTS": (Status.RETURNED, None),
    "IN TRANSIT": (Status.IN_TRANSIT, None),
    "DELIVERED": (Status.DELIVERED, None),
    "EXCEPTION": (Status.EXCEPTION, None),
    "NOT FOUND": (Status.NOT_FOUND, None),
    "EXPIRED": (Status.EXPIRED, None),
}

# A redelivery was asked for: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "ASRXS": Detail.RESCHEDULED,
    "RFRXS": Detail.RESCHEDULED,
    "RNRXS": Detail.RESCHEDULED,
    "RORXS": Detail.RESCHEDULED,
    "RPRXS": Detail.RESCHEDULED,
    "RSRXS": Detail.RESCHEDULED,
}
