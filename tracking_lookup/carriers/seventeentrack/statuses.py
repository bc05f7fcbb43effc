"""17TRACK's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://asset.17track.net/api/document/v2.4_en/index.html (main statuses, sub-statuses,
milestones; v2.2 has 27 sub-statuses, v2.4 adds the three of customs). ``Exception_Damaged`` is not
published, but seen beside ``Exception_Damage``. Carrier keys: the same document's list
https://res.17track.net/asset/carrier/info/apicarrier.all.json, as used by public clients of it.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# Main statuses, sub-statuses and milestones: one meaning wherever the same word is used.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "NotFound": (Status.NOT_FOUND, None),
    "NotFound_Other": (Status.NOT_FOUND, None),  # the carrier returned no message
    "NotFound_InvalidCode": (Status.NOT_FOUND, None),
    "InfoReceived": (Status.LABEL_CREATED, None),
    "InTransit": (Status.IN_TRANSIT, None),
    "InTransit_PickedUp": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "InTransit_Other": (Status.IN_TRANSIT, None),
    "InTransit_Departure": (Status.IN_TRANSIT, Detail.LEFT_ORIGIN_COUNTRY),
    "InTransit_Arrival": (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),
    "InTransit_CustomsProcessing": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "InTransit_CustomsReleased": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "InTransit_CustomsRequiringInformation": (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),
    "Expired": (Status.EXPIRED, None),
    "Expired_Other": (Status.EXPIRED, None),
    "AvailableForPickup": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "AvailableForPickup_Other": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "OutForDelivery": (Status.OUT_FOR_DELIVERY, None),
    "OutForDelivery_Other": (Status.OUT_FOR_DELIVERY, None),
    "DeliveryFailure": (Status.DELIVERY_FAILED, None),
    "DeliveryFailure_Other": (Status.DELIVERY_FAILED, None),
    "DeliveryFailure_NoBody": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "DeliveryFailure_Security": (Status.DELIVERY_FAILED, Detail.SECURITY),
    "DeliveryFailure_Rejected": (Status.DELIVERY_FAILED, Detail.REFUSED),
    "DeliveryFailure_InvalidAddress": (Status.DELIVERY_FAILED, Detail.ADDRESS_PROBLEM),
    "Delivered": (Status.DELIVERED, None),
    "Delivered_Other": (Status.DELIVERED, None),
    "Exception": (Status.EXCEPTION, None),
    "Exception_Other": (Status.EXCEPTION, None),
    "Exception_Returning": (Status.RETURNING, None),
    "Exception_Returned": (Status.RETURNED, None),
    "Exception_NoBody": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),  # odd data, before delivery
    "Exception_Security": (Status.EXCEPTION, Detail.SECURITY),
    "Exception_Damage": (Status.EXCEPTION, Detail.DAMAGED),
    "Exception_Damaged": (Status.EXCEPTION, Detail.DAMAGED),
    "Exception_Rejected": (Status.EXCEPTION, Detail.REFUSED),
    "Exception_Delayed": (Status.EXCEPTION, Detail.DELAYED),
    "Exception_Lost": (Status.EXCEPTION, Detail.LOST),
    "Exception_Destroyed": (Status.EXCEPTION, Detail.DESTROYED),
    "Exception_Cancel": (Status.CANCELLED, None),
    # Milestones that are no status of its own (``stage``).
    "PickedUp": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "Departure": (Status.IN_TRANSIT, Detail.LEFT_ORIGIN_COUNTRY),
    "Arrival": (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),
    "Returning": (Status.RETURNING, None),
    "Returned": (Status.RETURNED, None),
}

# Their carrier key → our slug.
CARRIERS: Final[dict[str, str]] = {
    "100002": "ups",
    "100003": "fedex",
    "21051": "usps",
    "7041": "dhl",  # DHL Paket
    "100001": "dhl_express",
    "3041": "canada_post",
    "1151": "australia_post",
    "6051": "la_poste",  # Colissimo
    "100005": "gls",
    "100007": "dpd",  # Germany
    "100010": "dpd",  # United Kingdom
    "11031": "royal_mail",
}
