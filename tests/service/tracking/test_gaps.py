from datetime import timedelta

from service.tracking import gaps
from tests.service.tracking.conftest import NOW
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def deliver(store, parcel, gap, detail=None):
    """A parcel whose longest silence on its way was ``gap``, within one working week."""
    start = NOW - 2 * DAY  # a Monday
    events = (
        TrackingEvent(start + gap + HOUR, Status.DELIVERED),
        TrackingEvent(start + gap, Status.OUT_FOR_DELIVERY),
        TrackingEvent(start, Status.IN_TRANSIT, detail),
        TrackingEvent(start - 90 * DAY, Status.LABEL_CREATED),
    )
    tracking = Tracking("ups", "1", Status.DELIVERED, events=events)
    await store.record(parcel, tracking, {}, fetched_at=NOW)


async def learned(sessions, store, parcel):
    async with sessions.begin() as session:
        await gaps.learn(session, now=NOW + DAY)
    return (await store.known(parcel)).normal_gap


async def test_what_is_normal_is_learned_from_thirty_parcels(sessions, store, parcel_of):
    parcels = [await parcel_of() for _ in range(30)]
    for n, parcel in enumerate(parcels[:-1]):
        await deliver(store, parcel, (30 + n) * HOUR)
    assert await learned(sessions, store, parcels[0]) is None
    await deliver(store, parcels[-1], 59 * HOUR)
    assert await learned(sessions, store, parcels[0]) == 58 * HOUR  # the 29th of 30
    abroad = await parcel_of()
    await deliver(store, abroad, HOUR, Detail.LEFT_ORIGIN_COUNTRY)
    assert await learned(sessions, store, abroad) is None  # another leg
    assert (await store.known(await parcel_of("dhl"))).normal_gap is None


async def test_swift_parcels_do_not_make_a_day_of_silence_odd(sessions, store, parcel_of):
    parcels = [await parcel_of() for _ in range(30)]
    for parcel in parcels:
        await deliver(store, parcel, 2 * HOUR)
    assert await learned(sessions, store, parcels[0]) == DAY
