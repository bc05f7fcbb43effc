"""UPS's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://developer.ups.com/api/reference/tracking/appendix (package status codes) and
https://github.com/UPS-API/api-documentation, ``Tracking.yaml`` and ``UPSTrackAlert.yaml`` (types).
Where UPS uses one text for several codes ("On the Way", "Delay") so do the rows here.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``statusCode``: what a scan means for the package, three digits.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "000": (Status.UNKNOWN, None),  # status not available
    "003": (Status.LABEL_CREATED, None),  # ready for UPS
    "005": (Status.IN_TRANSIT, None),
    "006": (Status.OUT_FOR_DELIVERY, None),  # on vehicle for delivery
    "007": (Status.CANCELLED, None),  # shipment information voided
    "010": (Status.IN_TRANSIT, None),  # in transit, on time
    "011": (Status.DELIVERED, None),
    "012": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "013": (Status.EXCEPTION, None),
    "014": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "016": (Status.EXCEPTION, Detail.HELD),  # in a warehouse
    "017": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),  # held for customer pickup
    "019": (Status.IN_TRANSIT, Detail.HELD),  # for a later delivery, as asked
    "021": (Status.OUT_FOR_DELIVERY, None),
    "022": (Status.DELIVERY_FAILED, None),  # first attempt
    "023": (Status.DELIVERY_FAILED, None),  # second attempt
    "024": (Status.DELIVERY_FAILED, None),  # final attempt
    "025": (Status.IN_TRANSIT, None),  # handed to the local post office
    "026": (Status.DELIVERED, None),  # by the local post office
    "029": (Status.EXCEPTION, Detail.OTHER),  # action required; whose is not said
    "030": (Status.EXCEPTION, None),  # at the local post office
    "032": (Status.IN_TRANSIT, Detail.WEATHER),  # may cause delay
    "034": (Status.RETURNED, None),
    "035": (Status.RETURNING, None),
    "036": (Status.RETURNING, None),  # in transit
    "037": (Status.RETURNING, None),  # on vehicle for delivery to the sender
    "038": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "039": (Status.IN_TRANSIT, None),  # by the post office
    "040": (
        Status.AVAILABLE_FOR_PICKUP,
        Detail.AT_PICKUP_POINT,
    ),  # "delivered" to an Access Point: not to the shopper
    "044": (Status.LABEL_CREATED, None),  # on its way to UPS: not handed over yet
    "045": (Status.LABEL_CREATED, None),  # on its way to UPS: not handed over yet
    "046": (Status.IN_TRANSIT, Detail.DELAYED),
    "047": (Status.IN_TRANSIT, Detail.DELAYED),
    "048": (Status.IN_TRANSIT, Detail.DELAYED),
    "049": (Status.EXCEPTION, Detail.DELAYED),  # action required
    "050": (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
    "051": (Status.IN_TRANSIT, Detail.WEATHER),  # emergency or severe weather
    "052": (Status.IN_TRANSIT, Detail.WEATHER),
    "053": (Status.IN_TRANSIT, Detail.WEATHER),  # recovering
    "055": (Status.IN_TRANSIT, Detail.RESCHEDULED),
    "057": (Status.IN_TRANSIT, None),  # to an Access Point
    "058": (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),  # clearance information required
    "059": (Status.EXCEPTION, Detail.DAMAGED),
    "060": (Status.DELIVERY_FAILED, None),
    "061": (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),  # no adult to sign
    "062": (Status.DELIVERY_FAILED, Detail.PAYMENT_DUE),
    "064": (Status.DELIVERY_FAILED, Detail.REFUSED),
    "065": (Status.LABEL_CREATED, None),  # pickup at the sender attempted
    "066": (Status.DELIVERY_FAILED, None),  # by the post office
    "067": (Status.RETURNED, None),  # by the post office
    "068": (Status.EXCEPTION, Detail.LOST),  # sent to lost and found
    "069": (Status.EXCEPTION, Detail.OTHER),  # not claimed, or unable to deliver
    "070": (Status.IN_TRANSIT, None),  # not at the Access Point yet
    "071": (Status.IN_TRANSIT, None),  # being prepared for delivery
    "072": (Status.OUT_FOR_DELIVERY, None),  # loaded on the delivery vehicle
    "073": (Status.IN_TRANSIT, None),  # to a delivery partner
    "074": (Status.IN_TRANSIT, None),  # with a delivery partner
    "075": (Status.IN_TRANSIT, None),  # scheduled for delivery
    "076": (Status.EXCEPTION, None),  # at a delivery partner
    "077": (Status.LABEL_CREATED, None),  # to be picked up from the sender today
    "078": (Status.OUT_FOR_DELIVERY, None),  # the driver arrives soon
    "079": (Status.LABEL_CREATED, None),  # on its way to UPS
    "080": (Status.LABEL_CREATED, None),  # ready for UPS
    "081": (Status.RETURNED, Detail.DAMAGED),
    "083": (Status.EXCEPTION, Detail.HELD),
    "084": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "085": (Status.EXCEPTION, Detail.PAYMENT_DUE),  # held for cash on delivery
    "086": (Status.IN_TRANSIT, Detail.DELAYED),
    "087": (Status.IN_TRANSIT, None),
    "089": (Status.OUT_FOR_DELIVERY, None),
    "090": (Status.IN_TRANSIT, Detail.DELAYED),
    "091": (Status.OUT_FOR_DELIVERY, None),
    "092": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),
    "118": (Status.RETURNING, None),  # return to sender confirmed
    "123": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),  # with a broker who is not UPS
    "124": (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),
    "125": (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),
    "126": (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING),  # with a government agency
    "131": (Status.LABEL_CREATED, None),  # final pickup at the sender attempted
    "132": (Status.IN_TRANSIT, Detail.SECURITY),  # delay by airport security
    "133": (Status.LABEL_CREATED, None),  # return label left with the customer
    "134": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
    "135": (Status.LABEL_CREATED, None),  # second pickup at the sender attempted
    "136": (Status.IN_TRANSIT, Detail.RESCHEDULED),  # for Saturday
    "137": (Status.IN_TRANSIT, None),  # to a delivery partner
    "138": (Status.IN_TRANSIT, None),  # awaiting departure
    "139": (Status.EXCEPTION, Detail.SECURITY),  # the driver needs access to the site
    "141": (Status.EXCEPTION, Detail.DOCUMENTS_MISSING),
    "143": (Status.IN_TRANSIT, None),  # with an agent
    "144": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),  # at the post office
    "145": (Status.DELIVERY_FAILED, None),
    "146": (Status.OUT_FOR_DELIVERY, None),
    "147": (Status.EXCEPTION, Detail.SECURITY),  # seized by law enforcement
    "148": (Status.UNKNOWN, None),  # information unavailable
    "149": (Status.EXCEPTION, Detail.DESTROYED),  # prohibited contents
    "155": (Status.DELIVERED, None),  # a photo of the delivery
    "156": (Status.DELIVERED, None),  # inside a business
    "157": (Status.LABEL_CREATED, None),
    "158": (Status.IN_TRANSIT, None),
    "159": (Status.IN_TRANSIT, None),
    "160": (Status.IN_TRANSIT, Detail.PICKED_UP),  # UPS has it
    "161": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),  # at an Access Point
    "162": (Status.OUT_FOR_DELIVERY, None),
    "163": (Status.UNKNOWN, None),  # information unavailable
    "164": (Status.IN_TRANSIT, None),
    "165": (Status.IN_TRANSIT, None),
    "166": (Status.LABEL_CREATED, None),  # ready for the courier
    "167": (Status.IN_TRANSIT, Detail.PICKED_UP),  # dropped off at a UPS Store
    "168": (Status.IN_TRANSIT, Detail.PICKED_UP),  # dropped off at a shop
    "169": (Status.IN_TRANSIT, Detail.PICKED_UP),  # dropped off at an Access Point
}

# ``statusCode`` of what is asked for or announced: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "018": None,  # hold for pickup requested
    "020": Detail.RESCHEDULED,  # a later delivery requested
    "027": None,  # another address requested
    "028": Detail.FORWARDED,  # address changed
    "033": None,  # return to sender requested
    "041": None,  # service upgrade requested
    "042": None,  # service upgraded
    "043": None,  # pickup voided
    "054": None,  # delivery change requested
    "056": None,  # service upgrade requested
    "063": None,  # delivery change completed
    "082": None,  # delivery instructions received
    "093": None,  # Premier recovery in progress
    "094": None,  # Premier recovery completed
    "095": None,  # another attempt requested
    "096": Detail.FORWARDED,  # address change confirmed
    "097": None,  # address change requested
    "098": None,  # original address requested
    "099": None,  # original address confirmed
    "100": None,  # hold at an Access Point confirmed
    "101": None,  # hold at an Access Point requested
    "102": None,  # hold for a courier requested
    "103": None,  # hold for a courier confirmed
    "104": None,  # hold for instructions confirmed
    "105": None,  # hold for instructions requested
    "106": None,  # hold for pickup confirmed
    "107": None,  # hold for pickup requested
    "108": None,  # hold for pickup today confirmed
    "109": None,  # hold for pickup today requested
    "110": None,  # refrigeration confirmed
    "111": None,  # refrigeration requested
    "112": None,  # new ice confirmed
    "113": None,  # new ice requested
    "114": None,  # request cancelled
    "115": Detail.RESCHEDULED,  # confirmed
    "116": Detail.RESCHEDULED,  # requested
    "117": None,  # return by Saturday confirmed
    "119": None,  # return to sender requested
    "120": Detail.RESCHEDULED,  # for Saturday, confirmed
    "121": Detail.RESCHEDULED,  # for Saturday, requested
    "122": None,  # upgrade confirmed
    "127": None,  # investigation closed
    "128": None,  # investigation cancelled
    "129": None,  # investigation opened
    "130": None,  # claim in progress
    "140": None,  # claim paid
    "142": None,  # claim voided
    "153": Detail.RESCHEDULED,  # new delivery time
    "154": Detail.RESCHEDULED,  # new delivery date
}

# ``code``: what was scanned, two characters. Only those that say more than their ``statusCode``.
SCANS: Final[dict[str, tuple[Status, Detail | None]]] = {
    "OC": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "OR": (Status.IN_TRANSIT, Detail.PICKED_UP),  # origin scan
    "AR": (Status.IN_TRANSIT, Detail.ARRIVED),
    "DP": (Status.IN_TRANSIT, Detail.DEPARTED),
    "IP": (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),  # import scan
    "SR": (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
}

# ``code`` where there is no ``statusCode`` (older answers): it then says less, so it comes later.
OLDER: Final[dict[str, tuple[Status, Detail | None]]] = {
    "MP": (Status.LABEL_CREATED, None),
    "VP": (Status.CANCELLED, None),
    "OF": (Status.OUT_FOR_DELIVERY, None),
    "OT": (Status.OUT_FOR_DELIVERY, None),
    "FS": (Status.DELIVERED, None),
    "KB": (Status.DELIVERED, Detail.SIGNED),
    "ZP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
}

# ``type``: the last resort. "D" has no row: UPS also gives it to parcels on the vehicle. "U", a
# new date, says nothing of where the parcel is.
TYPES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "M": (Status.LABEL_CREATED, None),
    "MV": (Status.CANCELLED, None),
    "P": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "I": (Status.IN_TRANSIT, None),
    "O": (Status.OUT_FOR_DELIVERY, None),
    "X": (Status.EXCEPTION, None),
    "RS": (Status.RETURNED, None),
}
