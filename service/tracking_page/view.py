"""What the page shows of an order, in one language. Pure: what is known and the time in, texts out.

Only what is needed to wait for a parcel: no name, no address, no price. A page opened by tracking
number alone is made by ``movement`` and holds nothing of the order; the carrier's own words, in
which a name may stand, are left out of it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kit.text import fold
from service.tracking_page.brand import Brand, Pickup
from service.tracking_page.situation import TONES, situation, worry_at
from service.tracking_page.way import Way, way
from service.tracking_page.words import Words
from tracking_lookup.contract import Known, Lookup
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.truth import assess
from tracking_lookup.zones import offset_in

Window = tuple[datetime | None, datetime]
Days = tuple[date, date]

# How far a status is along ``_STEPS``, counted from 0.
_REACHED: Final = {
    Status.LABEL_CREATED: 1,
    Status.IN_TRANSIT: 2,
    Status.EXCEPTION: 2,
    Status.OUT_FOR_DELIVERY: 3,
    Status.DELIVERY_FAILED: 3,
    Status.AVAILABLE_FOR_PICKUP: 3,
    Status.DELIVERED: 4,
    Status.RETURNING: 3,
    Status.RETURNED: 4,
}
_HOURS_TOLD: Final = timedelta(hours=8)  # a longer window of one day is told as the day
_STEPS: Final = ("ordered", "label", "transit", "out", "delivered")
# What a shopper can do, by situation; "ask" is always there.
_ACTIONS: Final = {
    "moving": ("reschedule",),
    "out": ("reschedule",),
    "failed": ("reschedule",),
    "delivered": ("missing",),
    "address": ("address",),
}


@dataclass(frozen=True, slots=True)
class ParcelKnown:
    """A parcel as the page needs it.

    Attributes:
        lookup: What is known of it, and whether its carrier answered just now.
        was: First and last days of what was told before, oldest first.
        link: The carrier's own page; ``None`` where it has none.
        items: As ``"2 x wool socks"``.
    """

    number: str
    carrier: str
    lookup: Lookup
    was: tuple[Days, ...] = ()
    link: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderKnown:
    """An order as the page needs it.

    Attributes:
        promise: The shop's own; ``None`` without one.
        waiting: Items in no parcel yet.
    """

    number: str
    placed_at: datetime
    cancelled: bool
    promise: Window | None
    waiting: tuple[str, ...]
    parcels: tuple[ParcelKnown, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the progress bar. ``state``: ``done``, ``now`` or ``open``."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history. ``iso`` is ``None`` where the moment is not known for sure."""

    iso: str | None
    day: str
    time: str
    label: str
    place: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel in words.

    Attributes:
        was: Windows promised before, newest first.
        actions: Keys of the catalogue.
        collect: Where it waits, as far as is known; ``None`` where it does not wait.
    """

    number: str
    carrier: str
    link: str | None
    situation: str
    tone: str
    head: str
    next: str
    worry: str
    expected: str | None
    was: tuple[str, ...]
    heard: str
    silent: bool
    steps: tuple[Step, ...]
    events: tuple[Event, ...]
    way: Way | None
    collect: Pickup | None
    items: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """The page's content.

    Attributes:
        order: Its number; ``None``: opened by tracking number alone.
        head: What is said of an order without a parcel; ``None`` with one.
    """

    order: str | None
    placed: str | None
    parcels: tuple[ParcelView, ...]
    waiting: tuple[str, ...]
    head: str | None = None
    next: str | None = None
    worry: str | None = None
    expected: str | None = None


def order_page(
    order: OrderKnown, brand: Brand, words: Words, *, zone: ZoneInfo, now: datetime
) -> PageView:
    """A proven order, with all its parcels."""
    parcels = tuple(
        parcel_view(parcel, order.promise, brand, words, zone=zone, now=now)
        for parcel in order.parcels
    )
    page = PageView(
        order=order.number,
        placed=words("placed", day=words.day(order.placed_at, zone, now=now)),
        parcels=parcels,
        waiting=order.waiting,
    )
    if parcels:
        return page
    word = "cancelled" if order.cancelled else "preparing"
    worried = max(order.placed_at + timedelta(days=4), now + timedelta(days=1))
    values = {"carrier": "", "since": "", "day": words.day(worried, zone, now=now)}
    window = order.promise if not order.cancelled else None
    return replace(
        page,
        head=words(f"head.{word}", **values),
        next=words(f"next.{word}", **values),
        worry=words(f"worry.{word}", **values),
        expected=_window(window, words, zone=zone, now=now) if window else None,
    )


def movement(known: ParcelKnown, words: Words, *, zone: ZoneInfo, now: datetime) -> PageView:
    """A parcel by its number alone: where it is, and nothing of its order.

    It is assessed anew without what the order says (its promise, its country, a dispute).
    """
    given = known.lookup.known
    tracking = _without_words(given.tracking) if given.tracking else None
    bare = Known(
        given.carrier,
        given.number,
        tracking,
        fetched_at=given.fetched_at,
        normal_gap=given.normal_gap,
    )
    lookup = Lookup(bare, assess(bare, now=now), known.lookup.fault)
    parcel = replace(known, lookup=lookup, items=())
    view = parcel_view(parcel, None, Brand(), words, zone=zone, now=now)
    return PageView(
        order=None, placed=None, parcels=(replace(view, actions=(), collect=None),), waiting=()
    )


def parcel_view(
    parcel: ParcelKnown,
    promise: Window | None,
    brand: Brand,
    words: Words,
    *,
    zone: ZoneInfo,
    now: datetime,
) -> ParcelView:
    """A parcel in words.

    Args:
        promise: The shop's; shown where nobody knows better.
    """
    known = parcel.lookup.known
    word = situation(parcel.lookup)
    events = known.tracking.events if known.tracking else ()
    newest = events[0] if events else None
    values = {
        "carrier": parcel.carrier,
        "day": words.day(worry_at(known, word, now=now), zone, now=now),
        "since": words.day(newest.at, zone, now=now) if newest else "",
    }
    over = word in {"delivered", "disputed", "pickup", "returned", "returning", "cancelled", "lost"}
    expected = None if over else _expected(known, promise, words, zone=zone, now=now)
    waits = word == "pickup"
    return ParcelView(
        number=parcel.number,
        carrier=parcel.carrier,
        link=parcel.link,
        situation=word,
        tone=TONES.get(word, "plain"),
        head=words(f"head.{word}", **values),
        next=words(f"next.{word}", **values),
        worry=words(f"worry.{word}", **values),
        expected=expected,
        was=_before(parcel.was, expected, words, zone=zone, now=now) if expected else (),
        heard=_heard(parcel, newest, words, now=now),
        silent=parcel.lookup.fault is not None and known.fetched_at is not None,
        steps=_steps(known.tracking, word, words),
        events=tuple(_event(event, words, zone) for event in events),
        way=way(events),
        collect=_collect(newest, brand) if waits and newest and newest.place else None,
        items=parcel.items,
        actions=(*_ACTIONS.get(word, ()), "ask"),
    )


def _expected(
    known: Known, promise: Window | None, words: Words, *, zone: ZoneInfo, now: datetime
) -> str | None:
    """When it comes, by the same rule as in the chat: the carrier's hours, else our own days.

    Else the carrier's window, else the shop's promise; ``None`` where there is none of them.
    """
    tracking, own = known.tracking, known.window
    given = (tracking.promised_from, tracking.promised_to) if tracking else (None, None)
    start, end = given
    hours = start is not None and end is not None and end >= now and end - start <= _HOURS_TOLD
    if own and not hours and own.last >= now.astimezone(zone).date():
        return _days((own.first, own.last), words, zone=zone, now=now)
    window = (start, end) if end is not None else promise
    return _window(window, words, zone=zone, now=now) if window else None


def _before(
    was: Sequence[Days], expected: str, words: Words, *, zone: ZoneInfo, now: datetime
) -> tuple[str, ...]:
    """What was told earlier, newest first, each once, without what holds."""
    earlier = [_days(each, words, zone=zone, now=now) for each in reversed(was)]
    return tuple(dict.fromkeys(text for text in earlier if text != expected))[:3]


def _days(days: Days, words: Words, *, zone: ZoneInfo, now: datetime) -> str:
    first, last = (words.day(datetime.combine(d, time(12), zone), zone, now=now) for d in days)
    return last if first == last else words("expected_between", **{"from": first, "to": last})


def _window(window: Window, words: Words, *, zone: ZoneInfo, now: datetime) -> str:
    """Local days of the shop. A window that ends at midnight ends the day before."""
    first, last = window
    to = words.day(last - timedelta(microseconds=1), zone, now=now)
    start = words.day(first, zone, now=now) if first else to
    if first is None:
        return words("expected_by", to=to)
    if start == to and last - first <= _HOURS_TOLD:
        return f"{to}, {words.clock(first.astimezone(zone))}–{words.clock(last.astimezone(zone))}"  # noqa: RUF001
    if start == to:
        return to
    return words("expected_between", **{"from": start, "to": to})


def _heard(
    parcel: ParcelKnown, newest: TrackingEvent | None, words: Words, *, now: datetime
) -> str:
    """How old what is shown is: the scan, and the asking."""
    fetched_at = parcel.lookup.known.fetched_at
    if fetched_at is None:
        return words("never_checked", carrier=parcel.carrier)
    age = words.age(fetched_at, now=now)
    asked = "silent" if parcel.lookup.fault is not None else "checked"
    parts = [words("heard", age=words.age(newest.at, now=now))] if newest else []
    return " ".join([*parts, words(asked, carrier=parcel.carrier, age=age)])


def _steps(tracking: Tracking | None, word: str, words: Words) -> tuple[Step, ...]:
    """The progress bar: how far it got, never how far it may be by now."""
    status = tracking.status if tracking else Status.UNKNOWN
    reached = _REACHED.get(status)
    if reached is None:  # as far as any scan has brought it
        seen = [_REACHED.get(event.status, 0) for event in tracking.events] if tracking else []
        reached = max(seen, default=0)
    names = list(_STEPS)
    if word == "pickup":
        names[3] = "pickup"
    if word in {"returning", "returned"}:
        names[4] = "returned"
    done = reached == len(names) - 1
    return tuple(
        Step(
            words(f"step.{name}"),
            "done" if index < reached or done else "now" if index == reached else "open",
        )
        for index, name in enumerate(names)
    )


def _event(event: TrackingEvent, words: Words, zone: ZoneInfo) -> Event:
    """A scan in the time of its own place, where that is known; else in the shop's."""
    local = _local(event, zone)
    key = f"detail.{event.detail}"
    label = words(key) if event.detail and key in words.by_key else words(f"status.{event.status}")
    # The carrier's words are shown where ours say little.
    vague = event.status is Status.UNKNOWN or event.status is Status.EXCEPTION
    return Event(
        iso=None if event.local_time_only else event.at.isoformat(),
        day=words.short_day(local),
        time=words.clock(local),
        label=label,
        place=event.place,
        note=event.text if vague and event.text and fold(event.text) != fold(label) else None,
    )


def _local(event: TrackingEvent, zone: ZoneInfo) -> datetime:
    if event.local_time_only:
        return event.at.astimezone(UTC)  # a wall clock's time, kept as if it were UTC
    offset = offset_in(event.place, event.at.astimezone(UTC)) if event.place else None
    if offset is None:
        return event.at.astimezone(zone)
    return (event.at + offset).astimezone(UTC)


def _collect(newest: TrackingEvent, brand: Brand) -> Pickup:
    """What the shop knows of the place, else its name as the carrier gives it."""
    place = newest.place or ""
    for point in brand.pickup_points:
        if fold(point.place) == fold(place):
            return point
    return Pickup(place=place, name=place)


def _without_words(tracking: Tracking) -> Tracking:
    return replace(tracking, events=tuple(replace(event, text="") for event in tracking.events))
