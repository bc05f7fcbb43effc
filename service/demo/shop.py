# ruff: noqa: E501 - one order a row is easier to read than one field a line
"""The demo shop: its goods, its shoppers and their orders, one order a row.

Nobody here exists: addresses are at example.com (RFC 2606), phone numbers are those that each
country sets aside for fiction (Ofcom 01632 960 and 07700 900, NANP 555-01, BNetzA 030 23125, ARCEP
01 99 00, PTS 070 1740605, ComReg 020 91, ACMA 0491 570 156).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from service.demo.stories import GATE, HUB, SHOP

# SKU: title, price in pounds.
GOODS: Final[dict[str, tuple[str, Decimal]]] = {
    "jacket": ("Rain jacket, moss, M", Decimal("129.00")),
    "fleece": ("Fleece, slate, L", Decimal("64.50")),
    "boots": ("Walking boots, size 41", Decimal("149.00")),
    "socks": ("Merino socks, two pairs", Decimal("22.00")),
    "tent": ("Two-person tent", Decimal("219.00")),
    "pegs": ("Tent pegs, set of ten", Decimal("12.90")),
    "bag": ("Sleeping bag, 3 seasons", Decimal("139.00")),
    "mat": ("Sleeping mat", Decimal("79.00")),
    "lamp": ("Head torch", Decimal("34.00")),
    "stove": ("Camping stove", Decimal("58.00")),
    "pot": ("Titanium pot, 0.9 l", Decimal("46.00")),
    "flask": ("Vacuum flask, 1 l", Decimal("29.00")),
    "pack": ("Rucksack, 45 l", Decimal("165.00")),
    "map": ("Map case", Decimal("18.00")),
    "poles": ("Trekking poles, pair", Decimal("72.00")),
    "hat": ("Wool hat", Decimal("19.50")),
}

# Where scans are made on the way to each country; the door is the order's own town.
PLACES: Final[dict[str, dict[str, str]]] = {
    country: {SHOP: "Kendal, GB", GATE: gate, HUB: hub}
    for country, gate, hub in (
        ("GB", "Warrington, GB", "Tamworth, GB"),
        ("IE", "Warrington, GB", "Dublin, IE"),
        ("DE", "Coventry, GB", "Leipzig, DE"),
        ("FR", "Coventry, GB", "Lyon, FR"),
        ("SE", "Coventry, GB", "Malmö, SE"),
        ("US", "London, GB", "Memphis, US"),
        ("CA", "London, GB", "Toronto, CA"),
        ("AU", "London, GB", "Sydney, AU"),
    )
}


@dataclass(frozen=True, slots=True)
class Box:
    """A parcel: its story's name, and the SKUs in it."""

    story: str
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """A row of the table.

    Attributes:
        phone: E.164. postcode: as people write it there.
        boxes: The parcels; none where nothing has been sent.
        waiting: SKUs that are in no parcel.
        placed: Days from now; ``None``: half a day before the first scan.
        promised: First and last day; ``None``: what the parcels' stories promise.
        cancelled: Days from now.
    """

    number: int
    name: str
    email: str
    phone: str
    postcode: str
    town: str
    boxes: tuple[Box, ...] = ()
    waiting: tuple[str, ...] = ()
    placed: float | None = None
    promised: tuple[float, float] | None = None
    cancelled: float | None = None

    @property
    def country(self) -> str:
        """ISO 3166 code, as the town's name ends with it."""
        return self.town[-2:]


def _box(story: str, *skus: str) -> Box:
    return Box(story, skus)


# fmt: off
ORDERS: Final[tuple[DemoOrder, ...]] = (
    # Order 1001 is the first example of the README: on its way, scanned a few hours ago.
    DemoOrder(1001, "Ana", "ana@example.com", "+441632960101", "LS1 4AP", "Leeds, GB", (_box("moving", "jacket", "socks"),)),
    DemoOrder(1002, "Ana", "ana@example.com", "+441632960101", "LS1 4AP", "Leeds, GB", (_box("delivered_long_ago", "boots"),)),
    DemoOrder(1003, "Ben", "ben@example.com", "+447700900103", "BS1 5TR", "Bristol, GB", (_box("out_for_delivery", "tent", "pegs"),)),
    DemoOrder(1004, "Carla", "carla@example.com", "+493023125104", "10115", "Berlin, DE", (_box("abroad", "fleece"),)),
    DemoOrder(1005, "David", "david@example.com", "+441632960105", "M1 2WD", "Manchester, GB", (_box("label_for_days", "stove", "pot"),)),
    DemoOrder(1006, "Elin", "elin@example.com", "+46701740606", "111 22", "Stockholm, SE", (_box("quiet", "lamp"),)),
    DemoOrder(1007, "Farid", "farid@example.com", "+33199001107", "69002", "Lyon, FR", (_box("overdue", "bag"),)),
    DemoOrder(1008, "Grace", "grace@example.com", "+12125550108", "10011", "New York, US", (_box("customs", "pack"),)),
    DemoOrder(1009, "Hugo", "hugo@example.com", "+33199001109", "75011", "Paris, FR", (_box("pickup", "map", "hat"),)),
    DemoOrder(1010, "Ines", "ines@example.com", "+441632960110", "EH1 1BB", "Edinburgh, GB", (_box("address", "poles"),)),
    DemoOrder(1011, "Jonas", "jonas@example.com", "+493023125111", "20095", "Hamburg, DE", (_box("not_at_home", "flask"),)),
    DemoOrder(1012, "Kim", "kim@example.com", "+441632960112", "CF10 1EP", "Cardiff, GB", (_box("delivered", "socks", "hat"),)),
    DemoOrder(1013, "Lena", "lena@example.com", "+441632960113", "G1 1XQ", "Glasgow, GB", (_box("disputed", "lamp"),)),
    DemoOrder(1014, "Marco", "marco@example.com", "+441632960114", "NE1 4ST", "Newcastle, GB", (_box("refused", "boots"),)),
    DemoOrder(1015, "Nadia", "nadia@example.com", "+14165550115", "M5V 2T6", "Toronto, CA", (_box("lost", "mat"),)),
    DemoOrder(1016, "Otto", "otto@example.com", "+493023125116", "50667", "Cologne, DE", (_box("never_heard_of", "map"),)),
    # Split orders: what was bought together travels apart.
    DemoOrder(1017, "Priya", "priya@example.com", "+447700900117", "B1 1BB", "Birmingham, GB", (_box("delivered", "tent"), _box("moving", "bag", "mat"))),
    DemoOrder(1018, "Quinn", "quinn@example.com", "+353209100118", "D02 X285", "Dublin, IE", (_box("delivered", "jacket"), _box("not_at_home", "boots")), waiting=("hat",)),
    DemoOrder(1019, "Rosa", "rosa@example.com", "+61491570156", "2000", "Sydney, AU", (_box("duty", "pack"), _box("abroad", "poles", "flask"))),
    DemoOrder(1020, "Sven", "sven@example.com", "+46701740620", "411 03", "Gothenburg, SE", (_box("overdue", "stove"), _box("label_for_days", "pot"), _box("delivered", "lamp")), promised=(-6, -4)),
    DemoOrder(1021, "Tess", "tess@example.com", "+441632960121", "OX1 1PT", "Oxford, GB", (_box("just_picked_up", "fleece"),), waiting=("socks",)),
    # Nothing has been sent.
    DemoOrder(1022, "Umar", "umar@example.com", "+441632960122", "LE1 5WW", "Leicester, GB", waiting=("jacket",), placed=-0.8, promised=(3, 5)),
    DemoOrder(1023, "Vera", "vera@example.com", "+493023125123", "80331", "Munich, DE", waiting=("tent", "pegs"), placed=-9, promised=(-3, -1)),
    DemoOrder(1024, "Will", "will@example.com", "+441632960124", "YO1 7HH", "York, GB", waiting=("bag",), placed=-4, promised=(1, 3), cancelled=-3.5),
    # And what an ordinary week brings.
    DemoOrder(1025, "Xenia", "xenia@example.com", "+33199001125", "33000", "Bordeaux, FR", (_box("locker", "flask", "map"),)),
    DemoOrder(1026, "Yusuf", "yusuf@example.com", "+441632960126", "NG1 5FS", "Nottingham, GB", (_box("neighbour", "hat"),)),
    DemoOrder(1027, "Zoe", "zoe@example.com", "+441632960127", "BN1 1EE", "Brighton, GB", (_box("safe_place", "poles"),)),
    DemoOrder(1028, "Adam", "adam@example.com", "+13125550128", "60601", "Chicago, US", (_box("abroad", "boots", "socks"),)),
    DemoOrder(1029, "Bella", "bella@example.com", "+441632960129", "S1 2HE", "Sheffield, GB", (_box("label_today", "jacket"),)),
    DemoOrder(1030, "Cem", "cem@example.com", "+493023125130", "60311", "Frankfurt, DE", (_box("moving", "stove", "pot"),)),
    DemoOrder(1031, "Dora", "dora@example.com", "+353209100131", "T12 RR84", "Cork, IE", (_box("returned", "fleece"),)),
    DemoOrder(1032, "Emil", "emil@example.com", "+46701740632", "211 19", "Malmö, SE", (_box("declared_lost", "lamp"),)),
    DemoOrder(1033, "Fay", "fay@example.com", "+441632960133", "L1 8JQ", "Liverpool, GB", (_box("office_closed", "mat"),)),
    DemoOrder(1034, "Gus", "gus@example.com", "+16045550134", "V6B 1A1", "Vancouver, CA", (_box("customs", "tent"),)),
    DemoOrder(1035, "Hana", "hana@example.com", "+441632960135", "PL1 1EA", "Plymouth, GB", (_box("delivered", "pack"),)),
    DemoOrder(1036, "Ivo", "ivo@example.com", "+493023125136", "70173", "Stuttgart, DE", (_box("delivered_long_ago", "bag", "mat"),)),
    DemoOrder(1037, "Julie", "julie@example.com", "+33199001137", "31000", "Toulouse, FR", (_box("quiet", "poles"),)),
    DemoOrder(1038, "Karl", "karl@example.com", "+441632960138", "AB10 1AB", "Aberdeen, GB", (_box("moving", "boots"),)),
    DemoOrder(1039, "Lola", "lola@example.com", "+441632960139", "SO14 3HL", "Southampton, GB", (_box("out_for_delivery", "flask"),)),
    DemoOrder(1040, "Mia", "mia@example.com", "+61491570157", "3000", "Melbourne, AU", (_box("abroad", "jacket", "hat"),)),
    DemoOrder(1041, "Noel", "noel@example.com", "+441632960141", "BT1 5GS", "Belfast, GB", (_box("just_picked_up", "lamp", "map"),)),
    DemoOrder(1042, "Olga", "olga@example.com", "+493023125142", "01067", "Dresden, DE", (_box("never_heard_of", "socks"),)),
    DemoOrder(1043, "Paul", "paul@example.com", "+13105550143", "90012", "Los Angeles, US", (_box("duty", "fleece"), _box("quiet", "stove"))),
    DemoOrder(1044, "Ruth", "ruth@example.com", "+441632960144", "EX1 1GJ", "Exeter, GB", (_box("disputed", "flask"), _box("delivered", "pot"))),
)
# fmt: on
