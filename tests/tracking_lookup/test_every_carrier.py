"""Every carrier's folder has one shape; copy one, run this, do what it says."""

import copy
import json
from contextlib import suppress
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import AppError, BadWebhook, NotFound, Rejected
from service.carriers import make_carrier, reader
from tracking_lookup.contract import BatchCarrier, CarrierManifest, PushCarrier
from tracking_lookup.merge import digest
from tracking_lookup.model import Detail, Status, Tracking

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests/tracking_lookup/carriers"
CARRIERS = sorted(p.parent.name for p in ROOT.glob("tracking_lookup/carriers/*/__init__.py"))
REQUIRED_FIXTURES = {
    "in_transit",
    "delivered",
    "exception",
    "not_found",
    "wrong_credentials",
    "throttled",
    "malformed",
}
# Fixtures that are read, and what must come out.
READ = {"in_transit": Status.IN_TRANSIT, "delivered": Status.DELIVERED}
REFUSED = {"not_found": NotFound, "malformed": Rejected}


def fixtures(slug):
    return sorted((TESTS / slug / "fixtures").glob("*.json"))


def fixture_of(slug, name):
    return json.loads((TESTS / slug / "fixtures" / f"{name}.json").read_text())


@cache
def adapter(slug):
    """The adapter without secrets: reading needs none."""
    return reader(slug)


PUSHING = [slug for slug in CARRIERS if isinstance(adapter(slug), PushCarrier)]


def test_there_are_carriers():
    assert CARRIERS
    assert PUSHING  # an empty parametrize would pass for the wrong reason


@pytest.mark.parametrize("slug", CARRIERS)
def test_shape(slug):
    folder = ROOT / "tracking_lookup/carriers" / slug
    manifest = import_module(f"tracking_lookup.carriers.{slug}").MANIFEST
    assert isinstance(manifest, CarrierManifest)
    assert adapter(slug).manifest is manifest
    assert manifest.slug == slug
    assert manifest.name
    assert manifest.docs.startswith("https://")
    assert manifest.cache_seconds > 0
    assert isinstance(adapter(slug), BatchCarrier) == (manifest.batch > 1)
    assert all(count > 0 and seconds > 0 for count, seconds in manifest.calls)
    assert all(name == name.upper() and name.startswith(slug.upper()) for name in manifest.secrets)
    readme = (folder / "README.md").read_text()
    for secret in manifest.secrets:
        assert secret in readme, "say how to get a key, and what the limits are"


@pytest.mark.parametrize("slug", CARRIERS)
def test_every_status_has_a_row_of_our_words(slug):
    statuses = import_module(f"tracking_lookup.carriers.{slug}.statuses").STATUSES
    assert statuses, "an empty table would pass"
    for code, (status, detail) in statuses.items():
        assert isinstance(status, Status), code
        assert detail is None or isinstance(detail, Detail), code
    said = {status for status, _ in statuses.values()}
    for needed in (Status.LABEL_CREATED, Status.IN_TRANSIT, Status.DELIVERED, Status.EXCEPTION):
        assert needed in said, f"a carrier that never says {needed} is not mapped"


@pytest.mark.parametrize("slug", CARRIERS)
def test_every_fixture_says_where_it_comes_from(slug):
    needed = set(REQUIRED_FIXTURES)
    if isinstance(adapter(slug), PushCarrier):
        needed.add("webhook")
    assert {fixture.stem for fixture in fixtures(slug)} >= needed
    for fixture in fixtures(slug):
        content = json.loads(fixture.read_text())
        assert content.keys() == {"about", "body"}, fixture.name
        about = content["about"]
        assert about.keys() >= {"source", "url", "recorded_at"}, fixture.name
        assert "://" in about["url"], fixture.name
        date.fromisoformat(about["recorded_at"])


@pytest.mark.parametrize("slug", CARRIERS)
def test_reads_its_fixtures(slug):
    carrier = adapter(slug)
    for fixture in fixtures(slug):
        body = json.loads(fixture.read_text())["body"]
        if fixture.stem in REFUSED:
            with pytest.raises(REFUSED[fixture.stem]):
                carrier.parse(body)
        elif fixture.stem in READ:
            parcel = carrier.parse(body)[0]
            assert isinstance(parcel, Tracking)
            assert parcel.status is READ[fixture.stem]
            assert carrier.manifest.aggregator or parcel.carrier == slug
            assert parcel.number
            assert carrier.parse(body, number=parcel.number)[0] == parcel
            ats = [event.at for event in parcel.events]
            assert ats, fixture.name
            assert ats == sorted(ats, reverse=True), "newest first"
            assert all(at.tzinfo for at in ats)


@pytest.mark.parametrize("slug", CARRIERS)
@pytest.mark.parametrize("name", ["wrong_credentials", "throttled"])
def test_an_error_answer_is_never_a_parcel(slug, name):
    with pytest.raises(Rejected):
        adapter(slug).parse(fixture_of(slug, name)["body"])


@pytest.mark.parametrize("slug", CARRIERS)
@pytest.mark.parametrize("body", [None, [], {}, "", 0, True, {"error": None}, [{}], {"a": [1]}])
def test_what_is_not_its_answer_is_refused(slug, body):
    with pytest.raises(AppError) as refused:
        adapter(slug).parse(body)
    assert type(refused.value) in {NotFound, Rejected}


def pushed(slug):
    """An adapter with the webhook's key, the headers and the body as they come.

    In the fixture ``made_with`` holds the constructor's arguments, ``http_headers`` those headers
    without which the webhook must be refused, made for ``json.dumps(body)``.
    """
    fixture = fixture_of(slug, "webhook")
    about = fixture["about"]
    headers = {name.lower(): value for name, value in about["http_headers"].items()}
    return about, headers, json.dumps(fixture["body"]).encode()


def made(slug, arguments):
    given = {f"{slug}_{name}".upper(): value for name, value in arguments.items()}
    return make_carrier(slug, httpx.AsyncClient(), given)


@pytest.mark.parametrize("slug", PUSHING)
def test_a_webhook_is_read_once_it_is_proved(slug):
    about, headers, body = pushed(slug)
    carrier = made(slug, about["made_with"])
    carrier.verify(headers, body)
    parcels = carrier.parse_push(body)
    assert parcels
    assert all(parcel.number and parcel.status is not Status.UNKNOWN for parcel in parcels)


@pytest.mark.parametrize("slug", PUSHING)
def test_a_webhook_of_anybody_else_is_refused(slug):
    about, headers, body = pushed(slug)
    carrier = made(slug, about["made_with"])
    refused = [(carrier, {k: v for k, v in headers.items() if k != name}, body) for name in headers]
    refused += [(carrier, {**headers, name: "é"}, body) for name in headers]
    if about.get("body_is_signed", True):
        refused.append((carrier, headers, body[:-1] + b" "))
        refused.append((carrier, headers, body + b"\n"))
    other_key = {name: f"{value}x" for name, value in about["made_with"].items()}
    refused.append((made(slug, other_key), headers, body))
    refused.append((made(slug, {}), headers, body))  # no key set: nobody can prove anything
    for asked, sent, content in refused:
        with pytest.raises(BadWebhook):
            asked.verify(sent, content)


# Documents in the shape of the source's own fixtures, with parts taken out, swapped and broken.
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["2026-11-18T07:55:00", "0001-01-01T00:00:00+14:00", "20261118", "9" * 40]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def broken(draw, document):
    """The document with one to three of its values, at any depth, replaced by anything."""
    document = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        node, inner = document, document
        while isinstance(inner, dict | list) and inner:
            node = inner
            key = draw(
                st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node)))
            )
            inner = node[key]
            if draw(st.integers(0, 5)) == 0:
                break
        if isinstance(node, dict | list) and node:
            node[key] = draw(JSON)
    return document


@pytest.mark.parametrize("slug", CARRIERS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_json_gives_parcels_or_a_named_refusal(slug, data):
    carrier = adapter(slug)
    bodies = [json.loads(fixture.read_text())["body"] for fixture in fixtures(slug)]
    body = data.draw(JSON | st.sampled_from(bodies).flatmap(broken))
    number = data.draw(st.none() | st.sampled_from(["1Z999AA10123456784", ""]))
    with suppress(NotFound, Rejected):
        for parcel in carrier.parse(body, number=number):
            assert isinstance(parcel, Tracking)
            assert all(event.at.tzinfo for event in parcel.events)
            digests = [digest(event) for event in parcel.events]  # every time can be stored
            assert len(digests) == len(parcel.events)
    if isinstance(carrier, PushCarrier):
        with suppress(NotFound, Rejected):
            assert all(
                isinstance(p, Tracking) for p in carrier.parse_push(json.dumps(body).encode())
            )


@pytest.mark.parametrize("slug", PUSHING)
@given(body=st.binary(max_size=40))
def test_any_bytes_pushed_are_read_or_refused(slug, body):
    with suppress(NotFound, Rejected):
        adapter(slug).parse_push(body)
