from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from tracking_lookup.merge import digest, merge, told_once, without
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent

T0 = datetime(2026, 11, 16, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def event(hours, status, **more):
    return TrackingEvent(T0 + hours * HOUR, status, code=more.pop("code", status.value), **more)


LABEL = event(0, Status.LABEL_CREATED)
MOVING = event(10, Status.IN_TRANSIT, place="Columbus, OH, US")
VAN = event(30, Status.OUT_FOR_DELIVERY)
DELIVERED = event(34, Status.DELIVERED, detail=Detail.SIGNED)


def answer(*events, **more):
    """An answer whose summary is its newest event's, as carriers send it."""
    newest = max(events, key=lambda e: e.at)
    return Tracking("ups", "1Z", newest.status, newest.detail, events=tuple(events), **more)


def test_events_are_kept_once_and_newest_first():
    parcel = merge(answer(LABEL, MOVING), answer(VAN, MOVING, LABEL))
    assert parcel.events == (VAN, MOVING, LABEL)
    assert merge(None, answer(LABEL, VAN, LABEL, MOVING)).events == (VAN, MOVING, LABEL)


def test_a_late_old_event_never_moves_a_parcel_backwards():
    parcel = merge(answer(DELIVERED, VAN), answer(MOVING))
    assert (parcel.status, parcel.detail) == (Status.DELIVERED, Detail.SIGNED)
    assert parcel.events == (DELIVERED, VAN, MOVING)


def test_a_correction_is_believed():
    back = event(40, Status.IN_TRANSIT)
    assert merge(answer(DELIVERED), answer(back)).status is Status.IN_TRANSIT


def test_the_same_newest_event_takes_the_newer_summary():
    old = Tracking("ups", "1Z", Status.IN_TRANSIT, events=(MOVING,))
    new = Tracking("ups", "1Z", Status.EXCEPTION, Detail.DELAYED, events=(MOVING,))
    assert (merge(old, new).status, merge(old, new).detail) == (Status.EXCEPTION, Detail.DELAYED)


def test_not_found_never_hides_what_was_known():
    nothing = Tracking("ups", "1Z", Status.NOT_FOUND)
    assert merge(answer(MOVING), nothing) == answer(MOVING)
    assert merge(nothing, answer(MOVING)).status is Status.IN_TRANSIT
    label = Tracking("ups", "1Z", Status.LABEL_CREATED)
    assert merge(label, nothing).status is Status.LABEL_CREATED
    assert merge(nothing, label).status is Status.LABEL_CREATED


def test_a_promise_stays_until_there_is_another():
    friday, monday = T0 + 96 * HOUR, T0 + 168 * HOUR
    promised = answer(LABEL, promised_from=friday, promised_to=friday + HOUR)
    kept = merge(promised, answer(MOVING))
    assert (kept.promised_from, kept.promised_to) == (friday, friday + HOUR)
    assert merge(kept, answer(VAN, promised_to=monday)).promised_to == monday
    assert merge(kept, answer(VAN, promised_to=monday)).promised_from is None
    late = merge(answer(VAN, promised_to=monday), promised)
    assert late.promised_to == monday


def test_what_makes_an_event_the_same():
    same = TrackingEvent(
        (T0 + 10 * HOUR).astimezone(timezone(-5 * HOUR)),
        Status.UNKNOWN,  # our reading of it, from before the table had a row
        place="COLUMBUS,  OH, US ",
        code="in_transit",
    )
    assert digest(same) == digest(MOVING)
    for other in (
        event(11, Status.IN_TRANSIT, place="Columbus, OH, US"),
        event(10, Status.IN_TRANSIT, place="Hodgkins, IL, US"),
        event(10, Status.IN_TRANSIT, place="Columbus, OH, US", code="AR"),
        event(10, Status.IN_TRANSIT, place="Columbus, OH, US", text="Arrived"),
    ):
        assert digest(other) != digest(MOVING)
    assert digest(TrackingEvent(T0, Status.UNKNOWN, text="\ud800 lone"))


def test_of_two_scans_of_one_moment_the_further_one_is_newer():
    arrived, out = event(30, Status.IN_TRANSIT), event(30, Status.OUT_FOR_DELIVERY)
    for order in permutations([arrived, out]):
        assert merge(None, answer(*order)).events == (out, arrived)


histories = st.lists(
    st.builds(
        event,
        st.integers(0, 50),
        st.sampled_from([s for s in Status if s is not Status.NOT_FOUND]),
        detail=st.none() | st.sampled_from(Detail),
        place=st.sampled_from([None, "Leipzig", "Lyon"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=digest,
)


@st.composite
def deliveries(draw):
    """The same events twice over: cut into answers, repeated and shuffled, two different ways."""
    history = draw(histories)

    def told():
        parts = [[e] for e in history]
        parts += draw(st.lists(st.lists(st.sampled_from(history), min_size=1), max_size=4))
        return [_summed(part) for part in draw(st.permutations(parts))]

    return told(), told()


def _summed(events):
    newest_first = merge(None, answer(*events)).events
    return Tracking(
        "ups", "1Z", newest_first[0].status, newest_first[0].detail, events=tuple(events)
    )


@given(deliveries())
def test_any_order_and_repetition_gives_the_same_parcel(told):
    one, other = told
    assert reduce(merge, one, None) == reduce(merge, other, None)


@given(histories)
def test_hearing_the_same_again_changes_nothing(history):
    once = merge(None, _summed(history))
    assert merge(once, _summed(history)) == once == merge(once, once)


def test_what_two_sources_tell_of_one_scan_is_there_once():
    asked = event(30, Status.DELIVERED, place="Columbus, OH, US", text="Delivered", code="FS")
    pushed = event(30, Status.DELIVERED, place="COLUMBUS", text="DELIVERED, FRONT DOOR", code="D")
    aggregated = TrackingEvent(asked.at + timedelta(seconds=20), Status.DELIVERED, Detail.SIGNED)
    for told in permutations([asked, pushed, aggregated]):
        parcel = told_once(merge(None, answer(*told)))
        assert parcel.events == (aggregated,)  # the one that says more
    assert len(told_once(answer(asked, pushed)).events) == 1


def test_what_differs_stays_apart():
    base = {"place": "Columbus, OH, US", "text": "Arrived at facility"}
    arrived = event(10, Status.IN_TRANSIT, detail=Detail.ARRIVED, **base)
    for other in (
        event(10, Status.IN_TRANSIT, detail=Detail.DEPARTED, code="DP", **base),
        event(10, Status.EXCEPTION, **base),
        event(11, Status.IN_TRANSIT, **base),
        event(10, Status.IN_TRANSIT, place="Dayton, OH, US", text="Arrived at facility"),
        event(10, Status.IN_TRANSIT, place="Columbus, OH, US", text="Weighed"),
    ):
        assert len(told_once(merge(None, answer(arrived, other))).events) == 2


def test_a_time_without_a_zone_is_the_scan_a_zone_away():
    sure = event(10, Status.OUT_FOR_DELIVERY, place="Columbus, OH, US")
    unsure = event(5, Status.OUT_FOR_DELIVERY, place="Columbus", local_time_only=True)
    assert told_once(merge(None, answer(sure, unsure))).events == (sure,)
    odd = event(5.1, Status.OUT_FOR_DELIVERY, place="Columbus", local_time_only=True)
    assert len(told_once(merge(None, answer(sure, odd))).events) == 2


@given(histories)
def test_being_told_once_is_a_matter_of_the_events_alone(history):
    forwards, backwards = merge(None, answer(*history)), merge(None, answer(*history[::-1]))
    assert told_once(forwards).events == told_once(backwards).events
    assert told_once(told_once(forwards)) == told_once(forwards)


def test_what_was_taken_back_is_gone_and_the_scan_before_it_counts():
    parcel = without(answer(DELIVERED, VAN, MOVING), {digest(DELIVERED)})
    parcel = without(merge(None, parcel), {digest(DELIVERED)})
    assert (parcel.status, parcel.detail, parcel.events) == (
        Status.OUT_FOR_DELIVERY,
        None,
        (VAN, MOVING),
    )
    assert without(answer(VAN), {digest(VAN)}).status is Status.UNKNOWN
    assert without(None, {"x"}) is None
