"""A desk for tests: orders in memory, proofs and failures as the service keeps them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.actions.contract import OrderAnswer, ParcelAnswer, Reason, Request
from bot.actions.details import key
from faq.model import Answer, Article, Decision, Hit
from faq.render import Renderer
from kit.errors import LockedOut, NotVerified, Unavailable
from tracking_lookup.contract import Known, Lookup
from tracking_lookup.model import (
    Assessment,
    Detail,
    Status,
    Tracking,
    TrackingEvent,
    Verdict,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)


def parcel(
    verdict,
    *,
    status=Status.IN_TRANSIT,
    detail=None,
    scanned=timedelta(hours=3),
    place="Leipzig",
    promised=None,
    items=(),
    fault=None,
    fetched=timedelta(minutes=1),
    known=True,
    carrier_name="UPS",
    link=None,
):
    """A parcel answer; times are ages before NOW, ``promised`` days after it."""
    events = (TrackingEvent(at=NOW - scanned, status=status, detail=detail, place=place),)
    promised_to = None if promised is None else NOW + promised
    tracking = Tracking("ups", "1Z999AA10123456784", status, detail, events, None, promised_to)
    stored = Known(
        carrier="ups",
        number=tracking.number,
        tracking=tracking if known else None,
        fetched_at=NOW - fetched if known else None,
    )
    return ParcelAnswer(
        tracking.number,
        carrier_name,
        items,
        Lookup(stored, Assessment(verdict, "test"), fault),
        link,
    )


def order(number, *parcels, **more):
    fields = {
        "placed_at": NOW - 5 * DAY,
        "promised_to": None,
        "cancelled": False,
        "unshipped": (),
        **more,
    }
    return OrderAnswer(number=number, parcels=parcels, **fields)


@dataclass
class FakeDesk:
    """See ``bot.actions.contract.Desk``. Five failures lock a conversation, as in the service."""

    orders: dict[str, tuple[OrderAnswer, str]]
    proofs: dict[int, list[str]] = field(default_factory=dict)
    failures: dict[int, int] = field(default_factory=dict)
    disputed: list[tuple[int, str]] = field(default_factory=list)
    tickets: list[tuple[int, Reason, str | None]] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    requests: list[tuple[int, Request]] = field(default_factory=list)
    asked_of_faq: list[tuple[int, str, Decision]] = field(default_factory=list)
    ratings: list[tuple[int, bool]] = field(default_factory=list)

    async def prove(self, conversation, order_number, proof):
        if self.failures.get(conversation, 0) >= 5:
            raise LockedOut("too many failures")
        found = self.orders.get(key(order_number))
        if found is None or found[1] != proof.lower():
            self.failures[conversation] = self.failures.get(conversation, 0) + 1
            raise NotVerified("no")
        self.proofs.setdefault(conversation, []).insert(0, found[0].number)

    async def covers(self, conversation, order_number):
        found = self.orders.get(key(order_number))
        emails = {self.orders[key(number)][1] for number in self.proofs.get(conversation, ())}
        if found is None or found[1] not in emails:
            return False
        self.proofs[conversation].insert(0, found[0].number)
        return True

    async def proven(self, conversation):
        return tuple(self.proofs.get(conversation, ()))

    async def order(self, conversation, order_number):
        if key(order_number) not in map(key, self.proofs.get(conversation, ())):
            raise NotVerified("not proven here")
        return self.orders[key(order_number)][0]

    async def dispute(self, conversation, order_number):
        await self.order(conversation, order_number)
        self.disputed.append((conversation, order_number))

    async def record(self, conversation, request):
        self.requests.append((conversation, request))

    async def asked(self, conversation, text, answer):
        self.asked_of_faq.append((conversation, text, answer.decision))

    async def rated(self, conversation, *, helped):
        self.ratings.append((conversation, helped))

    async def hand_over(self, conversation, reason, *, note="", order_number=None):
        self.notes[conversation] = note
        self.tickets.append((conversation, reason, order_number))
        return "within 4 hours"


class FakeFaq:
    """Knows three articles, and two more that are alike."""

    def say(self, article, *, at, question="", market=None):
        return Renderer().render(article, at=at, question=question)

    def search(self, text, *, lang="en", at, market=None, channel=None, limit=5):
        words = text.lower()
        if "refund" in words:
            return Answer(Decision.ANSWER, (Hit(REFUNDS, 0.9),))
        if "warranty" in words:
            return Answer(Decision.ANSWER, (Hit(WARRANTY, 0.9),))
        if "return" in words:
            return Answer(Decision.ANSWER, (Hit(RETURNS, 0.9),))
        if "gift" in words:
            return Answer(Decision.CHOOSE, (Hit(WRAP, 0.6), Hit(CARDS, 0.6)))
        return Answer(Decision.NONE, ())


def _article(slug, title, short, **more):
    return Article(slug, "en", title, (), (), short, short, **more)


RETURNS = _article("returns", "Returns", "Send it back within 30 days, unworn.")
REFUNDS = _article("refunds", "Refunds", "We refund within 3 working days.")
WARRANTY = _article("warranty", "Warranty", "Two years on everything.", feedback=True)
WRAP = _article("gift-wrap", "Gift wrapping", "We wrap gifts.")
CARDS = _article("gift-cards", "Gift cards", "We sell gift cards.")

ANA = "ana@example.com"
BEN = "ben@example.com"
DOWN = Unavailable("ups", "time-out")


def shop():
    """One order for each thing that can be true; all but #1050 are Ana's."""
    cap, belt = ("1 × cap",), ("1 × belt",)
    moving = parcel(Verdict.MOVING, promised=DAY)
    delivered = parcel(
        Verdict.DELIVERED, status=Status.DELIVERED, detail=Detail.TO_NEIGHBOUR, scanned=2 * DAY
    )

    early = replace(delivered.lookup, known=replace(delivered.lookup.known, carrier="usps"))

    def needs(detail, status=Status.EXCEPTION):
        return parcel(Verdict.NEEDS_CUSTOMER, status=status, detail=detail)

    every = [
        order("#1001", moving),
        order("#1002", parcel(Verdict.LABEL_ONLY, status=Status.LABEL_CREATED, scanned=5 * DAY)),
        order("#1003", parcel(Verdict.QUIET, scanned=4 * DAY)),
        order("#1004", parcel(Verdict.OVERDUE, scanned=3 * DAY, promised=-2 * DAY)),
        order(
            "#1005",
            parcel(
                Verdict.NEEDS_CUSTOMER,
                status=Status.EXCEPTION,
                detail=Detail.CUSTOMS_ACTION_REQUIRED,
            ),
        ),
        order(
            "#1006",
            parcel(
                Verdict.FAILED_ATTEMPT,
                status=Status.DELIVERY_FAILED,
                detail=Detail.RECIPIENT_UNAVAILABLE,
            ),
        ),
        order("#1007", delivered),
        order("#1008", parcel(Verdict.DELIVERED_DISPUTED, status=Status.DELIVERED, scanned=DAY)),
        order("#1009", parcel(Verdict.COMING_BACK, status=Status.RETURNING)),
        order("#1010", parcel(Verdict.LOST_SUSPECTED, scanned=20 * DAY)),
        order("#1011", parcel(Verdict.NO_DATA, status=Status.NOT_FOUND)),
        order("#1012", replace(moving, items=cap), replace(delivered, items=belt)),
        order("#1013", unshipped=("1 × scarf",)),
        order("#1014", cancelled=True),
        order("#1015", replace(moving, items=cap), unshipped=belt),
        order("#1016", needs(Detail.PAYMENT_DUE)),
        order("#1017", needs(Detail.AT_PICKUP_POINT, status=Status.AVAILABLE_FOR_PICKUP)),
        order("#1018", needs(Detail.ADDRESS_PROBLEM)),
        order("#1019", parcel(Verdict.QUIET, detail=Detail.HELD)),
        order("#1020", parcel(Verdict.MOVING, fault=DOWN, fetched=timedelta(hours=2))),
        order("#1021", parcel(Verdict.NO_DATA, fault=DOWN, known=False)),
        order("#1022", replace(delivered, items=("1 × lamp", "2 × bulb"))),
        order("#1023", parcel(Verdict.MOVING, detail=Detail.CUSTOMS_PROCESSING)),
        order("#1024", parcel(Verdict.MOVING)),
        order(
            "#1025",
            replace(moving, items=("1 × doll",)),
            replace(moving, items=("1 × kite",)),
            unshipped=("1 × puzzle",),
        ),
        order("#1026", promised_to=NOW + 2 * DAY, unshipped=("1 × tent",)),
        order("#1027", parcel(Verdict.COMING_BACK, status=Status.RETURNED)),
        order("#1028", replace(delivered, lookup=early, carrier_name="USPS")),
        order("#1029", replace(moving, link="https://www.ups.com/track?tracknum=1Z")),
    ]
    orders = {key(each.number): (each, ANA) for each in every}
    orders["1050"] = (order("#1050", moving), BEN)
    return FakeDesk(orders)
