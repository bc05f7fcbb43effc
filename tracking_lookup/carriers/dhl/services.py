"""Our words for DHL's codes: its services, but for the long table of one.

Source: see ``statuses.py``.
"""

from typing import Final

from tracking_lookup.carriers.dhl.words import (
    BACK,
    BACKWARDS,
    DONE,
    FAILED,
    LABEL,
    MOVING,
    PICKUP,
    TODAY,
    TROUBLE,
    UNCLEAR,
)
from tracking_lookup.model import Detail, Status
from tracking_lookup.reading import rows

PARCEL_DE: Final = rows(
    {
        (LABEL, None): "VA AN",
        (MOVING, Detail.PICKED_UP): "AE ES",
        (MOVING, Detail.DEPARTED): "AA",
        (MOVING, Detail.ARRIVED): "EE",
        (MOVING, Detail.CUSTOMS_PROCESSING): "ZO",
        (MOVING, None): "NB",
        (TODAY, None): "PO",
        (PICKUP, Detail.AT_PICKUP_POINT): "LA ZF",
        (FAILED, None): "ZN",
        (DONE, None): "ZU",
        (TROUBLE, None): "BV",
    },
    prefix="parcel-de/",
)

EXPRESS: Final = rows(
    {
        (LABEL, None): "104",
        (MOVING, None): "102 FD PL RR SC SM TP TR AD",
        (MOVING, Detail.PICKED_UP): "PU SA",
        (MOVING, Detail.ARRIVED): "AF AR",
        (MOVING, Detail.DEPARTED): "DF",
        (MOVING, Detail.CUSTOMS_PROCESSING): "BN IC",
        (MOVING, Detail.CUSTOMS_RELEASED): "BR CR",
        (MOVING, Detail.DELAYED): "MC MD MS",
        (TROUBLE, Detail.CUSTOMS_ACTION_REQUIRED): "CD",
        (TROUBLE, Detail.CUSTOMS_PROCESSING): "UD",
        (TODAY, None): "WC",
        (PICKUP, Detail.AT_PICKUP_POINT): "CC",
        (FAILED, None): "ND",
        (FAILED, Detail.BUSINESS_CLOSED): "CA",
        (FAILED, Detail.RECIPIENT_UNAVAILABLE): "NH",
        (FAILED, Detail.REFUSED): "RD",
        (DONE, None): "101 OK",
        (DONE, Detail.DAMAGED): "DD",
        (DONE, Detail.OTHER): "PD",
        (TROUBLE, None): "103 CS SS",
        (TROUBLE, Detail.ADDRESS_PROBLEM): "BA CM",
        (TROUBLE, Detail.PAYMENT_DUE): "HP PY",
        (TROUBLE, Detail.HELD): "OH",
        (TROUBLE, Detail.DESTROYED): "DS",
        (BACKWARDS, None): "RT",
    },
    prefix="express/",
)

# DHL eCommerce in the Americas and Asia.
ECOMMERCE: Final = rows(
    {
        (LABEL, None): "109 128 129 134 135 150 220 235 238 300 350 400 445",
        (Status.CANCELLED, None): "101",
        (MOVING, Detail.PICKED_UP): "50 100 115 130 200 211 229 461 505 511 561 589 590",
        (MOVING, Detail.ARRIVED): """104 116 125 155 156 454 462 468 470 472 494 499 515 520 521
            526 542 562 566 575 637""",
        (MOVING, Detail.DEPARTED): """110 113 114 120 399 456 481 482 518 531 538 568 577 805""",
        (MOVING, Detail.LEFT_ORIGIN_COUNTRY): "532",
        (MOVING, Detail.REACHED_DESTINATION_COUNTRY): "360 361 533 549",
        (MOVING, None): """51 106 132 313 359 365 371 401 402 431 451 473 477 478 479 480 483 510
            513 517 523 524 525 528 529 530 534 535 536 537 539 540 541 543 545 547 548 557 567
            576 579 642""",
        (MOVING, Detail.CUSTOMS_PROCESSING): "240 242 441 447 463 501 509",
        (MOVING, Detail.CUSTOMS_RELEASED): "241 442 449 452 464 502 504",
        (MOVING, Detail.DELAYED): "450 546 592 593 640 641 670 671",
        (MOVING, Detail.RESCHEDULED): "574 581 609 616",
        (MOVING, Detail.FORWARDED): "162 582 632",
        (TODAY, None): "544 558 580 597 598 638 639",
        (PICKUP, Detail.AT_PICKUP_POINT): "469 522 560 565 570 585 588 599 601",
        (FAILED, None): "550 551 553 554 563 571 583 595 596 605 615 629 651 665",
        (FAILED, Detail.RECIPIENT_UNAVAILABLE): "552 556 594 613 844",
        (FAILED, Detail.BUSINESS_CLOSED): "555 564 612",
        (FAILED, Detail.REFUSED): "610 611 619",
        (FAILED, Detail.PAYMENT_DUE): "608 614",
        (DONE, None): "572 591 600 607 617 618 621",
        (DONE, Detail.TO_NEIGHBOUR): "606",
        (DONE, Detail.SAFE_PLACE): "652 653 654 655 656 657 658 659",
        (TROUBLE, None): "99 107 573 625 626 809",
        (TROUBLE, Detail.HELD): "312 358 644",
        (TROUBLE, Detail.PAYMENT_DUE): "503",
        (TROUBLE, Detail.CUSTOMS_PROCESSING): "443 453 506 507 508",
        (TROUBLE, Detail.CUSTOMS_ACTION_REQUIRED): "448",
        (TROUBLE, Detail.ADDRESS_PROBLEM): """630 631 633 683 686 689 691 700 710 720 730 740 750
            770""",
        (TROUBLE, Detail.DAMAGED): "620 623",
        (TROUBLE, Detail.LOST): "650 690",
        (TROUBLE, Detail.DESTROYED): "636 780 825",
        (TROUBLE, Detail.OTHER): "693 760",
        (BACKWARDS, None): """108 602 603 604 800 802 804 806 808 810 811 813 815 816 817 818 820
            821 849 853 854 855 856 857 858 859 862 864 880 881 882 883 884 885 886 887 624 627
            628 807""",
        (BACK, None): "860 863",
    },
    prefix="ecommerce/",
)

# DHL eCommerce in Europe. 43 to 46: a shop, locker or post office has it, and the shopper has not.
ECOMMERCE_EUROPE: Final = rows(
    {
        (LABEL, None): "1 254 367 368 369 370",
        (MOVING, Detail.PICKED_UP): "2 3 4 5 6 7 8 9 14 15 16 17 226 228",
        (MOVING, Detail.ARRIVED): "27 30 37 40 234 236 240 242",
        (MOVING, Detail.DEPARTED): "20 23 26 32 231 237",
        (MOVING, Detail.LEFT_ORIGIN_COUNTRY): "29 235",
        (MOVING, Detail.REACHED_DESTINATION_COUNTRY): "33 238",
        (MOVING, None): """19 22 25 28 31 38 41 47 230 232 233 255 302 354 355 356 358 364 377 378
            379""",
        (MOVING, Detail.CUSTOMS_PROCESSING): "258",
        (MOVING, Detail.CUSTOMS_RELEASED): "130 133",
        (MOVING, Detail.FORWARDED): "159",
        (MOVING, Detail.HELD): "141 142 172 194 269",
        (MOVING, Detail.WEATHER): "266",
        (MOVING, Detail.DELAYED): "267",
        (TODAY, None): "42",
        (PICKUP, Detail.AT_PICKUP_POINT): "43 44 45 46 392",
        (FAILED, None): """72 82 87 88 89 90 91 92 93 94 95 96 97 98 154 156 161 200 222 223 253
            330 395""",
        (FAILED, Detail.RECIPIENT_UNAVAILABLE): "73 74 75 85 372",
        (FAILED, Detail.REFUSED): "76 207 208 209 210 211",
        (FAILED, Detail.PAYMENT_DUE): "77 78 86 214 215",
        (FAILED, Detail.ADDRESS_PROBLEM): "79 80 81 206",
        (FAILED, Detail.RESCHEDULED): "217 218 219",
        (FAILED, Detail.WEATHER): "264",
        (FAILED, Detail.DELAYED): "265",
        (DONE, None): "63 64 65 66 67 68 69 70 71",
        (DONE, Detail.DAMAGED): "306",
        (TROUBLE, Detail.DAMAGED): "83",
        (TROUBLE, Detail.PAYMENT_DUE): "268",
        (BACKWARDS, None): "99 100 101 102 149 152 155 160 248 249 363 365",
        (BACKWARDS, Detail.REFUSED): "151",
        (BACKWARDS, Detail.ADDRESS_PROBLEM): "157",
        (BACKWARDS, Detail.DOCUMENTS_MISSING): "259",
        (BACK, None): "366",
    },
    prefix="ecommerce-europe/",
)

PARCEL_PL: Final = rows(
    {
        (LABEL, None): "EDWP SP_PA SP_DWP",
        (Status.CANCELLED, None): "SP_CN",
        (MOVING, Detail.PICKED_UP): "DWP SP_PU",
        (MOVING, Detail.ARRIVED): "LP TRM2",
        (MOVING, Detail.LEFT_ORIGIN_COUNTRY): "WYJPL",
        (MOVING, Detail.REACHED_DESTINATION_COUNTRY): "WEJPL",
        (MOVING, None): """BCZ KWC LIK LW LW_PL SORT SP_ATDSP SP_DW TRM TRM_X WER ZID ZMA ZOS
            ZWW_KRYZ ZWW_NSP""",
        (MOVING, Detail.FORWARDED): "AWI_SPCAP",
        (MOVING, Detail.CUSTOMS_PROCESSING): "EDB EXA SEC",
        (MOVING, Detail.CUSTOMS_RELEASED): "EDC EXC",
        (TODAY, None): "LK",
        (PICKUP, Detail.AT_PICKUP_POINT): """DOR_POC DOR_SP OWL OWL_KP OWL_ONO OWL_PS_KP OWL_PS_ONO
            OWL_SP_KP OWL_SP_ONO SP_DSP SP_KP""",
        (FAILED, None): "AWI_OZ AWI_ROD SP_CAP ZWW",
        (FAILED, Detail.RECIPIENT_UNAVAILABLE): "AWI AWI_DP2 AWI_NSP AWI_ONU AWI_SAS",
        (FAILED, Detail.REFUSED): """OP OP_BWER OP_COD OP_DUB OP_OTH OP_PLA OP_PNK OP_REZ OP_ROD
            OP_SAS OP_TNZ OP_UMO OP_USK OP_USP""",
        (FAILED, Detail.PAYMENT_DUE): "BRG_SAS",
        (FAILED, Detail.ADDRESS_PROBLEM): "AN_BO",
        (DONE, None): "DOR DOR_OTH DOR_OWL DOR_RDZ PPDOR SP_DOR",
        (DONE, Detail.SAFE_PLACE): "DOR_LOK",
        (DONE, Detail.TO_NEIGHBOUR): "DOR_SAS",
        (TROUBLE, None): "CC PNK SP_ZAM",
        (TROUBLE, Detail.ADDRESS_PROBLEM): "AN AN_RA AN_SAS",
        (TROUBLE, Detail.PAYMENT_DUE): "BRG",
        (BACKWARDS, None): """AWI_CZAS OP_DO OP_DOK REZ SP_KZW SP_TO ZWN ZWR ZWR_OP ZWR_WER ZWR_ZB
            ZWR_ZT""",
        (BACKWARDS, Detail.REFUSED): "SP_OP SP_ZWR",
        (BACKWARDS, Detail.ADDRESS_PROBLEM): "ZWR_AN",
    },
    prefix="parcel-pl/",
)

# Letters and small parcels of Deutsche Post.
SVB: Final = rows(
    {
        (LABEL, None): "ANNOUNCED",
        (MOVING, Detail.PICKED_UP): "POSTED POSTED_ARRIVED POSTED_MAIL_TERMINAL",
        (MOVING, Detail.ARRIVED): "ARRIVAL_AT_OFFICE_OF_DELIVERY ARRIVED_TRANSIT",
        (MOVING, Detail.REACHED_DESTINATION_COUNTRY): "ARRIVED_IN_DESTINATION_COUNTRY",
        (MOVING, Detail.DEPARTED): "DEPARTURE_FROM_INWARD_OE",
        (MOVING, Detail.LEFT_ORIGIN_COUNTRY): "FORWARDED_ABROAD",
        (MOVING, None): "BZ BZA BZE MARBURG PASSED_LETTER_CENTER TO_BE_SENT_ABROAD",
        (MOVING, Detail.FORWARDED): "REDIRECTED",
        (MOVING, Detail.CUSTOMS_PROCESSING): "HANDOVER_CUSTOMS IP_CUSTOMS",
        (TROUBLE, Detail.CUSTOMS_PROCESSING): "HELD_BY_CUSTOMS",
        (TODAY, None): "IN_DELIVERY",
        (PICKUP, Detail.AT_PICKUP_POINT): """NOTIFIED NOTIFIED_KEY_ACCOUNT NOTIFIED_PACKSTATION
            NOTIFIED_PO_BOX""",
        (FAILED, None): "DELIVERY_ATTEMPTED",
        (DONE, None): """AMOUNT_TRANSFERRED CONFIRMATION_PENDING CONFIRMED CONFIRMED_BY_SENDER
            DELIVERED DELIVERED_ZU_NOT_OK DELIVERED_ZU_OK FETCHED FETCHED_NOTIFIED
            FETCHED_KEY_ACCOUNT_PENDING_DELIVERY_CONFIRMATION FETCHED_PACKSTATION
            FETCHED_PENDING_DELIVERY_CONFIRMATION FETCHED_PO_BOX_PENDING_DELIVERY_CONFIRMATION
            PAID_EPOS PAID_MAILMAN""",
        (BACKWARDS, None): "SENT_BACK SENT_BACK_ABROAD",
        (BACK, None): "RETURNED_TO_SENDER",
        (UNCLEAR, None): "AMBIGUOUS NO_INFO ISSUE_OF_A_REPLACEMENT_CERTIFICATE_PZA",
    },
    prefix="svb/",
)

# PPL in the Czech Republic.
PPL: Final = rows(
    {
        (LABEL, None): "900",
        (Status.CANCELLED, None): "999",
        (MOVING, Detail.PICKED_UP): "150",
        (MOVING, Detail.ARRIVED): "300",
        (MOVING, None): "400 500",
        (MOVING, Detail.RESCHEDULED): "460",
        (PICKUP, Detail.AT_PICKUP_POINT): "343",
        (FAILED, Detail.REFUSED): "464",
        (DONE, None): "450",
        (TROUBLE, Detail.LOST): "997",
    },
    prefix="ecommerce-ppl/",
)

FREIGHT: Final = rows(
    {
        (LABEL, None): """ACT-2 64-0 48-0 15-501 31-139 55-211 55-68 55-21 55-126 55-240 55-241
            55-265 55-294 55-20 55-266 55-234""",
        (Status.CANCELLED, None): "7-0",
        (MOVING, Detail.PICKED_UP): "13-0 31-140",
        (MOVING, Detail.DEPARTED): "24-0",
        (MOVING, Detail.ARRIVED): "1-0 1-21",
        (MOVING, Detail.CUSTOMS_PROCESSING): "20-126",
        (MOVING, Detail.CUSTOMS_RELEASED): "12-0",
        (MOVING, Detail.WEATHER): "20-266",
        (MOVING, Detail.DELAYED): "20-354 20-270",
        (MOVING, Detail.HELD): "20-208",
        (MOVING, Detail.RESCHEDULED): "20-209",
        (MOVING, None): "24-628",
        (TODAY, None): "24-501 361-139",
        (PICKUP, Detail.AT_PICKUP_POINT): "20-13",
        (FAILED, Detail.BUSINESS_CLOSED): "20-211",
        (FAILED, Detail.RECIPIENT_UNAVAILABLE): "56-211",
        (FAILED, Detail.REFUSED): "56-284 56-611",
        (FAILED, Detail.PAYMENT_DUE): "56-292",
        (FAILED, Detail.DOCUMENTS_MISSING): "56-241",
        (FAILED, Detail.ADDRESS_PROBLEM): "20-234",
        (TROUBLE, Detail.PAYMENT_DUE): "20-296",
        (DONE, None): "21-0 21-234 24-600 361-140",
        (DONE, Detail.OTHER): "21-23 21-600",
        (BACKWARDS, None): "56-222",
    },
    prefix="freight/",
)

# DHL Global Forwarding.
DGF: Final = rows(
    {
        (LABEL, None): "DATA_SUBMITTED",
        (MOVING, Detail.PICKED_UP): "PICKUP_SUCCESSFUL",
        (
            MOVING,
            Detail.ARRIVED,
        ): "ARRIVED ARRIVED_AT_ORIGIN_FACILITY ARRIVED_PROCESSED_AT_FACILITY",
        (MOVING, Detail.DEPARTED): "DEPARTED DEPARTED_FROM_ORIGIN_FACILITY",
        (MOVING, None): "PROCESSED_AT_ORIGIN_FACILITY READY_FOR_DEPARTURE",
        (MOVING, Detail.CUSTOMS_PROCESSING): "ARRIVED_AT_CUSTOMS",
        (MOVING, Detail.CUSTOMS_RELEASED): "CLEARED_BY_CUSTOMS",
        (TROUBLE, Detail.CUSTOMS_PROCESSING): "HELD_AT_CUSTOMS",
        (TROUBLE, None): "DELIVERY_EXCEPTION",
        (TODAY, None): "OUT_FOR_DELIVERY",
        (DONE, None): "DELIVERED",
    },
    prefix="dgf/",
)
