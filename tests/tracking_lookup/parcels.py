"""Parcels in memory, and who is asked about them: what the tests of the look-up share."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kit.errors import NotFound
from tracking_lookup.contract import Known
from tracking_lookup.merge import merge
from tracking_lookup.model import Status, Tracking, TrackingEvent

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NUMBER = "1Z999AA10123456784"


class Store:
    """Parcels in memory, kept as the contract says. Recording takes a moment, as in a database."""

    def __init__(self, *parcels):
        self.parcels = dict(enumerate(parcels, 1))
        self.raws = []
        self.claims = {}
        self.again = {}
        self.recorded = asyncio.Event()

    async def known(self, parcel_id):
        if parcel_id not in self.parcels:
            raise NotFound("no such parcel")
        return self.parcels[parcel_id]

    async def claim(self, parcel_id, *, now, until):
        await asyncio.sleep(0)
        if self.claims.get(parcel_id, now) > now:
            return None
        self.claims[parcel_id] = until
        return self.parcels[parcel_id]

    async def release(self, parcel_id, *, again=None):
        self.claims.pop(parcel_id, None)
        self.again[parcel_id] = again

    async def record(self, parcel_id, tracking, raw, *, fetched_at, source=None, **_):
        await asyncio.sleep(0)
        was = self.parcels[parcel_id]
        merged = merge(was.tracking, tracking)
        self.parcels[parcel_id] = replace(was, tracking=merged, fetched_at=fetched_at)
        self.raws.append(raw)
        self.recorded.set()
        return self.parcels[parcel_id]


def scanned(age, status=Status.IN_TRANSIT, fetched=timedelta(days=1), **more):
    """A parcel scanned ``age`` ago, last fetched a day ago."""
    scan = TrackingEvent(NOW - age, status, place="Columbus, OH, US", code="DP")
    tracking = Tracking("ups", NUMBER, status, events=(scan,))
    return Known("ups", NUMBER, tracking, fetched_at=NOW - fetched, **more)


OLD = scanned(timedelta(days=2))
NEW = Known("ups", NUMBER)


def calls(replay):
    return sum("details" in asked.path for asked in replay.asked)
