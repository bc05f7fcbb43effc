"""Writing what a carrier said: one statement, since every scan of every parcel comes by it.

The answer as it came, its scans, the parcel as it is now, when it is asked about again, the job
that estimates its day, the news. Never commits.
"""

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.news import CHANNEL, parcel_topic
from service.statements import OFF_DISK, Statement
from service.storefront.models import CarrierBy, Parcel
from tracking_lookup.merge import digest
from tracking_lookup.model import Tracking

LOCK: Final = Statement[Any](
    select(Parcel.carrier, OFF_DISK).where(Parcel.id == bindparam("parcel_id")).with_for_update()
)
"""A parcel's carrier; the parcel is locked until the commit. An answer that is lost is asked for,
or read, again."""
NAME: Final = Statement[Any](
    update(Parcel)
    .where(Parcel.id == bindparam("parcel_id"))
    .values(carrier=bindparam("carrier"), carrier_by=CarrierBy.ANSWER)
    .returning(Parcel.id)
)
"""The shop did not say who carries it, and an answer knew the number."""

# A scan known already gets the newest reading of its code, and one taken back that is told again
# counts again.
_WRITE: Final = Statement[Any](
    text(f"""
WITH answer AS (
    INSERT INTO tracking_answers (parcel_id, source, fetched_at, raw)
    VALUES (:parcel_id, :told_by, :fetched_at, CAST(:raw AS jsonb))
    RETURNING id
), scans AS (
    INSERT INTO tracking_events
        (parcel_id, answer_id, digest, at, local_time_only, status, detail, place, code, text)
    SELECT :parcel_id, answer.id, scan.* FROM answer, unnest(
        CAST(:digests AS text[]), CAST(:ats AS timestamptz[]), CAST(:local_times AS boolean[]),
        CAST(:statuses AS text[]), CAST(:details AS text[]), CAST(:places AS text[]),
        CAST(:codes AS text[]), CAST(:texts AS text[])
    ) AS scan
    ON CONFLICT (parcel_id, digest) DO UPDATE
        SET status = excluded.status, detail = excluded.detail
), again AS (
    DELETE FROM withdrawn_tracking_events USING tracking_events AS scan
    WHERE scan.id = event_id AND scan.parcel_id = :parcel_id
        AND scan.digest = ANY (CAST(:digests AS text[]))
), parcel AS (
    UPDATE parcels SET
        status = :status,
        detail = :detail,
        promised_from = :promised_from,
        promised_to = :promised_to,
        first_promised_at = CASE WHEN first_promised_to IS NULL
                AND CAST(:promised_to AS timestamptz) IS NOT NULL
            THEN :fetched_at ELSE first_promised_at END,
        first_promised_to = coalesce(first_promised_to, :promised_to),
        fetched_at = greatest(fetched_at, :fetched_at)
    WHERE id = :parcel_id
), watch AS (
    INSERT INTO parcel_watches (parcel_id, due_at) VALUES (:parcel_id, :due_at)
    ON CONFLICT (parcel_id) DO UPDATE SET due_at = excluded.due_at
)
SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        'tracking', 'estimate_delivery_date', 0, NULL, NULL,
        jsonb_build_object('parcel_id', CAST(:parcel_id AS bigint)), NULL
    )::procrastinate_job_to_defer_v1]),
    pg_notify('{CHANNEL}', :topic)
WHERE CAST(:changed AS boolean)
""")  # noqa: S608 - of constants alone
)


async def write(
    session: AsyncSession,
    parcel_id: int,
    merged: Tracking,
    heard: Tracking,
    raw: Any,
    *,
    told_by: str,
    fetched_at: datetime,
    due_at: datetime | None,
    changed: bool,
) -> None:
    """Keep an answer, and what is known of its parcel with it.

    Args:
        merged: As the parcel is from now on.
        heard: As the answer has it; its scans are stored, each once.
        raw: The answer as it came: JSON that PostgreSQL takes.
        told_by: The source, as its scans are kept apart by.
        due_at: When it is asked about again; ``None``: no more.
        changed: There is news: its day is estimated again, and who looks at it is told.
    """
    scans = {digest(event): event for event in heard.events}
    await _WRITE.all(
        session,
        parcel_id=parcel_id,
        told_by=told_by,
        fetched_at=fetched_at,
        raw=json.dumps(raw),
        digests=list(scans),
        ats=[event.at for event in scans.values()],
        local_times=[event.local_time_only for event in scans.values()],
        statuses=[event.status.value for event in scans.values()],
        details=[event.detail.value if event.detail else None for event in scans.values()],
        places=[event.place for event in scans.values()],
        codes=[event.code for event in scans.values()],
        texts=[event.text for event in scans.values()],
        status=merged.status.value,
        detail=merged.detail.value if merged.detail else None,
        promised_from=merged.promised_from,
        promised_to=merged.promised_to,
        due_at=due_at,
        changed=changed,
        topic=parcel_topic(parcel_id),
    )
