from datetime import timedelta

import pytest
from sqlalchemy import select

from service.tracking.models import WithdrawnEvent
from tests.service.tracking.conftest import NOW
from tracking_lookup.model import Status, Tracking, TrackingEvent

HOUR = timedelta(hours=1)
VAN = TrackingEvent(NOW - 5 * HOUR, Status.OUT_FOR_DELIVERY, code="OFD")
DELIVERED = TrackingEvent(NOW - HOUR, Status.DELIVERED, code="DLV")


def told(*events):
    return Tracking("ups", "N1", events[0].status, events=events)


@pytest.fixture
async def hear(store, parcel_of):
    """Records answers of one parcel; gives its status and its scans then."""
    parcel = await parcel_of()

    async def record(hours, *events, **more):
        known = await store.record(parcel, told(*events), {}, fetched_at=NOW + hours * HOUR, **more)
        return known.tracking.status, [event.code for event in known.tracking.events]

    return record


async def test_delivered_taken_back_is_believed_and_recorded(hear, sessions):
    assert await hear(0, DELIVERED, VAN) == (Status.DELIVERED, ["DLV", "OFD"])
    assert await hear(1, VAN) == (Status.OUT_FOR_DELIVERY, ["OFD"])
    async with sessions() as session:
        [withdrawn] = await session.scalars(select(WithdrawnEvent))
    assert withdrawn.at == NOW + HOUR
    # and told again, it counts again
    assert await hear(2, DELIVERED, VAN) == (Status.DELIVERED, ["DLV", "OFD"])


async def test_a_later_scan_corrects_too(hear):
    await hear(0, DELIVERED, VAN)
    back = TrackingEvent(NOW, Status.RETURNING, code="RTS")
    assert await hear(1, back, DELIVERED, VAN) == (Status.RETURNING, ["RTS", "DLV", "OFD"])


@pytest.mark.parametrize(
    ("hours", "more"),
    [
        (-1, {}),  # an older answer, come late
        (0, {}),  # no later than the other
        (1, {"whole": False}),  # a webhook tells of one scan
        (1, {"source": "everybody"}),  # another source may not know yet
    ],
)
async def test_what_proves_nothing_takes_nothing_back(hear, hours, more):
    await hear(0, DELIVERED, VAN)
    assert (await hear(hours, VAN, **more))[0] is Status.DELIVERED


async def test_a_webhook_ahead_of_the_answers_is_not_taken_back(hear):
    await hear(0, VAN)
    await hear(1, DELIVERED, whole=False)
    assert (await hear(2, VAN))[0] is Status.DELIVERED


async def test_a_shortened_history_takes_nothing_back(hear):
    await hear(0, DELIVERED, VAN)
    assert await hear(1, DELIVERED) == (Status.DELIVERED, ["DLV", "OFD"])
