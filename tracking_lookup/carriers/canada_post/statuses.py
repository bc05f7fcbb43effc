"""Canada Post's codes in our words: the whole mapping, and nothing but the mapping.

Source: https://www.canadapost-postescanada.ca/info/mc/business/productsservices/developers/
messagescodetables.jsf (tracking event codes). Codes are written there with and without leading
zeros; here without.
"""

from typing import Final

from tracking_lookup.model import Detail, Status
from tracking_lookup.reading import rows

# ``event-identifier``.
STATUSES: Final[dict[str, tuple[Status, Detail | None]]] = rows(
    {
        # electronic information submitted; a return label made
        (Status.LABEL_CREATED, None): "3000 3002",
        (Status.CANCELLED, None): "190",  # the sale was voided
        # accepted at the post office, picked up, mailed abroad
        (Status.IN_TRANSIT, Detail.PICKED_UP): "1300 1301 1302 1303 2300 4000",
        # at a facility, a partner's, the delivery office
        (Status.IN_TRANSIT, Detail.ARRIVED): "113 400 405 4310 4311 4600 4900",
        (Status.IN_TRANSIT, Detail.DEPARTED): "114 410 4950 8901",
        (Status.IN_TRANSIT, Detail.LEFT_ORIGIN_COUNTRY): "4202",
        (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY): "700 701",
        # processed, on its way, transferred to a partner, being prepared for export
        (Status.IN_TRANSIT, None): """100 102 104 105 106 107 115 116 170 175 804 815 1240 1241 1244
            1703 1705 2500 2501 4100 4550""",
        # presented to customs or sent there
        (Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING): "800 4330 4400",
        (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED): "130 900 910 4450 4500 5201",
        # power, strike, transport, demonstrations; the next business day; re-routed by mistake
        (Status.IN_TRANSIT, Detail.DELAYED): "160 161 162 163 172 621 622 623 624 625 626 627 628",
        (Status.IN_TRANSIT, Detail.WEATHER): "159",
        # the address is being verified or corrected
        (Status.IN_TRANSIT, Detail.ADDRESS_PROBLEM): "171 173 1412 2412",
        (Status.IN_TRANSIT, Detail.RESCHEDULED): "1414 1444 2414",
        (Status.IN_TRANSIT, Detail.FORWARDED): "629 630 1480 1490",
        (Status.OUT_FOR_DELIVERY, None): "174 500",
        # a card says where and when; the final notice
        (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT): """156 1407 1435 1436 1437 1438 1479
            1488 1701 2407""",
        (Status.AVAILABLE_FOR_PICKUP, Detail.TO_LOCKER): "1405",  # until 1406
        (Status.AVAILABLE_FOR_PICKUP, Detail.HELD): "1410 2410",  # as the recipient asked
        (Status.DELIVERY_FAILED, Detail.BUSINESS_CLOSED): "1411 2411",
        (Status.DELIVERY_FAILED, Detail.RESCHEDULED): "1443",
        (
            Status.DELIVERED,
            None,
        ): """1406 1425 1432 1461 1462 1463 1465 1466 1467 1468 1469 1471 1472
            1473 1475 1476 1496 1498""",
        (Status.DELIVERED, Detail.SIGNED): "1408 1409",
        # doors, garage, parcel box, safe place
        (Status.DELIVERED, Detail.SAFE_PLACE): """1421 1422 1423 1424 1426 1427 1428 1429 1430 1431
            1433 1434""",
        (Status.DELIVERED, Detail.TO_LOCKER): "1441 1442",  # the recipient's own mailbox
        # undeliverable as addressed: more to come
        (Status.EXCEPTION, None): "179 1245 1483 1493 4650",
        (Status.EXCEPTION, Detail.HELD): "118 1450 1484 1494 4700",
        (Status.EXCEPTION, Detail.OTHER): "121",  # refused or unclaimed
        (Status.EXCEPTION, Detail.ADDRESS_PROBLEM): "120",
        (Status.EXCEPTION, Detail.DOCUMENTS_MISSING): "117",
        (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING): "127 810 1487 1495 2601",
        (Status.EXCEPTION, Detail.DAMAGED): "710",
        (Status.EXCEPTION, Detail.DESTROYED): "150",
        # postage, requirements, label, suspended service, not mailable, unclaimed
        (Status.RETURNING, None): "167 168 169 181 183 184 1418 1419 1420 2600 2802 3001",
        (Status.RETURNING, Detail.DOCUMENTS_MISSING): "182 1100",
        (Status.RETURNING, Detail.ADDRESS_PROBLEM): "1415 1416 1481 1491",
        (Status.RETURNING, Detail.REFUSED): "1417 1482 1492",
        # "item is at the recipient's door, mailroom, …": whether it was handed over is not said
        (Status.UNKNOWN, None): "610 611 612 613 614 615 616 617 618 619 620",
    }
)

# What is asked for or made known: the parcel stays where it was.
ANNOUNCEMENTS: Final[dict[str, Detail | None]] = {
    "20": None,  # signature available
    "21": None,  # verbal signature
    "2001": None,  # photo available
    "152": None,  # the money collected is being paid out
    "198": None,  # label corrected
    "1200": None,  # expected delivery date updated
    "1203": None,  # expected delivery date updated
    "1210": None,  # duty and taxes paid
    "1214": None,  # refund of duty and taxes requested
    "1215": None,  # refund issued
    "1216": None,  # refund of a second payment issued
    "1220": None,  # preferred: front door
    "1221": None,  # side door
    "1223": None,  # garage
    "1224": None,  # front desk
    "1225": None,  # post office
    "1230": None,  # redirection requested by the sender
    "1232": None,  # redirection requested
    "1234": None,  # redirection cancelled
    "2101": None,  # waiting for the money collected
}
