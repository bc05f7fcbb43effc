import pytest

from service.tracking import service
from tracking_lookup.model import Status, Tracking


@pytest.mark.parametrize(
    ("ours", "told", "by_aggregator", "found"),
    [
        ("ups", "ups", False, True),
        ("ups", "dhl", False, False),
        ("ups", "dhl", True, True),  # an aggregator writes carriers in its own way
        ("unknown", "dhl", False, True),  # the shop did not say
    ],
)
async def test_which_parcel_a_webhook_is_about(
    sessions, parcel_of, ours, told, by_aggregator, found
):
    parcel = await parcel_of(ours)
    tracking = Tracking(told, "N1", Status.IN_TRANSIT)
    async with sessions() as session:
        told_of = await service.parcel_id(session, tracking, by_aggregator=by_aggregator)
        other = Tracking(told, "N2", Status.IN_TRANSIT)
        assert await service.parcel_id(session, other, by_aggregator=by_aggregator) is None
    assert told_of == (parcel if found else None)
