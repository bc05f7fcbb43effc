import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import BadWebhook, NotFound, RateLimited, Rejected, Unavailable
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.carriers.sandbox.adapter import parse_tracking, signature
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status

FIXTURES = Path(__file__).parent / "fixtures"
ANA = "SBX00100101"


def recorded(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def replay(name):
    fixture = recorded(name)
    about = fixture["about"]
    return httpx.Response(
        about["http_status"], headers=about.get("http_headers", {}), json=fixture["body"]
    )


def sandbox(answer, **more):
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Sandbox(client, url="http://shop.example", **more)


async def read(name, number=ANA):
    asked = []

    def answer(request):
        asked.append(request)
        return replay(name)

    carrier = sandbox(answer)
    [tracking] = carrier.parse(await carrier.fetch(Query(number)), number=number)
    [request] = asked
    assert str(request.url) == f"http://shop.example/sandbox/track/{number}"
    return tracking


async def test_reads_a_parcel_in_transit():
    tracking = await read("in_transit")
    assert (tracking.carrier, tracking.number) == ("sandbox", ANA)
    assert (tracking.status, tracking.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [event.code for event in tracking.events] == ["ARR", "X17", "DEP", "ARR", "PUP", "LBL"]
    odd = tracking.events[1]
    assert (odd.status, odd.detail, odd.place) == (Status.UNKNOWN, None, None)  # never guessed
    assert tracking.events[0].place == "Tamworth, GB"
    assert tracking.events[0].at == datetime(2026, 11, 17, 5, 20, tzinfo=UTC)
    assert tracking.promised_from == datetime(2026, 11, 18, 8, tzinfo=UTC)
    assert tracking.promised_to == datetime(2026, 11, 18, 20, tzinfo=UTC)


async def test_reads_a_delivered_parcel():
    tracking = await read("delivered")
    assert (tracking.status, tracking.detail) == (Status.DELIVERED, Detail.TO_NEIGHBOUR)


async def test_reads_an_exception_without_a_promise():
    tracking = await read("exception", "SBX00100801")
    assert (tracking.status, tracking.detail) == (
        Status.EXCEPTION,
        Detail.CUSTOMS_ACTION_REQUIRED,
    )
    assert (tracking.promised_from, tracking.promised_to) == (None, None)
    assert tracking.events[0].at == datetime(2026, 11, 19, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("not_found", NotFound),
        ("wrong_credentials", Rejected),
        ("throttled", RateLimited),
        ("malformed", Rejected),
        ("delivered", Rejected),  # of another parcel than was asked for
    ],
)
async def test_each_failure_has_its_name(name, error):
    with pytest.raises(error) as raised:
        await read(name, number="SBX00109901" if name == "delivered" else ANA)
    assert getattr(raised.value, "retry_after", None) == (30 if name == "throttled" else None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(503), Unavailable),
        (httpx.Response(200, text="<h1>Down</h1>"), Rejected),
        (httpx.Response(200, text='{"parcel": {"num'), Rejected),
        (httpx.Response(200, json=[]), Rejected),
        (httpx.Response(200, json={}), Rejected),
    ],
)
async def test_an_answer_that_is_none(answer, error):
    carrier = sandbox(lambda _: answer)
    with pytest.raises(error):
        carrier.parse(await carrier.fetch(Query(ANA)))


async def test_a_silent_carrier_is_unavailable():
    def silent(request):
        raise httpx.ReadTimeout("", request=request)

    with pytest.raises(Unavailable):
        await sandbox(silent).fetch(Query(ANA))


def test_a_parcel_without_a_scan_is_unknown():
    tracking = parse_tracking({"parcel": {"number": ANA, "promised": None, "scans": []}})
    assert (tracking.status, tracking.events) == (Status.UNKNOWN, ())


def test_a_number_it_does_not_know():
    with pytest.raises(NotFound):
        parse_tracking(recorded("not_found")["body"])


def test_a_webhook_is_read_once_its_signature_holds():
    body = json.dumps(recorded("webhook")["body"]).encode()
    carrier = sandbox(lambda _: httpx.Response(500), webhook_key="k")
    carrier.verify({"x-sandbox-signature": signature("k", body)}, body)
    [tracking] = carrier.parse_push(body)
    assert (tracking.number, tracking.status) == (ANA, Status.OUT_FOR_DELIVERY)


def test_the_signature_is_hmac_sha256():
    # Source: RFC 4231, test case 2.
    assert signature("Jefe", b"what do ya want for nothing?") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize("given", [{}, {"x-sandbox-signature": "sha256=0"}, "other key"])
def test_a_wrong_signature_is_refused(given):
    headers = {"x-sandbox-signature": signature("x", b"{}")} if given == "other key" else given
    with pytest.raises(BadWebhook):
        sandbox(lambda _: httpx.Response(500), webhook_key="k").verify(headers, b"{}")


def test_without_a_key_every_webhook_is_refused():
    with pytest.raises(BadWebhook):
        sandbox(lambda _: httpx.Response(500)).verify(
            {"x-sandbox-signature": signature("", b"{}")}, b"{}"
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
ODD = st.one_of(JSON, st.sampled_from(["2026-11-18T07:55:00", "0001-01-01T00:00:00+14:00", "LBL"]))
ALMOST = st.fixed_dictionaries(
    {
        "parcel": st.fixed_dictionaries(
            {
                "number": st.just(ANA) | ODD,
                "promised": st.fixed_dictionaries({"from": ODD, "to": ODD}) | ODD,
                "scans": st.lists(
                    st.fixed_dictionaries({"code": ODD, "at": ODD, "place": ODD, "text": ODD}) | ODD
                )
                | ODD,
            }
        )
    }
)


@given(JSON | ALMOST)
def test_whatever_comes_is_read_or_rejected(payload):
    try:
        tracking = parse_tracking(payload)
    except (Rejected, NotFound):
        return
    assert all(event.at.tzinfo for event in tracking.events)


@given(st.binary() | ALMOST.map(lambda payload: json.dumps(payload).encode()))
def test_whatever_is_pushed_is_read_or_rejected(body):
    with suppress(Rejected, NotFound):
        sandbox(lambda _: httpx.Response(500)).parse_push(body)


@given(st.permutations(recorded("delivered")["body"]["parcel"]["scans"]))
def test_the_order_of_scans_in_an_answer_makes_no_difference(scans):
    body = recorded("delivered")["body"]
    shuffled = {"parcel": {**body["parcel"], "scans": scans}}
    assert parse_tracking(shuffled) == parse_tracking(body)
