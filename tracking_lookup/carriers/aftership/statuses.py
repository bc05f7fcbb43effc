"""AfterShip's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://www.aftership.com/docs/tracking/2025-01/enum/delivery-statuses (9 tags),
https://www.aftership.com/docs/tracking/2026-07/enum/delivery-sub-statuses and
https://support.aftership.com/en/article/learn-about-delivery-sub-statuses-1b0hdlx/ (sub-codes).
Rows marked "legacy" are seen in public clients only. Codes seen without any text
(``Exception_014``, ``Exception_015``, ``Pending_002`` to ``_006``) have no row: their tag counts.
Courier slugs: https://www.aftership.com/docs/tracking/others/supported-couriers.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``tag`` and ``subtag``: one meaning wherever the same word is used.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "Pending": (Status.NOT_FOUND, None),  # waits for its first look-up, or nothing is known yet
    "Pending_001": (Status.NOT_FOUND, None),
    "InfoReceived": (Status.LABEL_CREATED, None),
    "InfoReceived_001": (Status.LABEL_CREATED, None),
    "InTransit": (Status.IN_TRANSIT, None),
    "InTransit_001": (Status.IN_TRANSIT, None),
    "InTransit_002": (Status.IN_TRANSIT, Detail.PICKED_UP),  # acceptance scan
    "InTransit_003": (Status.IN_TRANSIT, Detail.ARRIVED),
    "InTransit_004": (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),
    "InTransit_005": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "InTransit_006": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "InTransit_007": (Status.IN_TRANSIT, Detail.DEPARTED),
    "InTransit_008": (Status.IN_TRANSIT, None),  # a problem was resolved
    "InTransit_009": (Status.IN_TRANSIT, Detail.FORWARDED),
    "OutForDelivery": (Status.OUT_FOR_DELIVERY, None),
    "OutForDelivery_001": (Status.OUT_FOR_DELIVERY, None),
    "OutForDelivery_002": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),  # legacy
    "OutForDelivery_003": (Status.OUT_FOR_DELIVERY, None),  # the customer was contacted
    "OutForDelivery_004": (Status.OUT_FOR_DELIVERY, Detail.RESCHEDULED),  # an appointment is made
    "AttemptFail": (Status.DELIVERY_FAILED, None),
    "AttemptFail_001": (Status.DELIVERY_FAILED, None),
    "AttemptFail_002": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "AttemptFail_003": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),
    "Delivered": (Status.DELIVERED, None),
    "Delivered_001": (Status.DELIVERED, None),
    "Delivered_002": (Status.DELIVERED, None),  # picked up by the customer
    "Delivered_003": (Status.DELIVERED, Detail.SIGNED),
    "Delivered_004": (Status.DELIVERED, None),  # and paid on delivery
    "Delivered_005": (Status.DELIVERED, Detail.TO_NEIGHBOUR),
    "AvailableForPickup": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "AvailableForPickup_001": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "Exception": (Status.EXCEPTION, None),
    "Exception_001": (Status.EXCEPTION, None),
    "Exception_002": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),  # the customer has moved
    "Exception_003": (Status.EXCEPTION, Detail.REFUSED),
    "Exception_004": (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING),  # delayed in customs
    "Exception_005": (Status.EXCEPTION, Detail.DELAYED),
    "Exception_006": (Status.EXCEPTION, Detail.PAYMENT_DUE),
    "Exception_007": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "Exception_008": (Status.EXCEPTION, Detail.HELD),  # was not picked up
    "Exception_009": (Status.EXCEPTION, Detail.OTHER),  # the carrier does not take it
    "Exception_010": (Status.RETURNING, None),
    "Exception_011": (Status.RETURNED, None),
    "Exception_012": (Status.EXCEPTION, Detail.DAMAGED),
    "Exception_013": (Status.EXCEPTION, Detail.LOST),
    "Exception_016": (Status.EXCEPTION, Detail.DELAYED),  # in processing
    "Exception_017": (Status.EXCEPTION, Detail.WEATHER),
    "Exception_018": (Status.EXCEPTION, Detail.DOCUMENTS_MISSING),
    "Exception_019": (Status.EXCEPTION, Detail.DELAYED),  # a late flight
    "Exception_020": (Status.CANCELLED, None),
    "Exception_021": (Status.EXCEPTION, Detail.DESTROYED),
    "Expired": (Status.EXPIRED, None),
    "Expired_001": (Status.EXPIRED, None),
}

# Their courier slug → our slug.
CARRIERS: Final[dict[str, str]] = {
    "ups": "ups",
    "fedex": "fedex",
    "usps": "usps",
    "dhl": "dhl_express",
    "dhl-germany": "dhl",
    "canada-post": "canada_post",
    "australia-post": "australia_post",
    "la-poste-colissimo": "la_poste",
    "gls": "gls",
    "dpd": "dpd",
    "dpd-de": "dpd",
    "dpd-uk": "dpd",
    "myhermes-uk": "evri",
    "royal-mail": "royal_mail",
}
