import pickle
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kit.errors import BadInput
from tracking_lookup.edd import features
from tracking_lookup.edd.backtest import backtest
from tracking_lookup.edd.features import daily, look, moments, walk
from tracking_lookup.edd.fitting import MODEL, fit
from tracking_lookup.edd.history import History
from tracking_lookup.edd.model import train
from tracking_lookup.edd.quantiles import at_share
from tracking_lookup.edd.shipments import Scan, Shipment, Stage
from tracking_lookup.edd.synthetic import World, shipments
from tracking_lookup.model import Status

NOW = datetime(2025, 6, 1, 9, tzinfo=UTC)
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def parcels():
    return list(shipments(World(parcels=700, days=170)))


@pytest.fixture(scope="module")
def model(parcels):
    return train(parcels, NOW)


@pytest.fixture(scope="module")
def done(parcels):
    return backtest(parcels)


def scrambled(one, now, rng):
    """The same past, and any other future."""
    later = now + timedelta(days=rng.uniform(0.1, 60))
    known = one.known_at(now)
    return replace(
        known,
        handed_over_at=known.handed_over_at or later,
        delivered_at=known.delivered_at or later + timedelta(days=rng.uniform(0, 30)),
        scans=(*known.scans, Scan(later, Status.EXCEPTION, "elsewhere")),
    )


def test_shuffling_the_future_changes_no_training_and_no_prediction(parcels, model):
    rng = random.Random(3)
    other = [scrambled(one, NOW, rng) for one in parcels]
    rng.shuffle(other)
    again = train(other, NOW)
    open_ = [one for one in parcels if one.ordered_at < NOW <= one.delivered_at]
    assert len(open_) > 20
    swapped = [scrambled(one, NOW, rng) for one in open_]
    assert model.predict_many(open_, NOW) == again.predict_many(swapped, NOW)


def test_every_look_is_made_of_its_own_past_alone(parcels):
    """A feature that peeks differs once the future is another."""
    rng = random.Random(4)
    looks, _ = walk(parcels[:300], refresh=daily, until=NOW)
    for seen in rng.sample(looks, 12):
        other = [scrambled(one, seen.at, rng) for one in parcels[:300] if one.ordered_at <= seen.at]
        again, _ = walk(other, refresh=daily, until=seen.at + timedelta(microseconds=1))
        same = next(
            one
            for one in again
            if (one.shipment.id, one.stage, one.at) == (seen.shipment.id, seen.stage, seen.at)
        )
        assert same.features == pytest.approx(seen.features, nan_ok=True), seen.stage


def test_a_feature_of_data_after_the_prediction_would_be_caught(parcels, monkeypatch):
    honest = Shipment.known_at
    monkeypatch.setattr(Shipment, "known_at", lambda self, now: self)
    with pytest.raises(AssertionError):
        test_every_look_is_made_of_its_own_past_alone(parcels)
    monkeypatch.setattr(Shipment, "known_at", honest)


def test_ours_beats_the_lane_median_and_its_windows_hold_what_they_say(done):
    ours, lanes = done.row("wismo", Stage.ORDERED), done.row("lane table", Stage.ORDERED)
    assert ours.figures.mae < lanes.figures.mae
    assert ours.figures.width_90 < lanes.figures.width_90
    assert 0.84 < ours.figures.coverage_90 < 0.96
    assert {row["what"] for row in done.as_json()["rows"]} >= {
        "wismo at order",
        "wismo at hand-over",
        "lane median at order",
        "promise",
    }


def test_a_first_models_windows_are_centred_on_its_own_days(parcels):
    """It has no errors of its own yet; those of the lanes say how wide, not how early or late."""
    some = [one for one in parcels if one.ordered_at < NOW][:320]
    looks, _ = walk(some, refresh=daily, until=NOW)
    fitted = fit(looks, {}, NOW)
    asked = [one for one in looks if one.stage is Stage.ORDERED][-50:]
    names, middle, curves = fitted.distribution(Stage.ORDERED, asked, by=MODEL)
    assert set(names) == {MODEL}
    assert at_share(curves, 0.5) == pytest.approx(middle)


def test_later_stages_know_more(done):
    errors = [
        done.row("wismo", stage).figures.mae
        for stage in (Stage.ORDERED, Stage.HANDED_OVER, Stage.OUT_FOR_DELIVERY)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.5


def test_a_prediction_is_a_window_around_its_day_with_a_sentence(model, parcels):
    one = next(one for one in parcels if one.ordered_at >= NOW)
    said = model.predict(one, one.ordered_at)
    assert one.ordered_at.date() <= said.first <= said.likely <= said.last
    assert said.because.startswith("Parcels on this route took about ")


def test_many_at_once_are_the_same_as_one_by_one(model, parcels):
    some = [one for one in parcels if one.ordered_at < NOW][-20:]
    assert model.predict_many(some, NOW) == [model.predict(one, NOW) for one in some]


def test_without_data_the_published_service_time_is_said():
    empty = train([], NOW)
    one = Shipment("1", NOW, service="express")
    said = empty.predict(one, NOW)
    assert said.by == "service"
    assert (said.first, said.last) == (date(2025, 6, 4), date(2025, 6, 7))


def test_one_parcel_says_no_more_than_none(parcels):
    assert train(parcels[:1], NOW).predict(Shipment("1", NOW), NOW).by == "service"


def test_one_carrier_and_one_never_seen(parcels):
    only = [one for one in parcels if one.carrier == "dhl"]
    model = train(only, NOW)
    known = model.predict(only[0].known_at(only[0].ordered_at), only[0].ordered_at)
    strange = Shipment("1", NOW, carrier="nobody", destination_region="Atlantis")
    for said in (known, model.predict(strange, NOW)):
        assert said.first <= said.likely <= said.last
        assert (said.last - said.first).days < 60


def test_a_year_without_parcels_is_no_reason_to_fail(parcels):
    later = [
        replace(
            one,
            id=f"{one.id}-later",
            ordered_at=one.ordered_at + timedelta(days=800),
            handed_over_at=one.handed_over_at + timedelta(days=800),
            delivered_at=one.delivered_at + timedelta(days=800),
            scans=(),
        )
        for one in parcels[:150]
    ]
    after = later[-1].ordered_at
    said = train([*parcels[:300], *later], after).predict(Shipment("1", after), after)
    assert said.last >= said.first >= after.date()


def test_a_strike_makes_windows_later_before_its_parcels_have_come():
    calm = list(shipments(World(parcels=450, days=170, drift=1.0)))
    strike = (date(2025, 5, 11), date(2025, 5, 31))
    struck = list(shipments(World(parcels=450, days=170, drift=1.0, strike=strike)))
    asked = [Shipment(str(n), NOW, carrier="dhl", origin_region="East", destination_region=to)
             for n, to in enumerate(("North", "South", "West", "East"))]  # fmt: skip
    usual = train(calm, NOW).predict_many(asked, NOW)
    slowed = train(struck, NOW).predict_many(asked, NOW)
    assert sum((s.last - u.last).days for s, u in zip(slowed, usual, strict=True)) > 4


@pytest.mark.parametrize("count", [0, 1, 25])
def test_too_little_to_judge_says_so(parcels, count):
    with pytest.raises(BadInput, match=f"only {count} delivered"):
        backtest(parcels[:count])


def test_one_month_alone_cannot_be_judged(parcels):
    january = [one for one in parcels if one.delivered_at < datetime(2025, 2, 1, tzinfo=UTC)]
    with pytest.raises(BadInput, match="one month"):
        backtest(january[:60])


def test_each_feature_has_a_column_and_each_stage_a_moment(parcels):
    assert {stage for one in parcels[:200] for stage, _ in moments(one)} == set(Stage)
    seen = look(parcels[0], Stage.ORDERED, NOW, History(), NOW)
    assert len(seen.features) == len(features.NAMES)


def test_dates_are_told_without_what_learns_them(model, tmp_path):
    assert model.fitted.trees
    kept = tmp_path / "model"
    kept.write_bytes(pickle.dumps(model))
    telling = """
import pickle, sys
from datetime import UTC, datetime
from pathlib import Path
from tracking_lookup.edd.shipments import Shipment
now = datetime(2025, 6, 1, 9, tzinfo=UTC)
model = pickle.loads(Path(sys.argv[1]).read_bytes())
model.predict(Shipment("1", now, carrier="dhl"), now)
print(*sys.modules)
"""
    found = subprocess.run(
        [sys.executable, "-c", telling, kept],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert not {"sklearn", "scipy", "joblib"} & set(found.stdout.split())
