"""EasyPost's codes in our words: the whole mapping, and nothing but the mapping.

Source: https://docs.easypost.com/docs/trackers (the tracker's ``status`` and ``status_detail``).
Carrier names: https://docs.easypost.com/docs/carriers.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``status``: where the parcel is.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "unknown": (Status.UNKNOWN, None),  # new, or the carrier has said nothing yet
    "pre_transit": (Status.LABEL_CREATED, None),
    "in_transit": (Status.IN_TRANSIT, None),
    "out_for_delivery": (Status.OUT_FOR_DELIVERY, None),
    "delivered": (Status.DELIVERED, None),
    "available_for_pickup": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "return_to_sender": (Status.RETURNING, None),
    "failure": (Status.EXCEPTION, None),
    "cancelled": (Status.CANCELLED, None),
    "error": (Status.UNKNOWN, None),  # of the tracker, not of the parcel
}

# ``status_detail``: what it means by itself. It narrows a status that says little (``in_transit``,
# ``failure``) and gives the others their why; it never overrules them.
DETAILS: Final[dict[str, tuple[Status, Detail | None]]] = {
    "address_correction": (Status.IN_TRANSIT, Detail.FORWARDED),  # it was corrected
    "arrived_at_destination": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived_at_facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived_at_pickup_location": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "awaiting_information": (Status.EXCEPTION, Detail.HELD),
    "cancelled": (Status.CANCELLED, None),
    "damaged": (Status.EXCEPTION, Detail.DAMAGED),
    "delayed": (Status.IN_TRANSIT, Detail.DELAYED),
    "delivery_exception": (Status.EXCEPTION, None),
    "departed_facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed_origin_facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "expired": (Status.EXPIRED, None),
    "failure": (Status.EXCEPTION, None),
    "held": (Status.EXCEPTION, Detail.HELD),
    "in_transit": (Status.IN_TRANSIT, None),
    "label_created": (Status.LABEL_CREATED, None),
    "lost": (Status.EXCEPTION, Detail.LOST),
    "missorted": (Status.IN_TRANSIT, Detail.DELAYED),
    "out_for_delivery": (Status.OUT_FOR_DELIVERY, None),
    "received_at_destination_facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "received_at_origin_facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "refused": (Status.EXCEPTION, Detail.REFUSED),
    "return": (Status.RETURNING, None),
    "status_update": (Status.UNKNOWN, None),  # says nothing
    "transferred_to_destination_carrier": (Status.IN_TRANSIT, Detail.DEPARTED),
    "transit_exception": (Status.EXCEPTION, None),
    "unknown": (Status.UNKNOWN, None),
    "weather_delay": (Status.IN_TRANSIT, Detail.WEATHER),
}

# Their carrier name → our slug.
CARRIERS: Final[dict[str, str]] = {
    "UPS": "ups",
    "FedEx": "fedex",
    "USPS": "usps",
    "DHLPaket": "dhl",
    "DHLExpress": "dhl_express",
    "CanadaPost": "canada_post",
    "AustraliaPost": "australia_post",
    "GLS": "gls",
    "DPD": "dpd",
    "DPDUK": "dpd",
    "Evri": "evri",
    "RoyalMail": "royal_mail",
}
