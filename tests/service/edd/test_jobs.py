"""Trainings in a process of their own, and the demo's year."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from kit import clock
from service.demo import year
from service.edd import jobs, parcels
from service.edd.dates import Dates
from service.edd.models import Training, TrainingState
from service.edd.training import models as folder_of
from service.runtime import Runtime
from service.settings import Settings
from service.storefront.models import Order, Parcel, TrackingEventRow
from tests.service.edd.conftest import HOME
from tracking_lookup.model import Status

SOME = 600


@pytest.fixture
def runtime(sessions, database_url, tmp_path):
    settings = Settings(_env_file=None, var=tmp_path, secret_key="k" * 32)
    others = ("news", "http", "dialogue", "channels", "lookup", "faq", "terms", "mailer")
    unused = dict.fromkeys(others, None)
    return Runtime(
        settings=settings,
        sessions=sessions,
        database_url=database_url,
        dates=Dates(sessions, folder_of(settings), HOME),
        **unused,
    )


async def newest(sessions):
    async with sessions() as session:
        return await session.scalar(select(Training).order_by(Training.id.desc()).limit(1))


async def test_a_training_in_its_own_process_and_dates_from_it(runtime, sessions, add_parcel):
    now = clock.now()
    assert await year.lay_out(sessions, now=now, count=90)
    assert not await year.lay_out(sessions, now=now)
    parcel_id = await add_parcel((1.5, Status.IN_TRANSIT), (0.3, Status.IN_TRANSIT), now=now)
    assert await jobs.train(runtime)
    row = await newest(sessions)
    assert row.state == TrainingState.PROMOTED
    assert row.at_work.startswith("learned from ")
    assert row.ended_at > row.started_at
    assert await runtime.dates.refresh(now=now) > 0
    told = await runtime.dates.told([parcel_id], now=now)
    assert told[parcel_id].first >= now.date()
    # The same parcels are not trained on twice.
    assert await jobs.train(runtime)
    assert (await newest(sessions)).version == row.version


async def test_a_training_that_cannot_be_says_why(runtime, sessions):
    nowhere = replace(runtime, database_url="postgresql://nobody@127.0.0.1:1/none")
    assert not await jobs.train(nowhere)
    row = await newest(sessions)
    assert row.state == TrainingState.FAILED
    assert row.ended_at is not None


async def test_the_year_has_what_a_real_one_has(sessions):
    now = clock.now()
    made = list(year.parcels(now))
    assert len(made) == year.PARCELS
    assert made == list(year.parcels(now))
    await year.lay_out(sessions, now=now, count=SOME)
    async with sessions() as session:
        loaded = await parcels.learn_from(session, HOME)
        assert not loaded.skipped
        assert len(loaded.shipments) > 0.97 * SOME
        assert await session.scalar(
            select(func.count()).select_from(Order).where(
                Order.email.is_not(None) | Order.phone.is_not(None) | Order.name.is_not(None)
            )
        ) == 0  # fmt: skip
        under_way = [one for one in loaded.shipments if one.delivered_at is None]
        assert 3 < len(under_way) < 60
        assert await session.scalar(select(func.max(TrackingEventRow.at))) <= now
    # Old after a week: laid out anew, nothing twice.
    later = now + year.AGED + timedelta(days=1)
    assert await year.lay_out(sessions, now=later, count=SOME)
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Parcel)) == SOME
