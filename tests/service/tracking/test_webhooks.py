import asyncio
import hashlib
import json

import httpx
import pytest
from sqlalchemy import select

from kit import clock
from service.demo.service import seed
from service.storefront.models import Parcel, TrackingAnswer, TrackingEventRow, TrackingWebhook
from service.tracking import service
from tracking_lookup.carriers.sandbox import adapter
from tracking_lookup.carriers.sandbox.adapter import signature
from tracking_lookup.model import Status

ANA = "SBX00100101"
DOOR = "/tracking/webhooks/sandbox"
SCANS = [
    {"code": "LBL", "at": "2026-11-16T09:10:00+00:00", "place": "Kendal, GB", "text": "Label"},
    {"code": "OFD", "at": "2026-11-18T07:55:00+00:00", "place": "Leeds, GB", "text": "Out"},
    {"code": "DLV", "at": "2026-11-18T13:12:00+00:00", "place": "Leeds, GB", "text": "Delivered"},
]


def webhook(scan, number=ANA):
    return json.dumps({"parcel": {"number": number, "promised": None, "scans": [scan]}}).encode()


@pytest.fixture
async def shop(service):
    """The running service, its demo laid out just now."""
    await seed(service.state.runtime.sessions, now=clock.now())
    return service


@pytest.fixture
async def push(shop):
    """Sends a body to the door, signed as the sandbox carrier signs; gives the HTTP status."""
    key = shop.state.settings.sandbox_token
    async with httpx.AsyncClient(base_url=shop.state.url, timeout=20) as client:

        async def send(body, **headers):
            signed = {"x-sandbox-signature": signature(key, body), **headers}
            return (await client.post(DOOR, content=body, headers=signed)).status_code

        yield send


async def rows(sessions):
    async with sessions() as session:
        return (await session.scalars(select(TrackingWebhook).order_by(TrackingWebhook.id))).all()


async def read(sessions, count):
    """The stored webhooks, once ``count`` of them have been read or given up."""
    async with asyncio.timeout(20):
        while True:
            found = await rows(sessions)
            if sum(row.done_at is not None or row.error is not None for row in found) == count:
                return found
            await asyncio.sleep(0.05)


async def parcel(sessions, number=ANA):
    async with sessions() as session:
        return (await session.scalars(select(Parcel).where(Parcel.number == number))).one()


async def events(sessions):
    async with sessions() as session:
        return (
            await session.scalars(select(TrackingEventRow.code).order_by(TrackingEventRow.at))
        ).all()


async def test_a_webhook_moves_its_parcel(shop, push, sessions):
    body = webhook(SCANS[1])
    assert await push(body) == 204
    [row] = await read(sessions, 1)
    assert (row.body, row.error) == (body, None)
    assert row.digest == hashlib.sha256(b"sandbox\0" + body).hexdigest()
    moved = await parcel(sessions)
    assert (moved.status, moved.fetched_at) == (Status.OUT_FOR_DELIVERY, row.received_at)
    async with sessions() as session:
        [answer] = await session.scalars(select(TrackingAnswer))
    assert answer.raw == {"webhook": json.loads(body)}


async def test_twice_and_out_of_order_is_once_and_in_order(shop, push, sessions):
    for scan in reversed(SCANS):
        for _ in range(2):
            assert await push(webhook(scan)) == 204
    assert [row.error for row in await read(sessions, 3)] == [None] * 3
    assert (await parcel(sessions)).status == Status.DELIVERED  # never moved back by an older scan
    assert await events(sessions) == ["LBL", "OFD", "DLV"]


async def test_forty_at_once_ten_of_them_new(shop, push, sessions):
    bodies = [webhook({**SCANS[1], "at": f"2026-11-18T07:{m}:00+00:00"}) for m in range(10, 20)]
    answers = await asyncio.gather(*(push(body) for body in bodies * 4))
    assert set(answers) == {204}
    assert len(await read(sessions, 10)) == 10
    assert len(await events(sessions)) == 10


async def test_the_sandbox_pushes_doubled_and_backwards(shop, sessions):
    token = shop.state.settings.sandbox_token
    async with httpx.AsyncClient(base_url=shop.state.url, timeout=20) as client:
        answer = await client.post(
            f"/sandbox/parcels/{ANA}/push",
            json={"times": 2, "order": "reversed"},
            headers={"authorization": f"Bearer {token}"},
        )
    assert answer.json() == {"acknowledged": 10, "failed": 0}
    stored = await read(sessions, 5)
    codes = [json.loads(row.body)["parcel"]["scans"][0]["code"] for row in stored]
    assert codes == ["ARR", "DEP", "ARR", "PUP", "LBL"]
    assert await events(sessions) == codes[::-1]
    assert (await parcel(sessions)).status == Status.IN_TRANSIT


async def test_a_parcel_of_somebody_else_is_noted_and_done(shop, push, sessions):
    assert await push(webhook(SCANS[0], number="SBX99999999")) == 204
    [row] = await read(sessions, 1)
    assert row.done_at is not None
    assert row.error == "parcels not of this shop: 1"
    assert await events(sessions) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"\0\xff", b"[]", b'{"parcel": {"number', b'{"error": {"code": "unknown_number"}}'],
)
async def test_what_cannot_be_read_keeps_its_reason(shop, push, sessions, body):
    assert await push(body) == 204
    [row] = await read(sessions, 1)
    assert row.done_at is None
    assert row.error.startswith("sandbox: ")
    assert row.body == body


async def test_a_nul_in_a_text_is_no_defect(shop, push, sessions):
    assert await push(webhook({**SCANS[1], "place": "a\0b"})) == 204
    [row] = await read(sessions, 1)
    assert row.error is None
    assert await events(sessions) == ["OFD"]


@pytest.mark.parametrize(
    ("path", "headers", "size", "status"),
    [
        (DOOR, {}, 10, 401),
        (DOOR, {"x-sandbox-signature": "sha256=é".encode()}, 10, 401),
        (DOOR, {}, 300_000, 413),
        ("/tracking/webhooks/ups", {}, 10, 404),
        ("/tracking/webhooks/nobody", {}, 10, 404),
        ("/tracking/webhooks/%00", {}, 10, 404),
    ],
)
async def test_what_is_not_the_carriers_is_refused_and_not_stored(
    shop, http, sessions, path, headers, size, status
):
    answer = await http.post(path, content=b"x" * size, headers=headers)
    assert answer.status_code == status
    assert await rows(sessions) == []


async def test_a_changed_body_no_longer_fits_its_signature(shop, push, sessions):
    key = shop.state.settings.sandbox_token
    body = webhook(SCANS[2])
    assert await push(body + b" ", **{"x-sandbox-signature": signature(key, body)}) == 401
    assert await rows(sessions) == []


async def test_dead_letters_are_read_again_once_the_adapter_is_mended(
    shop, push, sessions, monkeypatch
):
    body = webhook({**SCANS[1], "at": "yesterday"})
    assert await push(body) == 204
    await read(sessions, 1)
    async with sessions.begin() as session:
        [dead] = await service.dead_letters(session)
        assert dead.error.startswith("sandbox: unreadable answer")
        assert await service.replay(session, [dead.id + 1]) == 0
        assert await service.replay(session) == 1
    assert (await read(sessions, 1))[0].error is not None  # it still cannot be read

    mended = adapter.Sandbox.parse_push
    monkeypatch.setattr(
        adapter.Sandbox,
        "parse_push",
        lambda self, body: mended(self, body.replace(b"yesterday", SCANS[1]["at"].encode())),
    )
    async with sessions.begin() as session:
        assert await service.replay(session, [dead.id]) == 1
    [row] = await read(sessions, 1)
    assert (row.done_at is not None, row.error) == (True, None)
    assert (await parcel(sessions)).status == Status.OUT_FOR_DELIVERY
    async with sessions.begin() as session:
        assert await service.dead_letters(session) == []
        assert await service.replay(session) == 0


async def test_a_carrier_that_signs_by_a_token_in_the_address(monkeypatch, run_service):
    monkeypatch.setenv("SHIPPO_API_KEY", "key")
    monkeypatch.setenv("SHIPPO_WEBHOOK_SECRET", "opensesame")
    body = b'{"event": "track_updated", "data": {"carrier": "usps", "tracking_number": "1"}}'
    async with (
        run_service("http://127.0.0.1:9") as app,
        httpx.AsyncClient(base_url=app.state.url) as client,
    ):
        door = "/tracking/webhooks/shippo"
        assert (await client.post(door, params={"token": "x"}, content=body)).status_code == 401
        assert (await client.post(door, content=body)).status_code == 401
        answer = await client.post(door, params={"token": "opensesame"}, content=body)
        assert answer.status_code == 204
