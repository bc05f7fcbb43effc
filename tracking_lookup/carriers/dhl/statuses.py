"""DHL's codes in our words: the whole mapping, and nothing but the mapping.

Sources: https://developer.dhl.com/api-reference/shipment-tracking (``statusCode``) and its table of
the services' own status codes (a copy is in https://github.com/karrioapi/karrio,
``mydhl/vendors/status_1.csv``): a row here is ``service/status``. Where DHL says "delivered" of a
parcel that a shop or locker has got, the shopper has not: it is ready for pickup.
"""

from typing import Final

from tracking_lookup.carriers.dhl.parcel_nl import PARCEL_NL
from tracking_lookup.carriers.dhl.services import (
    DGF,
    ECOMMERCE,
    ECOMMERCE_EUROPE,
    EXPRESS,
    FREIGHT,
    PARCEL_DE,
    PARCEL_PL,
    PPL,
    SVB,
)
from tracking_lookup.model import Detail, Status

# ``statusCode``: five words for everything. "failure" may be an attempt, a return or a loss.
GENERAL: Final[dict[str, tuple[Status, Detail | None]]] = {
    "pre-transit": (Status.LABEL_CREATED, None),
    "transit": (Status.IN_TRANSIT, None),
    "delivered": (Status.DELIVERED, None),
    "failure": (Status.EXCEPTION, None),
    "unknown": (Status.UNKNOWN, None),
}

STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = {
    **GENERAL,
    **PARCEL_DE,
    **EXPRESS,
    **ECOMMERCE,
    **ECOMMERCE_EUROPE,
    **PARCEL_NL,
    **PARCEL_PL,
    **SVB,
    **PPL,
    **FREIGHT,
    **DGF,
}

# What is asked for or made known: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = dict.fromkeys(
    [
        "parcel-de/DD",
        "parcel-de/GT",
        "parcel-nl/COD_AMOUNT_CHANGED",
        "parcel-nl/IMAGE_AVAILABLE",
        "parcel-nl/ADDRESS_CORRECTED_BY_DEPOT_MANAGER",
        "parcel-nl/LEG_REFERENCE_ADDED",
        "parcel-nl/NOTIFICATION_OF_DELIVERY_TIME_HAS_BEEN_SENT",
        "parcel-nl/PICTURE_TAKEN_OF_PARCEL",
        "parcel-nl/NOTIFICATION_OF_TIME_FRAME_HAS_BEEN_SENT",
        "parcel-nl/RETURN_ORDER_CANCELLED",
        "parcel-nl/PARCEL_INFORMATION_REMOVED_FROM_PARCELSHOP_APPLICATION",
        "parcel-nl/RESPONSE_RECEIVED",
        "parcel-nl/SERVICE_CHANGED",
        "parcel-nl/TRACE_INITIATED",
        "parcel-nl/TRACE_TERMINATED",
        "parcel-nl/INTERVENTION",
        "parcel-nl/INTERVENTION_DELIVERY_ADDRESS_CHANGED_INTO_PARCELSHOP",
        "parcel-nl/INTERVENTION_DELIVERY_ADDRESS_CHANGED_INTO_PARCELSTATION",
        "parcel-nl/INTERVENTION_DELIVERY_SCHEDULED_AT_ANOTHER_TIME/DATE",
        "parcel-nl/INTERVENTION_PROCESSED_FOR_COLLECTION_AT_PARCELSHOP",
        "parcel-nl/INTERVENTION_PROCESSED_FOR_DELIVERY_AT_NEIGHBOURS",
        "parcel-nl/INTERVENTION_PROCESSED_FOR_DELIVERY_AT_SAFEPLACE",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_ACCESSPOINT",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_ANOTHER_TIME/DATE",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_DIFFERENT_ADDRESS",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_NEIGHBOURS",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_PARCELSHOP",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_PARCELSTATION",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_PREFERRED_NEIGHBOURS",
        "parcel-nl/INTERVENTION_RECEIVER_REQUESTS_DELIVERY_AT_SAFEPLACE",
        "parcel-nl/INTERVENTION_SYSTEM_FAILED_DELIVERY_AT_PARCELSHOP",
        "parcel-nl/INTERVENTION_SYSTEM_FAILED_DELIVERY_AT_SAFEPLACE",
        "parcel-nl/INTERVENTION_SYSTEM_REQUESTS_DELIVERY_AT_PARCELSHOP",
        "parcel-nl/INTERVENTION_SYSTEM_REQUESTS_DELIVERY_AT_SAFEPLACE",
        "parcel-pl/PNPT",
        "parcel-pl/PO18",
        "parcel-pl/POW",
        "parcel-pl/PSHOP",
        "parcel-pl/SAS",
        "parcel-pl/SOB",
        "parcel-pl/ZA",
        "parcel-pl/ZAIT",
        "ecommerce/161",
        "ecommerce/163",
        "ecommerce/164",
        "ecommerce/680",
        "ecommerce/699",
        "ecommerce/867",
        "ecommerce/868",
        "ecommerce/869",
        "ecommerce/870",
        "ecommerce/871",
        "ecommerce/872",
        "ecommerce-europe/52",
        "ecommerce-europe/53",
        "ecommerce-europe/56",
        "ecommerce-europe/57",
        "ecommerce-europe/58",
        "ecommerce-europe/59",
        "ecommerce-europe/60",
        "ecommerce-europe/61",
        "ecommerce-europe/62",
        "ecommerce-europe/380",
    ]
)
