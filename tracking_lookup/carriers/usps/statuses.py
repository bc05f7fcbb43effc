"""USPS's codes and words in ours: the whole mapping, and nothing but the mapping.

Sources: USPS Publication 199, appendix G-4 (https://postalpro.usps.com/pub199) and Publication 97,
appendix I (https://about.usps.com/publications/pub97/pub97_appi.htm): scan event codes. USPS gives
many scans one code and tells them apart by their words, so the words come first: "Delivered, To
Original Sender" has the code of a delivery. The words are those of https://faq.usps.com and of
public recordings of the API.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``eventCode``.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "MA": (Status.LABEL_CREATED, None),  # manifest acknowledged
    "GX": (Status.LABEL_CREATED, None),  # label created, USPS awaits the item
    "89": (Status.LABEL_CREATED, None),  # merchant's notification, USPS awaits the item
    "03": (Status.IN_TRANSIT, Detail.PICKED_UP),  # accepted or picked up
    "AD": (Status.IN_TRANSIT, Detail.PICKED_UP),  # accepted at the destination
    "OA": (Status.IN_TRANSIT, Detail.PICKED_UP),  # accepted at the origin
    "PA": (Status.IN_TRANSIT, Detail.PICKED_UP),  # passive acceptance
    "TM": (Status.IN_TRANSIT, Detail.PICKED_UP),  # truck manifest
    "UA": (Status.IN_TRANSIT, Detail.PICKED_UP),  # accepted at a USPS facility
    "80": (Status.IN_TRANSIT, Detail.PICKED_UP),  # by a shipping partner
    "81": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the partner's facility
    "82": (Status.IN_TRANSIT, Detail.DEPARTED),  # from the partner's facility
    "19": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a distribution centre
    "07": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the post office
    "41": (Status.IN_TRANSIT, Detail.ARRIVED),  # at the opening unit
    "A1": (Status.IN_TRANSIT, Detail.ARRIVED),  # at a facility
    "10": (Status.IN_TRANSIT, None),  # processed
    "PC": (Status.IN_TRANSIT, None),  # sorting complete
    "NT": (Status.IN_TRANSIT, None),  # to the next facility
    "42": (Status.IN_TRANSIT, None),  # handed to a shipping partner
    "43": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "83": (Status.IN_TRANSIT, None),  # tendered to the postal service
    "EF": (Status.IN_TRANSIT, Detail.DEPARTED),  # from a sort facility
    "L1": (Status.IN_TRANSIT, Detail.DEPARTED),  # from a facility
    "SF": (Status.IN_TRANSIT, Detail.DEPARTED),  # from the post office
    "06": (Status.IN_TRANSIT, Detail.FORWARDED),
    "08": (Status.IN_TRANSIT, Detail.DELAYED),  # missent
    "15": (Status.IN_TRANSIT, Detail.DELAYED),  # mis-shipped
    "71": (Status.IN_TRANSIT, Detail.RESCHEDULED),  # to the next delivery day
    "OF": (Status.OUT_FOR_DELIVERY, None),
    "14": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "16": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "01": (Status.DELIVERED, None),
    "02": (Status.DELIVERY_FAILED, None),  # notice left
    "52": (Status.DELIVERY_FAILED, None),  # notice left
    "30": (Status.DELIVERY_FAILED, None),  # no access
    "51": (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED),
    "53": (Status.DELIVERY_FAILED, None),  # receptacle blocked
    "54": (Status.DELIVERY_FAILED, None),  # receptacle full, or the item too large
    "55": (Status.DELIVERY_FAILED, None),  # no secure place
    "56": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    "04": (Status.DELIVERY_FAILED, Detail.REFUSED),
    "05": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),  # undeliverable as addressed
    "11": (Status.EXCEPTION, Detail.LOST),  # dead letter: in the mail recovery centre
    "09": (Status.RETURNING, None),
    "21": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # no such number
    "22": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # insufficient address
    "23": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # moved, left no address
    "24": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # forwarding ended
    "25": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # addressee unknown
    "26": (Status.RETURNING, Detail.ADDRESS_PROBLEM),  # vacant
    "27": (Status.RETURNING, None),  # unclaimed
    "28": (Status.RETURNING, None),  # deceased
    "29": (Status.RETURNING, Detail.OTHER),
    "31": (Status.RETURNING, None),  # not picked up
    "44": (Status.RETURNING, None),  # recalled by the sender
    "17": (Status.UNKNOWN, None),  # picked up by an agent: the recipient's or the sender's
}

# What is made known: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "DX": None,  # delivery status not updated
    "GC": None,  # return receipt associated
}

# ``eventType`` and ``status``, in lower case.
WORDS: Final[dict[str, tuple[Status, Detail | None]]] = {
    "label cancelled": (Status.CANCELLED, None),
    "shipping label created, usps awaiting item": (Status.LABEL_CREATED, None),
    "merchant order receipt notification, usps awaiting item": (Status.LABEL_CREATED, None),
    "pre-shipment info sent to usps": (Status.LABEL_CREATED, None),
    "pre-shipment info sent to usps, usps awaiting item": (Status.LABEL_CREATED, None),
    "usps expects item for mailing (ssk)": (Status.LABEL_CREATED, None),
    "acceptance": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "accepted at usps destination facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "accepted at usps facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "accepted at usps origin facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "accepted at usps regional destination facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "accepted at usps regional facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "accepted at usps regional origin facility": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "shipment received, package acceptance pending": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "usps in possession of item": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "usps picked up item": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "picked up by shipping partner, usps awaiting item": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "arrived shipping partner facility, usps awaiting item": (Status.IN_TRANSIT, Detail.ARRIVED),
    "departed shipping partner facility, usps awaiting item": (Status.IN_TRANSIT, Detail.DEPARTED),
    "arrived": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at hub": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at military post office": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at post office": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at regional facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at usps destination facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at usps facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at usps origin facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at usps regional destination facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at usps regional facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrived at usps regional origin facility": (Status.IN_TRANSIT, Detail.ARRIVED),
    "arrival at post office": (Status.IN_TRANSIT, Detail.ARRIVED),
    "departed": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed post office": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed usps destination facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed usps facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed usps origin facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed usps regional destination facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed usps regional facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "departed usps regional origin facility": (Status.IN_TRANSIT, Detail.DEPARTED),
    "depart from transit office of exchange": (Status.IN_TRANSIT, Detail.DEPARTED),
    "dispatched from usps international service center": (Status.IN_TRANSIT, Detail.DEPARTED),
    "in transit to next facility": (Status.IN_TRANSIT, None),
    "in transit, arriving on time": (Status.IN_TRANSIT, None),
    "in transit, arriving late": (Status.IN_TRANSIT, Detail.DELAYED),
    "processed at usps regional destination facility": (Status.IN_TRANSIT, None),
    "processed through facility": (Status.IN_TRANSIT, None),
    "processed through regional facility": (Status.IN_TRANSIT, None),
    "processed through usps facility": (Status.IN_TRANSIT, None),
    "redelivery scheduled": (Status.IN_TRANSIT, Detail.RESCHEDULED),
    "customs clearance": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "inbound into customs": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "held in customs": (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING),
    "customs clearance processing complete": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "inbound out of customs": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "released from us customs": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "out for delivery": (Status.OUT_FOR_DELIVERY, None),
    "out for delivery, expected delivery by 9:00pm": (Status.OUT_FOR_DELIVERY, None),
    "available for pickup": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "available for redelivery or pickup": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "collect for pick up": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "held at post office, at customer request": (Status.AVAILABLE_FOR_PICKUP, Detail.HELD),
    "delivered, neighbor as requested": (Status.DELIVERED, Detail.TO_NEIGHBOUR),
    "delivered, parcel locker": (Status.DELIVERED, Detail.TO_LOCKER),
    "delivered, garage or other location at address": (Status.DELIVERED, Detail.SAFE_PLACE),
    "delivered to agent for final delivery": (Status.IN_TRANSIT, None),  # not to the shopper yet
    "delivered, to original sender": (Status.RETURNED, None),
    "tendered to returns agent": (Status.RETURNED, None),
    "attempted delivery abroad": (Status.DELIVERY_FAILED, None),
    "return to sender": (Status.RETURNING, None),
    "return to sender processed": (Status.RETURNING, None),
    "unclaimed/being returned to sender": (Status.RETURNING, None),
}

# ``statusCategory``, in lower case: the last resort. "Alert": something is wrong, not what.
CATEGORIES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "pre-shipment": (Status.LABEL_CREATED, None),
    "accepted": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "in transit": (Status.IN_TRANSIT, None),
    "preparing for delivery": (Status.IN_TRANSIT, None),
    "out for delivery": (Status.OUT_FOR_DELIVERY, None),
    "available for pickup": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "delivery attempt": (Status.DELIVERY_FAILED, None),
    "delivered": (Status.DELIVERED, None),
    "delivered to agent": (Status.IN_TRANSIT, None),
    "alert": (Status.EXCEPTION, None),
}
