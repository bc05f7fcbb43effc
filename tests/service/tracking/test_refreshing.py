from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from service.storefront.models import Order, Parcel
from service.tracking.budget import StoredBudget
from service.tracking.models import ParcelWatch
from service.tracking.refreshing import refresh_due
from tests.service.tracking.conftest import NOW
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.service import TrackingLookup

HOUR = timedelta(hours=1)


class Carrier:
    """The sandbox carrier's server: what each number's newest scan is, or an HTTP status."""

    def __init__(self):
        self.says, self.asked = {}, []

    def __call__(self, request):
        number = request.url.path.rpartition("/")[2]
        self.asked.append(number)
        says = self.says.get(number, "ARR")
        if isinstance(says, int):
            return httpx.Response(says, headers={"retry-after": "7200"})
        scan = {"code": says, "at": NOW.isoformat(), "place": None, "text": ""}
        return httpx.Response(200, json={"parcel": {"number": number, "scans": [scan]}})


@pytest.fixture
def carrier():
    return Carrier()


@pytest.fixture
async def refresh(sessions, store, carrier):
    http = httpx.AsyncClient(transport=httpx.MockTransport(carrier))
    lookup = TrackingLookup({"sandbox": Sandbox(http)}, store, budget=StoredBudget(sessions))

    async def run(now):
        carrier.asked.clear()
        await refresh_due(sessions, lookup, now=now)
        return sorted(carrier.asked)

    yield run
    await lookup.aclose()
    await http.aclose()


async def test_a_parcel_is_asked_about_when_it_is_due(refresh, parcel_of, carrier):
    await parcel_of("sandbox")
    await parcel_of("sandbox")
    carrier.says["N2"] = "OFD"
    assert await refresh(NOW) == ["N1", "N2"]
    assert await refresh(NOW + HOUR / 3) == []
    assert await refresh(NOW + HOUR / 2) == ["N2"]
    assert await refresh(NOW + 4 * HOUR) == ["N1", "N2"]


@pytest.mark.parametrize("code", ["DLV", "RTD", "CAN"])
async def test_it_stops_at_the_end_of_the_way(refresh, parcel_of, carrier, sessions, code):
    parcel = await parcel_of("sandbox")
    carrier.says["N1"] = code
    assert await refresh(NOW) == ["N1"]
    assert await refresh(NOW + 1000 * HOUR) == []
    async with sessions() as session:
        assert (await session.get_one(ParcelWatch, parcel)).due_at is None


async def test_others_parcels_and_carriers_nobody_can_ask_are_left_alone(
    refresh, parcel_of, sessions
):
    await parcel_of("pigeon")
    await parcel_of("sandbox")
    async with sessions.begin() as session:
        for parcel in await session.scalars(select(Parcel).where(Parcel.carrier == "sandbox")):
            parcel.order_id = None
    assert await refresh(NOW) == []


async def test_near_the_promise_comes_first(refresh, parcel_of, carrier, sessions):
    await parcel_of("sandbox")
    await parcel_of("sandbox", promised_to=NOW + HOUR)
    asked = carrier.asked
    await refresh(NOW)
    assert asked == ["N2", "N1"]
    assert await refresh(NOW + HOUR) == ["N2"]  # and oftener


async def test_a_carrier_that_throttles_is_left_alone_as_long_as_it_said(
    refresh, parcel_of, carrier, sessions
):
    for _ in range(3):
        await parcel_of("sandbox")
    carrier.says = dict.fromkeys(("N1", "N2", "N3"), 429)
    assert await refresh(NOW) == ["N1"]
    carrier.says = {}
    assert await refresh(NOW + 2 * HOUR - timedelta(seconds=1)) == []
    assert await refresh(NOW + 2 * HOUR) == ["N1", "N2", "N3"]
    async with sessions() as session:
        watches = await session.scalars(select(ParcelWatch))
        assert all(watch.asking_until is None for watch in watches)
        assert len((await session.scalars(select(Order))).all()) == 3


async def test_a_failure_of_one_parcel_is_not_that_of_the_next(refresh, parcel_of, carrier):
    await parcel_of("sandbox")
    await parcel_of("sandbox")
    carrier.says["N1"] = 400
    assert await refresh(NOW) == ["N1", "N2"]
    assert await refresh(NOW + HOUR / 5) == []
    assert await refresh(NOW + HOUR / 4) == ["N1"]
