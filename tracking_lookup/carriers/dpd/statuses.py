"""DPD's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://cloud.dpd.com/services/v1/DPDCloudService.asmx?op=getOrderStatus (Parcel Life Cycle
3.1, type ``StatusID``), the rest as public readers of DPD's tracking tell of them
(github.com/ha-parcel-integrations/ha-dpd); DPD's guide "Tracking Push" (04/2023) for the rows from
``START_ORDER`` on, which it writes in lower case; among them are its only words for obstacles.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "NO_TRACKINGDATA": (Status.NOT_FOUND, None),
    "START": (Status.LABEL_CREATED, None),
    "SHIPMENT": (Status.LABEL_CREATED, None),
    "DATA_TRANSMITTED": (Status.LABEL_CREATED, None),
    "ACCEPTED": (Status.IN_TRANSIT, Detail.PICKED_UP),  # handed over to DPD
    "COLLECTED": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "AT_SENDING_DEPOT": (Status.IN_TRANSIT, Detail.ARRIVED),
    "ON_THE_ROAD": (Status.IN_TRANSIT, None),
    "SORTED": (Status.IN_TRANSIT, None),
    "SORTED_TO_PICKUP_LOCATION": (Status.IN_TRANSIT, None),
    "PARCEL_PROCESSING": (Status.IN_TRANSIT, None),
    "AT_DELIVERY_DEPOT": (Status.IN_TRANSIT, Detail.ARRIVED),
    "OUT_FOR_DELIVERY": (Status.OUT_FOR_DELIVERY, None),
    "IN_DELIVERY": (Status.OUT_FOR_DELIVERY, None),
    "DELIVERY_ATTEMPT": (Status.DELIVERY_FAILED, None),
    "AT_PARCELSHOP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "DELIVERED": (Status.DELIVERED, None),
    "PICKED_UP": (Status.DELIVERED, None),  # by the shopper, at the parcel shop
    "RETURN_TO_SENDER": (Status.RETURNING, None),
    "START_ORDER": (Status.LABEL_CREATED, None),
    "PICKUP_DRIVER": (Status.IN_TRANSIT, Detail.PICKED_UP),
    "PICKUP_DEPOT": (Status.IN_TRANSIT, Detail.ARRIVED),
    "DELIVERY_DEPOT": (Status.IN_TRANSIT, Detail.ARRIVED),
    "DELIVERY_CARLOAD": (Status.OUT_FOR_DELIVERY, None),
    "DELIVERY_NAB": (Status.UNKNOWN, None),  # nobody met, or left next door: sources disagree
    "DELIVERY_NOTIFICATION": (Status.EXCEPTION, None),  # an obstacle
    "DELIVERY_CUSTOMER": (Status.DELIVERED, None),
    "DELIVERY_SHOP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "PICKUP_BY_CONSIGNEE": (Status.DELIVERED, None),
    "NO_PICKUP_BY_CONSIGNEE": (Status.RETURNING, None),
    "ERROR_PICKUP": (Status.EXCEPTION, None),
    "ERROR_RETURN": (Status.RETURNING, None),
}
