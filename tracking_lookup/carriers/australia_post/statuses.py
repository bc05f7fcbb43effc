"""Australia Post's and StarTrack's words in ours: the whole mapping, and nothing but the mapping.

Sources: https://developers.auspost.com.au/content/apis/shipping-and-tracking/
reference-statuses.html (``status`` of an article, a StarTrack consignment and a freight item). The
API gives scans no code, only words, which are not listed anywhere: those of public recordings.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``status``, in lower case.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "created": (Status.LABEL_CREATED, None),
    "sealed": (Status.LABEL_CREATED, None),
    "initiated": (Status.LABEL_CREATED, None),
    "confirmed": (Status.LABEL_CREATED, None),
    "unconfirmed": (Status.LABEL_CREATED, None),
    "incomplete": (Status.LABEL_CREATED, None),
    "ready for pickup": (Status.LABEL_CREATED, None),  # by the carrier, from the sender
    "unsuccessful pickup": (Status.LABEL_CREATED, None),
    "deleted": (Status.CANCELLED, None),
    "cancelled": (Status.CANCELLED, None),
    "re-consigned": (Status.CANCELLED, None),  # goes on under another number
    "picked up": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "partial pickup": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "in transit": (Status.IN_TRANSIT, None),
    "freight handling": (Status.IN_TRANSIT, None),
    "at delivery depot": (Status.IN_TRANSIT, Detail.ARRIVED),
    "booked in": (Status.IN_TRANSIT, Detail.HELD),  # for the day the recipient chose
    "possible delay": (Status.IN_TRANSIT, Detail.DELAYED),
    "on board for delivery": (Status.OUT_FOR_DELIVERY, None),
    "awaiting collection": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "unsuccessful delivery": (Status.DELIVERY_FAILED, None),
    "to be re-delivered": (Status.DELIVERY_FAILED, Detail.RESCHEDULED),
    "delivered": (Status.DELIVERED, None),
    "delivered in full": (Status.DELIVERED, None),
    "item delivered": (Status.DELIVERED, None),
    "partial delivery": (Status.DELIVERED, Detail.OTHER),
    "final shortage": (Status.EXCEPTION, Detail.LOST),
    "article damaged": (Status.EXCEPTION, Detail.DAMAGED),
    "held by courier": (Status.EXCEPTION, Detail.HELD),
    "cannot be delivered": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "track items for detailed delivery information": (Status.UNKNOWN, None),  # they differ
}

# ``description`` of a scan, in lower case and without the place named at its end.
SCANS: Final[dict[str, tuple[Status, Detail | None]]] = {
    "shipping information received by australia post": (Status.LABEL_CREATED, None),
    "shipping information approved by australia post": (Status.LABEL_CREATED, None),
    "shipment information received": (Status.LABEL_CREATED, None),
    "label created by sender": (Status.LABEL_CREATED, None),
    "manifest finalised": (Status.LABEL_CREATED, None),
    "received by australia post": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "received item from sender (outbound)": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "lodged": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "picked up": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "arrived at facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "item processed at facility": (Status.IN_TRANSIT, None),
    "processed at facility": (Status.IN_TRANSIT, None),
    "processed at export facility": (Status.IN_TRANSIT, None),
    "processed by air carrier": (Status.IN_TRANSIT, None),
    "in transit": (Status.IN_TRANSIT, None),
    "in transit to next facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "despatch parcels from export facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "cleared and awaiting international departure": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "flight landed": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived": (Status.IN_TRANSIT, Detail.ARRIVED),  # in a country
    "arrived awaiting clearance (inbound)": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "item is in customs": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "item received into customs for clearance": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "item cleared by customs": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "delayed": (Status.IN_TRANSIT, Detail.DELAYED),
    "onboard for delivery": (Status.OUT_FOR_DELIVERY, None),
    "on board for delivery": (Status.OUT_FOR_DELIVERY, None),
    "awaiting collection": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "attempted delivery": (Status.DELIVERY_FAILED, None),
    "unsuccessful delivery": (Status.DELIVERY_FAILED, None),
    "unsuccessful delivery - addressee not available": (
        Status.DELIVERY_FAILED,
        Detail.RECIPIENT_UNAVAILABLE,
    ),
    "delivery location closed": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),
    "delivered": (Status.DELIVERED, None),
    "delivered - left in a safe place": (Status.DELIVERED, Detail.SAFE_PLACE),
    "return to sender": (Status.RETURNING, None),
    "returned to sender": (Status.RETURNED, None),
}

# What is asked for: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "leave in a safe place requested by receiver": None,
    "redirection requested by receiver": None,
}
