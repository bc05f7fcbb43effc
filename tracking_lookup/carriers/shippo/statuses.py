"""Shippo's codes in our words: the whole mapping, and nothing but the mapping.

Source: https://docs.goshippo.com/docs/tracking/tracking/ (event definitions). Carrier tokens:
https://docs.goshippo.com/shippoapi/public-api/carriers.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``status``, and ``status/substatus`` as Shippo publishes them in pairs.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "PRE_TRANSIT": (Status.LABEL_CREATED, None),
    "PRE_TRANSIT/information_received": (Status.LABEL_CREATED, None),
    "TRANSIT": (Status.IN_TRANSIT, None),
    "TRANSIT/address_issue": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "TRANSIT/contact_carrier": (Status.EXCEPTION, None),
    "TRANSIT/delayed": (Status.IN_TRANSIT, Detail.DELAYED),
    "TRANSIT/delivery_attempted": (Status.DELIVERY_FAILED, None),
    "TRANSIT/delivery_rescheduled": (Status.IN_TRANSIT, Detail.RESCHEDULED),
    "TRANSIT/delivery_scheduled": (Status.IN_TRANSIT, None),
    "TRANSIT/location_inaccessible": (Status.DELIVERY_FAILED, Detail.OTHER),
    "TRANSIT/notice_left": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "TRANSIT/out_for_delivery": (Status.OUT_FOR_DELIVERY, None),
    "TRANSIT/package_accepted": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "TRANSIT/package_arrived": (Status.IN_TRANSIT, Detail.ARRIVED),
    "TRANSIT/package_damaged": (Status.EXCEPTION, Detail.DAMAGED),
    "TRANSIT/package_departed": (Status.IN_TRANSIT, Detail.DEPARTED),
    "TRANSIT/package_forwarded": (Status.IN_TRANSIT, Detail.FORWARDED),
    "TRANSIT/package_held": (Status.EXCEPTION, Detail.HELD),
    "TRANSIT/package_processed": (Status.IN_TRANSIT, None),
    "TRANSIT/package_processing": (Status.IN_TRANSIT, None),
    "TRANSIT/pickup_available": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "TRANSIT/reschedule_delivery": (Status.EXCEPTION, None),  # the recipient must call the carrier
    "DELIVERED": (Status.DELIVERED, None),
    "DELIVERED/delivered": (Status.DELIVERED, None),
    "RETURNED": (Status.RETURNING, None),  # on its way back, or back: Shippo does not tell which
    "RETURNED/return_to_sender": (Status.RETURNING, None),
    "RETURNED/package_unclaimed": (Status.RETURNING, None),
    "FAILURE": (Status.EXCEPTION, None),
    "FAILURE/package_undeliverable": (Status.EXCEPTION, None),
    "FAILURE/package_disposed": (Status.EXCEPTION, Detail.DESTROYED),
    "FAILURE/package_lost": (Status.EXCEPTION, Detail.LOST),
    "UNKNOWN": (Status.UNKNOWN, None),
    "UNKNOWN/other": (Status.UNKNOWN, None),
}

# Their carrier token → our slug.
CARRIERS: Final[dict[str, str]] = {
    "ups": "ups",
    "fedex": "fedex",
    "usps": "usps",
    "dhl_germany": "dhl",
    "dhl_germany_c2c": "dhl",
    "dhl_benelux": "dhl",
    "dhl_ecommerce": "dhl",
    "dhl_express": "dhl_express",
    "canada_post": "canada_post",
    "australia_post": "australia_post",
    "colissimo": "la_poste",
    "dpd_de": "dpd",
    "dpd_uk": "dpd",
    "hermes_uk": "evri",
    "royal_mail": "royal_mail",
}
