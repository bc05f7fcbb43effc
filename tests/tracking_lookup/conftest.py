import asyncio
import json

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from tests.tracking_lookup.parcels import Store
from tests.tracking_lookup.replay import Answer, Replay, answer_of
from tracking_lookup import asking, service
from tracking_lookup.carriers.ups import Ups
from tracking_lookup.service import TrackingLookup

TOKEN = Answer(200, json.dumps({"access_token": "t", "expires_in": "14399"}).encode())


@pytest.fixture
def replay():
    """A carrier's server on loopback; give it an ``answer``."""
    server = Replay(lambda asked: Answer(404))
    yield server
    server.close()


@pytest.fixture
async def http():
    async with httpx.AsyncClient(timeout=httpx.Timeout(10, connect=3), trust_env=False) as client:
        yield client


@pytest.fixture
def logged(monkeypatch):
    """What the look-up logs, however logging was set up by tests before."""
    capture = LogCapture()
    for module in (asking, service):
        logger = structlog.wrap_logger(structlog.ReturnLogger(), processors=[capture])
        monkeypatch.setattr(module, "log", logger)
    return capture.entries


@pytest.fixture
async def details(replay):
    """What UPS answers; a test may change it, and await ``asked``."""
    now = {"answer": answer_of("ups", "in_transit"), "asked": asyncio.Event()}
    loop = asyncio.get_running_loop()

    def answer(asked):
        if "oauth" in asked.path:
            return TOKEN
        loop.call_soon_threadsafe(now["asked"].set)
        return now["answer"]

    replay.answer = answer
    return now


@pytest.fixture
async def lookup_of(http, replay, details):
    """A lookup through the UPS adapter and HTTP, on a store of the test's own."""
    made = []

    def make(*parcels, **settings):
        store = Store(*parcels)
        carriers = {"ups": Ups(http, "id", "secret", url=replay.url)}
        carriers |= settings.pop("more", {})
        lookup = TrackingLookup(carriers, store, **settings)
        made.append(lookup)
        return lookup, store

    yield make
    for lookup in made:
        await lookup.aclose()
