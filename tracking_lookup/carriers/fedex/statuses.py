"""FedEx's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://developer.fedex.com/api/en-us/guides/api-reference.html (tracking status codes; a
copy is in https://github.com/karrioapi/karrio, ``fedex/vendor/Tracking-Status-Codes.html``).
FedEx uses some letters twice; the list "Movement" is the one that scans use. ``AE``, ``HA``, ``IN``
and ``RL`` are not in the list and in many public recordings, each always with the same words.
Delivery exceptions: the FedEx Service Guide's codes "DEX".
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``eventType``, ``latestStatusDetail.code`` and ``derivedCode``.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "OC": (Status.LABEL_CREATED, None),  # order created
    "IN": (Status.LABEL_CREATED, None),  # initiated
    "AP": (Status.LABEL_CREATED, None),  # the driver is at the pickup
    "EP": (Status.LABEL_CREATED, None),  # on the way to the pickup
    "DR": (Status.LABEL_CREATED, None),  # vehicle furnished but not used
    "PD": (Status.LABEL_CREATED, Detail.DELAYED),  # pickup delayed
    "PU": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "PX": (Status.IN_TRANSIT, Detail.PICKED_UP),  # see details
    "AA": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the airport
    "AC": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a Canada Post facility
    "AF": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a local FedEx facility
    "AR": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a FedEx location
    "AX": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a USPS facility
    "FD": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the destination facility
    "OF": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the origin facility
    "SF": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a sort facility
    "PL": (Status.IN_TRANSIT, Detail.ARRIVED),  # plane landed
    "DP": (Status.IN_TRANSIT, Detail.DEPARTED),
    "LO": (Status.IN_TRANSIT, Detail.DEPARTED),  # left origin
    "EA": (Status.IN_TRANSIT, Detail.DEPARTED),  # on the way to the airport
    "EO": (Status.IN_TRANSIT, Detail.DEPARTED),  # on the way to the origin airport
    "PF": (Status.IN_TRANSIT, Detail.DEPARTED),  # plane in flight
    "IT": (Status.IN_TRANSIT, None),
    "IX": (Status.IN_TRANSIT, None),  # see details
    "OW": (Status.IN_TRANSIT, None),  # on the way
    "PM": (Status.IN_TRANSIT, None),  # in progress
    "TR": (Status.IN_TRANSIT, None),  # transfer
    "CH": (Status.IN_TRANSIT, None),  # location changed
    "CC": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "CP": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "CD": (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING),  # clearance delay
    "DD": (Status.IN_TRANSIT, Detail.DELAYED),  # delivery delay
    "DY": (Status.IN_TRANSIT, Detail.DELAYED),
    "RL": (Status.IN_TRANSIT, Detail.DELAYED),  # running late
    "OD": (Status.OUT_FOR_DELIVERY, None),
    "ED": (Status.OUT_FOR_DELIVERY, None),  # on the way to the delivery
    "AD": (Status.OUT_FOR_DELIVERY, None),  # at the delivery
    "HL": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),  # held at a location
    "HP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),  # ready for the recipient
    "DL": (Status.DELIVERED, None),
    "DE": (Status.EXCEPTION, None),  # delivery exception; see EXCEPTIONS
    "SE": (Status.EXCEPTION, None),  # shipment exception
    "RS": (Status.RETURNING, None),  # return to shipper
    "CA": (Status.CANCELLED, None),
    "DS": (Status.UNKNOWN, None),  # vehicle dispatched: whether to fetch or to bring is not said
    "SP": (Status.UNKNOWN, None),  # split status: the pieces differ
}

# What is asked for or foreseen: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "AE": None,  # arriving early
    "AO": None,  # arriving on time
    "HA": None,  # hold at a location accepted
    "OX": None,  # shipment information sent to USPS
    "RR": None,  # delivery option requested
    "RM": None,  # delivery option changed
    "RC": None,  # delivery option cancelled
    "RP": None,  # return label sent by e-mail
    "LP": None,  # return label cancelled
    "RG": None,  # return label ends soon
    "RD": None,  # return label ended
}

# ``exceptionCode`` of a delivery exception ("DE"), without leading zeros.
EXCEPTIONS: Final[dict[str, tuple[Status, Detail | None]]] = {
    "1": (Status.EXCEPTION, Detail.DELAYED),  # delivery not attempted
    "3": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "7": (Status.DELIVERY_FAILED, Detail.REFUSED),
    "8": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),  # or the business is closed
    "10": (Status.EXCEPTION, Detail.DAMAGED),
    "15": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),  # on strike
    "17": (Status.DELIVERY_FAILED, Detail.RESCHEDULED),  # the customer asked for another day
    "30": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),  # attempted after closing time
    "42": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),  # holiday
    "93": (Status.DELIVERY_FAILED, Detail.PAYMENT_DUE),
}
