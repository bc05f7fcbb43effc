"""Evri's codes in our words: the whole mapping, and nothing but the mapping.

Sources: Evri publishes no description of its API. The rows are those that public readers of it
tell of: github.com/ha-parcel-integrations/ha-evri and github.com/jampez77/Evri.
"""

from typing import Final

from tracking_lookup.model import Detail, Status

# ``trackingStageCode``: how far a parcel is.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    "0": (Status.LABEL_CREATED, None),
    "1": (Status.LABEL_CREATED, None),
    "2": (Status.IN_TRANSIT, None),
    "3": (Status.IN_TRANSIT, None),
    "4": (Status.RETURNING, None),  # seen on the way back to the shop only
    "4_COURIER": (Status.OUT_FOR_DELIVERY, None),
    "4_SHOP": (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
    "4_LOCKER": (Status.AVAILABLE_FOR_PICKUP, Detail.TO_LOCKER),
    "5_COURIER": (Status.DELIVERED, None),
    "5_SHOP": (Status.DELIVERED, None),
    "6": (Status.EXCEPTION, None),
    "6_INFO": (Status.EXCEPTION, None),
    "6_ACTION": (Status.EXCEPTION, None),
    "A": (Status.RETURNING, None),
}

# ``(trackingStageCode, trackingPointCode)``: where a scan says more than its stage.
POINTS: Final[dict[tuple[str, str], tuple[Status, Detail | None]]] = {
    ("2", "ACCEPTED_BY_HERMES"): (Status.IN_TRANSIT, Detail.PICKED_UP),
    ("2", "ARRIVED_PARCELSHOP"): (Status.IN_TRANSIT, Detail.PICKED_UP),
    ("2", "COLLECTED_BY_EVRI"): (Status.IN_TRANSIT, Detail.PICKED_UP),
    ("2", "COLLECTED_FROM_PARCELSHOP"): (Status.IN_TRANSIT, Detail.PICKED_UP),
    ("2", "QUADIENT_LOCKER_DROPOFF"): (Status.IN_TRANSIT, Detail.PICKED_UP),
    ("2", "PROCESSING_HUB"): (Status.IN_TRANSIT, Detail.ARRIVED),
    ("2", "PROCESSING_DEPOT"): (Status.IN_TRANSIT, Detail.ARRIVED),
    ("2", "PROCESSING_RETURN"): (Status.RETURNING, None),
    ("2", "DELAY_FIX_NWD"): (Status.IN_TRANSIT, Detail.DELAYED),
    ("3", "DELAY_FIX_NWD"): (Status.IN_TRANSIT, Detail.DELAYED),
    ("3", "LOCAL_DEPOT"): (Status.IN_TRANSIT, Detail.ARRIVED),
    ("3", "LOCAL_DEPOT_INBOUND"): (Status.IN_TRANSIT, Detail.ARRIVED),
    ("4", "PARCEL_WAY_BACK_TO_RETAILER"): (Status.RETURNING, None),
    # The stage is the courier's also after he failed.
    ("4_COURIER", "COURIER_REATTEMPT_CUSTOMER_NOT_AVAILABLE"): (
        Status.DELIVERY_FAILED,
        Detail.RECIPIENT_UNAVAILABLE,
    ),
    ("4_COURIER", "REDELIVER_WORKDAY_COURIER"): (Status.DELIVERY_FAILED, None),
    ("4_COURIER", "NOT_DELIVERED_BUSINESS_CLOSED"): (
        Status.DELIVERY_FAILED,
        Detail.BUSINESS_CLOSED,
    ),
}

# Points with this beginning are failed attempts, whatever follows and whatever the stage.
NOT_DELIVERED: Final = "NOT_DELIVERED_"
