from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from kit.errors import NotFound
from service.demo import carrier
from service.demo.carrier import WORDS
from service.demo.service import LASTS, seed, tracking_number
from service.demo.shop import GOODS, ORDERS
from service.demo.stories import STORIES
from service.storefront.models import Order
from tracking_lookup.carriers.sandbox.adapter import parse_tracking
from tracking_lookup.carriers.sandbox.statuses import STATUSES
from tracking_lookup.contract import Known
from tracking_lookup.model import Verdict
from tracking_lookup.truth import assess

MONDAY = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
# Every day of a week, and the small hours, noon and evening among them.
STARTS = [MONDAY + timedelta(days=day, hours=5 * day) for day in range(7)]


async def verdicts(sessions, at):
    """Each parcel's verdict at a moment, by its number, as a look-up at that moment finds it."""
    found = {}
    async with sessions() as session:
        for order in await session.scalars(select(Order).options(selectinload(Order.parcels))):
            for parcel in order.parcels:
                try:
                    payload = await carrier.answer(session, parcel.number, now=at)
                    tracking = parse_tracking(payload, number=parcel.number)
                except NotFound:
                    tracking = None
                known = Known(
                    parcel.carrier,
                    parcel.number,
                    tracking,
                    fetched_at=at,
                    promised_to=order.promised_to,
                    disputed_at=parcel.disputed_at,
                )
                found[parcel.number] = assess(known, now=at).verdict
    return found


async def test_each_story_is_what_it_says_on_any_day_of_the_week(sessions):
    expected = {
        tracking_number(row, index): STORIES[box.story].verdict
        for row in ORDERS
        for index, box in enumerate(row.boxes)
    }
    for start in STARTS:
        assert await seed(sessions, now=start)
        assert await verdicts(sessions, start) == expected, f"{start:%A %H:%M}"
        # Parcels move on; what there is to find out in the demo stays complete.
        for hours in (1, 5, LASTS / timedelta(hours=1)):
            later = start + timedelta(hours=hours)
            there = await verdicts(sessions, later)
            assert set(there.values()) == set(Verdict), f"{start:%A %H:%M} and {hours} hours"
            assert there["SBX00100101"] is Verdict.MOVING


@pytest.mark.parametrize("name", STORIES)
def test_a_story_can_be_told(name):
    story = STORIES[name]
    assert [scan.day for scan in story.scans] == sorted(scan.day for scan in story.scans)
    assert {scan.code for scan in story.scans} <= STATUSES.keys()
    assert name in {box.story for row in ORDERS for box in row.boxes}


def test_the_carrier_has_words_for_each_code_the_shop_can_read():
    assert WORDS.keys() == STATUSES.keys()


def test_nobody_in_the_table_can_exist():
    assert len({row.number for row in ORDERS}) == len(ORDERS)
    fiction = (
        *("+441632960", "+447700900", "+493023125", "+331990", "+467017406", "+3532091"),
        *("+6149157015", "+12125550", "+13125550", "+13105550", "+14165550", "+16045550"),
    )
    for row in ORDERS:
        assert row.email.endswith("@example.com")
        assert row.phone.startswith(fiction), row.phone
        assert {sku for box in row.boxes for sku in box.skus} | set(row.waiting) <= GOODS.keys()
        assert row.boxes or row.waiting
