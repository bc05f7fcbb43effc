import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import BadInput, NotFound
from tracking_lookup.edd.model import train
from tracking_lookup.edd.shipments import Shipment, Stage
from tracking_lookup.edd.store import Store, data_hash
from tracking_lookup.edd.synthetic import World, shipments

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def model():
    return replace(train(list(shipments(World(parcels=40, days=100))), NOW), loss={})


def with_loss(model, days, loss):
    later = model.trained_at + timedelta(days=days)
    return replace(model, trained_at=later, loss={Stage.ORDERED: loss}, held={})


def test_nothing_runs_at_first(tmp_path):
    store = Store(tmp_path / "edd")
    assert (store.running(), store.load(), store.versions()) == (None, None, [])
    with pytest.raises(NotFound):
        store.rollback()


def test_promoted_when_not_worse_and_rolled_back(tmp_path, model):
    store = Store(tmp_path)
    good = store.add(with_loss(model, 0, 1.0), "a" * 16)
    assert store.promote(good)
    worse = store.add(with_loss(model, 1, 1.5), "b" * 16)
    assert not store.promote(worse)
    assert store.running().name == good.name
    better = store.add(with_loss(model, 2, 0.9), "c" * 16)
    assert store.promote(better)
    assert [version.runs for version in store.versions()] == [True, False, False]
    assert store.rollback().name == good.name
    assert store.load().loss == {Stage.ORDERED: 1.0}


def test_two_models_are_compared_on_the_parcels_that_both_held_out(tmp_path, model):
    store = Store(tmp_path)
    hard = {f"hard {number}": 9.0 for number in range(60)}
    easy = {f"easy {number}": 1.0 for number in range(60)}

    def kept(days, own, shared):
        one = with_loss(model, days, 5.0)
        held = own | {f"both {number}": shared for number in range(60)}
        return store.add(replace(one, held={Stage.ORDERED: held}), "a" * 16)

    assert store.promote(kept(0, easy, 2.0))
    assert store.promote(kept(1, hard, 1.9))  # harder months of its own, but better on the same
    assert not store.promote(kept(2, easy, 2.0))


def test_what_is_loaded_predicts_as_what_was_kept(tmp_path, model):
    store = Store(tmp_path)
    store.promote(store.add(model, "a" * 16))
    one = Shipment("1", NOW, carrier="dhl")
    assert store.load().predict(one, NOW) == model.predict(one, NOW)


def test_other_features_or_a_damaged_file_is_not_read(tmp_path, model):
    store = Store(tmp_path)
    version = store.add(model, "a" * 16)
    store.promote(version)
    (tmp_path / version.name / "model.pickle").write_bytes(b"\x80broken")
    with pytest.raises(BadInput, match="roll back or train again"):
        store.load()
    about = tmp_path / version.name / "about.json"
    written = json.loads(about.read_text())
    about.write_text(json.dumps({**written, "features": ""}))
    assert store.load() is None


def test_the_same_parcels_have_the_same_hash_in_any_order():
    some = list(shipments(World(parcels=20)))
    assert data_hash(some) == data_hash(reversed(some))
    assert data_hash(some) != data_hash(some[1:])
