from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.notifications.milestones import triggers
from service.notifications.news import OF_ORDER, Trigger, read, sample
from tests.service.notifications.telling import DAY, HOUR, NOW, Detail, Status, scan
from tracking_lookup.contract import Known, Window
from tracking_lookup.merge import merge
from tracking_lookup.model import Tracking

LONDON = ZoneInfo("Europe/London")
MOVING = scan(NOW - 2 * HOUR, detail=Detail.DEPARTED)
NOT_FOUND = Tracking("ups", "1Z", Status.NOT_FOUND)


def known(*events, window=None, **more):
    """A parcel with these events, whichever way they came."""
    events = sorted(events, key=lambda event: event.at)
    tracking = None
    for event in events:
        heard = Tracking("ups", "1Z", event.status, event.detail, (event,))
        tracking = merge(tracking, heard)
    return Known(
        "ups", "1Z", tracking=tracking, fetched_at=NOW, window=window, country="GB", **more
    )


def told(before, after, now=NOW):
    return {one.trigger for one in triggers.happened(before, after, now=now, zone=LONDON)}


def window(first, last):
    return Window(date(2026, 11, first), date(2026, 11, last), date(2026, 11, last), "usual")


@pytest.mark.parametrize(
    ("trigger", "event"),
    [
        ("shipped", scan(NOW, Status.LABEL_CREATED)),
        ("first_movement", scan(NOW, detail=Detail.PICKED_UP)),
        ("reached_country", scan(NOW, detail=Detail.REACHED_DESTINATION_COUNTRY)),
        ("customs", scan(NOW, Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED)),
        ("customs", scan(NOW, Status.EXCEPTION, Detail.PAYMENT_DUE)),
        ("out_for_delivery", scan(NOW, Status.OUT_FOR_DELIVERY)),
        ("attempt_failed", scan(NOW, Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE)),
        ("attempt_failed", scan(NOW, Status.EXCEPTION, Detail.ADDRESS_PROBLEM)),
        ("ready_for_pickup", scan(NOW, Status.AVAILABLE_FOR_PICKUP)),
        ("delivered", scan(NOW, Status.DELIVERED)),
        ("delivered_elsewhere", scan(NOW, Status.DELIVERED, Detail.TO_NEIGHBOUR)),
        ("coming_back", scan(NOW, Status.RETURNING)),
        ("lost_suspected", scan(NOW, Status.EXCEPTION, Detail.LOST)),
    ],
)
def test_what_a_scan_brings(trigger, event):
    before = known(scan(NOW - 3 * HOUR, Status.UNKNOWN))
    after = known(scan(NOW - 3 * HOUR, Status.UNKNOWN), event)
    assert told(before, after) == {Trigger(trigger)}
    assert told(after, after) == set()


def test_the_clock_alone_brings_silence_tomorrow_a_reminder_and_loss():
    def holding(parcel, now):
        return {one.trigger for one in triggers.holding(parcel, now=now, zone=LONDON)}

    moving = known(MOVING)
    assert holding(moving, NOW) == {Trigger.FIRST_MOVEMENT}
    assert Trigger.QUIET in holding(moving, NOW + 6 * DAY)
    assert Trigger.LOST_SUSPECTED in holding(moving, NOW + 20 * DAY)
    promised = known(MOVING, window=window(25, 25))
    assert Trigger.ARRIVING_TOMORROW in holding(promised, NOW)
    assert Trigger.ARRIVING_TOMORROW not in holding(promised, NOW - DAY)
    assert Trigger.ARRIVING_TOMORROW not in holding(known(MOVING, window=window(24, 25)), NOW)
    waits = known(scan(NOW, Status.AVAILABLE_FOR_PICKUP, place="Leeds, GB"))
    assert holding(waits, NOW + 2 * DAY) == {Trigger.READY_FOR_PICKUP}
    assert holding(waits, NOW + 3 * DAY) == {Trigger.READY_FOR_PICKUP, Trigger.PICKUP_REMINDER}


def test_a_delay_is_the_day_told_becoming_a_later_one():
    before, after = known(MOVING, window=window(24, 25)), known(MOVING, window=window(26, 27))
    [moved] = triggers.happened(before, after, now=NOW, zone=LONDON)
    assert (moved.trigger, moved.about) == (Trigger.DELAYED, "2026-11-27")
    assert moved.old == (date(2026, 11, 24), date(2026, 11, 25))
    assert told(after, before) == set()  # earlier is no delay
    assert told(known(MOVING), after) == set()  # nor is the first day that is told
    assert triggers.still(moved, after, now=NOW, zone=LONDON)
    assert not triggers.still(moved, before, now=NOW, zone=LONDON)
    here = known(MOVING, scan(NOW, Status.DELIVERED), window=window(26, 27))
    assert not triggers.still(moved, here, now=NOW, zone=LONDON)


def test_nothing_of_a_parcel_that_was_over_when_it_came_to_us():
    over = known(scan(NOW - DAY, Status.OUT_FOR_DELIVERY), scan(NOW, Status.DELIVERED))
    assert told(None, over) == set()
    assert told(Known("ups", "1Z"), over) == set()
    assert told(None, known(scan(NOW, Status.OUT_FOR_DELIVERY))) == {Trigger.OUT_FOR_DELIVERY}


def test_when_it_happened_is_when_the_parcel_came_to_it():
    first, later = scan(NOW - 5 * DAY), scan(NOW - HOUR)
    [one] = triggers.happened(None, known(first, later), now=NOW, zone=LONDON)
    assert (one.trigger, one.at) == (Trigger.FIRST_MOVEMENT, NOW - 5 * DAY)
    label = scan(NOW - 2 * HOUR, Status.LABEL_CREATED)  # the number had another way before
    [one] = triggers.happened(None, known(first, label, later), now=NOW, zone=LONDON)
    assert (one.trigger, one.at) == (Trigger.FIRST_MOVEMENT, NOW - HOUR)
    [again] = triggers.happened(
        known(first, later), known(first, label, later), now=NOW, zone=LONDON
    )
    assert again == one  # what seemed old is of now
    silent = known(scan(NOW - 20 * DAY))
    [lost] = triggers.holding(silent, now=NOW, zone=LONDON)
    assert NOW - 7 * DAY < lost.at < NOW - 5 * DAY  # ten working days after the scan
    assert triggers.holding(silent, now=NOW + DAY, zone=LONDON) == [lost]
    ahead = known(scan(NOW + HOUR, Status.OUT_FOR_DELIVERY))  # a carrier's clock
    assert triggers.holding(ahead, now=NOW, zone=LONDON)[0].at == NOW


def test_of_several_of_one_parcel_those_that_another_says():
    said = triggers.overtaken([Trigger.SHIPPED, Trigger.FIRST_MOVEMENT, Trigger.CUSTOMS])
    assert said == {Trigger.SHIPPED}
    assert triggers.overtaken([Trigger.DELIVERED]) == frozenset()


def test_all_delivered_is_of_a_split_order():
    here, on_its_way = known(scan(NOW, Status.DELIVERED)), known(MOVING)
    whole = {"items_wait": False, "now": NOW}
    assert triggers.all_delivered([here], **whole) is None
    assert triggers.all_delivered([here, on_its_way], **whole) is None
    assert triggers.all_delivered([here, here], **whole) == NOW
    assert triggers.all_delivered([here, here], items_wait=True, now=NOW) is None


EVENTS = st.builds(
    scan,
    st.integers(-200, 0).map(lambda hours: NOW + hours * HOUR),
    st.sampled_from(Status),
    st.one_of(st.none(), st.sampled_from(Detail)),
)


@given(st.lists(EVENTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_laws_of_small_histories(events, random):
    """In whatever order its scans come, again and again: nothing after the end, nothing ahead.

    And what is so in the end was noticed, as no older than it is.
    """
    order = [*events, *random.sample(events, len(events))]
    random.shuffle(order)
    before, heard, noticed = Known("ups", "1Z", tracking=NOT_FOUND), [], {}
    for event in order:
        heard.append(event)
        after = known(*heard)
        found = triggers.happened(before, after, now=NOW, zone=LONDON)
        assert len({one.trigger for one in found}) == len(found)
        assert not OF_ORDER & {one.trigger for one in found}
        newest = after.tracking.events[0]
        for one in found:
            noticed[one.trigger] = max(one.at, noticed.get(one.trigger, one.at))
            assert one.at <= NOW
            assert triggers.still(one, after, now=NOW, zone=LONDON)
            if one.trigger is Trigger.OUT_FOR_DELIVERY:
                assert newest.status is Status.OUT_FOR_DELIVERY
            if newest.status is Status.DELIVERED:
                assert one.trigger in {Trigger.DELIVERED, Trigger.DELIVERED_ELSEWHERE}
        assert told(after, after) == set()  # a replay is no news
        before = after
    whole = {one.trigger: one.at for one in triggers.holding(before, now=NOW, zone=LONDON)}
    straight = triggers.holding(known(*events), now=NOW, zone=LONDON)
    assert whole == {one.trigger: one.at for one in straight}
    assert all(at <= noticed[trigger] for trigger, at in whole.items())


@pytest.mark.parametrize("trigger", Trigger)
def test_news_is_kept_as_it_is(trigger):
    news = sample(trigger, now=NOW)
    assert read(news.as_json()) == news
