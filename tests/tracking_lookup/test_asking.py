"""Several who can be asked: whose parcel it is, who answers for another, many in one call."""

from datetime import timedelta

import pytest

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.parcels import NEW, NOW, NUMBER, OLD
from tests.tracking_lookup.replay import Answer
from tracking_lookup.budget import Urgency
from tracking_lookup.contract import UNKNOWN_CARRIER, CarrierManifest, Known
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.service import AFTER_FAILURE


class Aggregator:
    """A source that answers for everybody's parcels, several at once; what it says is given."""

    def __init__(self, status=Status.OUT_FOR_DELIVERY, error=None, batch=3):
        self.manifest = CarrierManifest(
            "everybody", "Everybody", "https://example.com", (), aggregator=True, batch=batch
        )
        self.status, self.error, self.asked = status, error, []

    async def fetch(self, query):
        return await self.fetch_many([query])

    async def fetch_many(self, queries):
        self.asked.append([(query.number, query.carrier) for query in queries])
        if self.error:
            raise self.error
        return {"numbers": [query.number for query in queries]}

    def parse(self, payload, *, number=None):
        if number == "broken":
            raise Rejected("everybody", "unreadable")
        event = TrackingEvent(NOW, self.status)
        return [Tracking("ups", number, self.status, events=(event,))]


class Knows:
    """A source that knows a number as some carrier's, or does not know it."""

    def __init__(self, slug, carrier=None, *, aggregator=False):
        self.manifest = CarrierManifest(
            slug, slug, "https://example.com", (), aggregator=aggregator
        )
        self.carrier, self.asked = carrier, 0

    async def fetch(self, query):
        self.asked += 1
        assert query.carrier is None
        return {}

    def parse(self, payload, *, number=None):
        if self.carrier is None:
            raise NotFound("no such number")
        scan = TrackingEvent(NOW, Status.IN_TRANSIT)
        return [Tracking(self.carrier, number, Status.IN_TRANSIT, events=(scan,))]


NOBODYS = Known(UNKNOWN_CARRIER, "RR123456785GB")  # a post's number: Royal Mail's, by its country


@pytest.mark.parametrize("asked_by", ["a person", "the refresher"])
async def test_whose_parcel_it_is_is_found_out_by_asking_around(lookup_of, asked_by):
    sources = [Knows("royal_mail"), Knows("aftership", aggregator=True)]
    sources.append(Knows("easypost", "Evri", aggregator=True))
    strangers = Knows("fedex", "fedex")  # its numbers do not look like that
    more = {source.manifest.slug: source for source in (*sources, strangers)}
    lookup, store = lookup_of(NOBODYS, more=more)
    if asked_by == "a person":
        answer = await lookup.where_is(1, now=NOW)
        assert answer.fault is None
    else:
        first = lookup.source_for(NOBODYS)
        assert first == "royal_mail"
        assert await lookup.refresh(first, [1], Urgency.QUIET, now=NOW) == []
    assert store.parcels[1].tracking.carrier == "Evri"
    assert [source.asked for source in (*sources, strangers)] == [1, 1, 1, 0]


async def test_a_number_that_nobody_knows_is_not_found(lookup_of):
    more = {"royal_mail": Knows("royal_mail"), "easypost": Knows("easypost", aggregator=True)}
    lookup, _ = lookup_of(NOBODYS, more=more)
    answer = await lookup.where_is(1, now=NOW)
    assert (answer.fault, answer.known.tracking.status) == (None, Status.NOT_FOUND)


@pytest.mark.parametrize("answer", [Answer(500), Answer(429), Answer(200, b"<html>")])
async def test_an_aggregator_answers_where_the_carrier_cannot(lookup_of, details, answer):
    details["answer"] = answer
    everybody = Aggregator()
    lookup, _ = lookup_of(OLD, Known("pigeon", "P1"), more={"everybody": everybody})
    found = [await lookup.where_is(n, now=NOW) for n in (1, 2)]
    assert [answer.fault for answer in found] == [None, None]
    assert {answer.known.tracking.status for answer in found} == {Status.OUT_FOR_DELIVERY}
    assert everybody.asked == [[(NUMBER, "ups")], [("P1", "pigeon")]]


async def test_where_nobody_can_answer_the_carriers_own_fault_is_told(lookup_of, details):
    details["answer"] = Answer(503)
    everybody = Aggregator(error=Rejected("everybody", "bad key"))
    lookup, _ = lookup_of(OLD, more={"everybody": everybody})
    answer = await lookup.where_is(1, now=NOW)
    assert (type(answer.fault), answer.known) == (Unavailable, OLD)


async def test_what_the_carrier_does_not_know_is_not_asked_elsewhere(lookup_of, details):
    details["answer"] = Answer(404)
    everybody = Aggregator()
    lookup, _ = lookup_of(NEW, more={"everybody": everybody})
    answer = await lookup.where_is(1, now=NOW)
    assert (answer.known.tracking.status, everybody.asked) == (Status.NOT_FOUND, [])


async def test_several_parcels_are_asked_about_in_one_call(lookup_of):
    everybody = Aggregator()
    parcels = [Known("pigeon", number) for number in ("1", "2", "broken", "4", "5")]
    lookup, store = lookup_of(*parcels, more={"everybody": everybody})
    store.claims[5] = NOW + timedelta(seconds=9)  # somebody else is asking about this one
    faults = await lookup.refresh("everybody", [1, 2, 3, 4, 5], Urgency.QUIET, now=NOW)
    assert [len(call) for call in everybody.asked] == [3, 1]
    assert [str(fault) for fault in faults] == ["everybody: unreadable"]
    assert [store.parcels[n].fetched_at for n in range(1, 6)] == [NOW, NOW, None, NOW, None]
    assert store.claims.keys() == {5}
    assert store.again[3] == NOW + AFTER_FAILURE


async def test_a_source_that_throttles_is_asked_again_no_sooner_than_told(lookup_of):
    everybody = Aggregator(error=RateLimited("everybody", "slow down", 7200))
    lookup, store = lookup_of(*[Known("pigeon", "1")] * 4, more={"everybody": everybody})
    faults = await lookup.refresh("everybody", [1, 2, 3, 4], Urgency.QUIET, now=NOW)
    assert len(faults) == 4
    assert len(everybody.asked) == 1  # the second call was not made
    assert all(store.again[n] >= NOW + timedelta(hours=2) for n in (1, 2, 3, 4))
