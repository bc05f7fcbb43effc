"""What is told of a parcel: kept, steady, hidden where untrue, and never from its future."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from service.edd import history, parcels
from service.edd.dates import Dates
from service.edd.models import DeliveryDate, DeliveryDateMove
from service.notifications.models import MilestoneRow
from service.storefront.models import Parcel
from service.storefront.store import ServiceParcelStore
from tests.service.edd.conftest import HOME, NOW, tell
from tracking_lookup.edd.promise import Why
from tracking_lookup.model import Status, Verdict
from tracking_lookup.truth import assess

DAY = timedelta(days=1)
PICKED_UP = (1.5, Status.IN_TRANSIT)
ARRIVED = (0.2, Status.IN_TRANSIT)


async def moves(sessions, parcel_id):
    async with sessions() as session:
        return (await history.moves(session, [parcel_id])).get(parcel_id, [])


async def test_a_window_is_told_kept_with_the_parcel_and_weighed_in_its_verdict(
    sessions, dates, add_parcel
):
    parcel_id = await add_parcel(PICKED_UP, ARRIVED, promised=6)
    told = (await dates.told([parcel_id], now=NOW))[parcel_id]
    # Handed over on Monday evening, three or four days on the way.
    assert date(2026, 5, 7) <= told.first <= told.last <= date(2026, 5, 10)
    assert told.because.startswith("Parcels on this route took about")
    known = await ServiceParcelStore(sessions).known(parcel_id)
    assert known.window == told
    async with sessions() as session:
        row = await session.get_one(DeliveryDate, parcel_id)
    assert (row.shop, row.carrier) == (date(2026, 5, 12), None)  # all three are kept
    [first] = await moves(sessions, parcel_id)
    assert (first.why, first.matters, first.last) == (Why.FIRST, False, told.last)


async def test_without_a_model_the_carriers_date_and_its_moves_are_kept(
    sessions, tmp_path, add_parcel
):
    """It is no estimate: no window of ours is told, and no verdict comes from it."""
    parcel_id = await add_parcel(PICKED_UP)
    nothing = Dates(sessions, tmp_path, HOME)
    assert await nothing.told([parcel_id], now=NOW) == {}
    assert await moves(sessions, parcel_id) == []
    for hour, day in ((1, 2), (2, 2), (3, 4)):
        later = NOW + timedelta(hours=hour)
        await tell(sessions, parcel_id, PICKED_UP, now=later, promised=day)
        assert await nothing.told([parcel_id], now=later) == {}
    first, second = await moves(sessions, parcel_id)
    assert (second.why, second.last_before) == (Why.LATER, first.last)
    assert second.last == first.last + 2 * DAY
    assert (await ServiceParcelStore(sessions).known(parcel_id)).window is None
    assert await nothing.refresh(now=NOW) == 0


async def test_a_date_stays_until_it_cannot_and_the_move_is_recorded_with_its_reason(
    sessions, dates, add_parcel
):
    parcel_id = await add_parcel(PICKED_UP, ARRIVED)
    told = (await dates.told([parcel_id], now=NOW))[parcel_id]
    later = NOW + timedelta(hours=3)
    await tell(sessions, parcel_id, PICKED_UP, ARRIVED, (0, Status.IN_TRANSIT), now=later)
    assert (await dates.told([parcel_id], now=later))[parcel_id].last == told.last
    assert len(await moves(sessions, parcel_id)) == 1

    past = NOW + (told.last - NOW.date() + 2 * DAY)
    moved = (await dates.told([parcel_id], now=past))[parcel_id]
    assert moved.first >= past.date()
    assert moved.due == told.due >= told.last
    assert moved.was
    assert moved.was[1] == told.last
    *_, last = await moves(sessions, parcel_id)
    assert (last.why, last.matters, last.last_before) == (Why.PASSED, True, told.last)
    async with sessions() as session:
        order_id = (await session.get_one(Parcel, parcel_id)).order_id
        late = await history.days_late(session, order_id, today=past.date())
    assert late == (past.date() - told.last).days > 0
    async with sessions() as session:
        delays = await session.scalars(select(MilestoneRow).filter_by(trigger="delayed"))
        assert [(row.parcel_id, row.facts["old_last"]) for row in delays] == [
            (parcel_id, told.last.isoformat())
        ]


async def test_past_the_day_by_which_such_parcels_had_come_it_is_late_without_a_promise(
    sessions, dates, add_parcel
):
    parcel_id = await add_parcel(PICKED_UP, ARRIVED)
    told = (await dates.told([parcel_id], now=NOW))[parcel_id]
    for day, expected in ((told.due, Verdict.MOVING), (told.due + DAY, Verdict.OVERDUE)):
        late = NOW + (day - NOW.date())
        known = await tell(
            sessions, parcel_id, PICKED_UP, ARRIVED, (0, Status.IN_TRANSIT), now=late
        )
        found = assess(known, now=late)
        assert found.verdict is expected
        assert assess(replace(known, window=None), now=late).verdict is Verdict.MOVING
    assert found.because.startswith("19 in 20 such parcels had come by ")


@pytest.mark.parametrize("end", [Status.DELIVERED, Status.RETURNING])
async def test_a_date_that_means_nothing_any_more_is_hidden(sessions, dates, add_parcel, end):
    parcel_id = await add_parcel(PICKED_UP, ARRIVED)
    assert await dates.told([parcel_id], now=NOW)
    later = NOW + timedelta(hours=1)
    await tell(sessions, parcel_id, PICKED_UP, ARRIVED, (0, end), now=later)
    assert await dates.told([parcel_id], now=later) == {}
    *_, last = await moves(sessions, parcel_id)
    assert (last.why, last.last, last.matters) == (Why.HIDDEN, None, False)


async def test_a_parcels_future_changes_nothing_that_is_said_of_it(
    sessions, dates, models, add_parcel
):
    """The leak test through the service: rows read from the database, later scans and all."""
    model = (await dates.model())[1]
    ids = [
        await add_parcel((1.5 + day, Status.IN_TRANSIT), (0.4 + day, Status.IN_TRANSIT), ordered=5)
        for day in range(3)
    ]
    async with sessions() as session:
        before = await parcels.under_way(session, ids, HOME)
    then = NOW.astimezone(HOME.zone)
    said = [model.predict(one, then) for one in before.values()]
    after = NOW + 9 * DAY
    futures = [Status.OUT_FOR_DELIVERY, Status.DELIVERED, Status.EXCEPTION]
    for day, (parcel_id, end) in enumerate(zip(ids, futures, strict=True)):
        scans = [(10.5 + day, Status.IN_TRANSIT), (9.4 + day, Status.IN_TRANSIT), (2, end)]
        await tell(sessions, parcel_id, *scans, now=after, promised=1)
    async with sessions() as session:
        rows = await parcels.under_way(session, ids, HOME)
    assert rows[ids[1]].delivered_at is not None
    assert rows != before
    assert [model.predict(one, then) for one in rows.values()] == said
    # A date that the carrier gives when it knows of the delay is not what it promised first.
    assert all(one.carrier_promised is None for one in rows.values())


async def test_rows_to_learn_from(sessions, add_parcel):
    good = await add_parcel((5, Status.IN_TRANSIT), (1, Status.DELIVERED), ordered=6)
    under_way = await add_parcel((5, Status.LABEL_CREATED), (4, Status.IN_TRANSIT), ordered=6)
    await add_parcel((5, Status.IN_TRANSIT), (1, Status.DELIVERED), ordered=2)  # before its order
    await add_parcel((5, Status.IN_TRANSIT), (1, Status.RETURNED), ordered=6)
    await add_parcel()  # nobody has heard of it
    await add_parcel((5, Status.IN_TRANSIT), ordered=6, cancelled_at=NOW)
    abroad = await add_parcel((5, Status.IN_TRANSIT), ordered=7, country="US", postcode="10011")
    async with sessions() as session:
        loaded = await parcels.learn_from(session, HOME)
        thinned = await parcels.learn_from(session, HOME, most=1)
    by_id = {one.id: one for one in loaded.shipments}
    assert list(by_id) == [str(abroad), str(good), str(under_way)]
    assert dict(loaded.skipped) == {"handed over before ordered": 1}
    assert by_id[str(good)].delivered_at == NOW - DAY
    assert by_id[str(under_way)].delivered_at is None
    assert by_id[str(under_way)].handed_over_at == NOW - 4 * DAY  # a label is no hand-over
    assert by_id[str(good)].lane == ("sandbox", "domestic", "GB", "LS")
    assert by_id[str(abroad)].lane == ("sandbox", "international", "GB", "US")
    assert by_id[str(abroad)].ordered_at.tzinfo.key == "America/New_York"
    # Too many of them are thinned by their ids.
    assert len(thinned.shipments) <= 2
    assert thinned.left_out > 0


async def test_many_at_once_move_a_date_once(sessions, dates, models, add_parcel):
    parcel_id = await add_parcel(PICKED_UP, ARRIVED)
    others = [Dates(sessions, models, HOME) for _ in range(4)]
    await asyncio.gather(*(one.estimate([parcel_id], now=NOW, anew=True) for one in others))
    assert len(await moves(sessions, parcel_id)) == 1


async def test_each_parcel_under_way_is_looked_at_once_a_day(sessions, dates, add_parcel):
    for _ in range(3):
        await add_parcel(PICKED_UP, ARRIVED)
    done = await add_parcel((9, Status.IN_TRANSIT), (5, Status.DELIVERED), ordered=10)
    assert await dates.refresh(now=NOW) == 3
    assert await dates.refresh(now=NOW + timedelta(hours=2)) == 0
    assert await dates.refresh(now=NOW + DAY) == 3
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(DeliveryDateMove)) >= 3
        assert await session.get(DeliveryDate, done) is None
