import asyncio

import httpx
import pytest

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from service.app import create_app
from service.settings import Settings
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.contract import Query
from tracking_lookup.model import Status

ANA = "SBX00100101"


@pytest.fixture
async def carrier(shop):
    async with httpx.AsyncClient(timeout=30) as client:
        yield Sandbox(client, url=shop.state.url)


async def where(carrier, number=ANA):
    return carrier.parse(await carrier.fetch(Query(number)), number=number)[0]


async def test_a_parcel_is_where_its_scans_so_far_say(carrier):
    tracking = await where(carrier)
    assert tracking.number == ANA
    assert tracking.status is Status.IN_TRANSIT
    assert [event.code for event in tracking.events] == ["ARR", "DEP", "ARR", "PUP", "LBL"]
    assert tracking.promised_from < tracking.promised_to


async def test_a_number_nobody_has_heard_of(carrier):
    for number in ("SBX99999999", "SBX00101601", "a b/..?%00é", "x" * 500):
        with pytest.raises(NotFound):
            await where(carrier, number)


async def test_the_next_scan_can_be_made_to_happen_now(carrier, knobs):
    for expected in (Status.OUT_FOR_DELIVERY, Status.DELIVERED):
        assert (await knobs.post(f"/sandbox/parcels/{ANA}/advance")).status_code == 204
        assert (await where(carrier)).status is expected
    over = await knobs.post(f"/sandbox/parcels/{ANA}/advance")
    assert over.status_code == 422
    assert "nothing is left" in over.json()["error"]["message"]


async def test_any_scan_can_be_added_also_one_of_an_unknown_code(carrier, knobs):
    await knobs.post(f"/sandbox/parcels/{ANA}/scan", json={"code": "DMG", "place": "Leeds, GB"})
    tracking = await where(carrier)
    assert (tracking.status, tracking.events[0].place) == (Status.EXCEPTION, "Leeds, GB")
    await knobs.post(f"/sandbox/parcels/{ANA}/scan", json={"code": "X17"})
    tracking = await where(carrier)
    assert (tracking.status, tracking.events[0].code) == (Status.UNKNOWN, "X17")


FAULTS = [
    ({"status": 429, "retry_after": 7}, RateLimited),
    ({"status": 500}, Unavailable),
    ({"status": 503}, Unavailable),
    ({"status": 401}, Rejected),
    ({"body": "malformed"}, Rejected),
    ({"body": "html"}, Rejected),
    ({"body": "half"}, Rejected),
]


async def test_it_misbehaves_as_told_and_then_behaves_again(carrier, knobs):
    for fault, error in FAULTS:
        await knobs.post("/sandbox/faults", json={ANA: fault})
        with pytest.raises(AppError) as raised:
            await where(carrier)
        assert type(raised.value) is error, fault
        assert getattr(raised.value, "retry_after", None) == fault.get("retry_after")
        assert (await where(carrier, "SBX00100201")).status is Status.DELIVERED  # only hers

    await knobs.post("/sandbox/faults", json={ANA: None, "*": {"status": 500}})
    with pytest.raises(Unavailable):
        await where(carrier)
    await knobs.delete("/sandbox/faults")
    assert (await where(carrier)).status is Status.IN_TRANSIT


async def test_it_is_as_slow_as_told(shop, carrier, knobs):
    """Whose patience is far shorter than the delay gives up; nobody waits for the rest of it."""
    await knobs.post("/sandbox/faults", json={ANA: {"delay_seconds": 60}})
    async with httpx.AsyncClient(timeout=httpx.Timeout(30, read=0.2)) as client:
        with pytest.raises(Unavailable):
            await where(Sandbox(client, url=shop.state.url))
    await knobs.delete("/sandbox/faults")
    assert (await where(carrier)).status is Status.IN_TRANSIT


KNOBS = [
    ("POST", "/sandbox/faults", {"*": {"status": 500}}),
    ("DELETE", "/sandbox/faults", None),
    ("POST", f"/sandbox/parcels/{ANA}/advance", None),
    ("POST", f"/sandbox/parcels/{ANA}/scan", {"code": "DLV"}),
    ("POST", f"/sandbox/parcels/{ANA}/push", {}),
]


async def test_the_knobs_need_the_token(http, carrier):
    for method, path, body in KNOBS:
        for authorization in ("", "Bearer", "Bearer wrong", "Bearer é".encode()):
            answer = await http.request(
                method, path, json=body, headers={"authorization": authorization}
            )
            assert answer.status_code == 403, (method, path)
    assert (await where(carrier)).status is Status.IN_TRANSIT


WRONG = [
    ("/sandbox/faults", {"*": {"status": 200}}, 422),
    ("/sandbox/faults", {"not a number": {"status": 500}}, 422),
    ("/sandbox/faults", {"*": {"delay_seconds": 1e9}}, 422),
    ("/sandbox/faults", {"*": {"slow": True}}, 422),
    (f"/sandbox/parcels/{ANA}/scan", {"code": "\0"}, 422),
    (f"/sandbox/parcels/{ANA}/scan", {"code": "DLV", "place": "a\0b"}, 422),
    (f"/sandbox/parcels/{ANA}/push", {"times": 0}, 422),
    ("/sandbox/parcels/SBX99999999/advance", None, 404),
    ("/sandbox/parcels/SBX99999999/scan", {"code": "DLV"}, 404),
    ("/sandbox/parcels/SBX99999999/push", {}, 404),
]


async def test_a_wrong_order_to_the_sandbox_is_answered_clearly(knobs):
    for path, body, status in WRONG:
        answer = await knobs.post(path, json=body)
        assert answer.status_code == status, (path, body)
        assert answer.json()["error"]["message"]


def test_there_is_no_sandbox_outside_the_demo(tmp_path):
    paths = {
        demo: create_app(Settings(_env_file=None, demo=demo, var=tmp_path)).openapi()["paths"]
        for demo in (True, False)
    }
    assert "/sandbox/track/{number}" in paths[True]
    assert not any(path.startswith("/sandbox") for path in paths[False])


async def test_two_who_advance_at_once_do_it_twice(carrier, knobs):
    answers = await asyncio.gather(
        *(knobs.post("/sandbox/parcels/SBX00102101/advance") for _ in range(2))
    )
    assert {answer.status_code for answer in answers} == {204}
    codes = [event.code for event in (await where(carrier, "SBX00102101")).events]
    assert codes[:2] == ["DEP", "ARR"]
