"""The audit log's page, for admins: filters, an export, and a check that it is whole."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from kit import clock
from kit.sheets import sheet
from service.accounts import guard
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.audit import service
from service.audit.models import AuditEntry
from service.audit.service import PAGE, Act
from service.db import SessionDep
from service.inbox.pages import render

router = APIRouter(prefix="/audit")

ReaderDep = Annotated[SignedIn, Depends(guard.requires(Permission.READ_AUDIT))]


@router.get("")
async def log(
    request: Request,
    session: SessionDep,
    who: ReaderDep,
    actor: Annotated[str, Query(max_length=254)] = "",
    act: Annotated[str, Query(max_length=40)] = "",
    subject: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    check: bool = False,
) -> Response:
    """What people did and saw, newest first."""
    found = await service.entries(session, before=before, actor=actor, act=act, subject=subject)
    return render(
        request,
        "audit.html",
        now=clock.now(),
        who=who,
        entries=found,
        older=found[-1].id if len(found) == PAGE else None,
        Act=Act,
        actor=actor,
        act=act,
        subject=subject,
        checked=await service.check(session) if check else None,
    )


@router.get("/log.csv")
async def export(
    session: SessionDep,
    who: ReaderDep,
    actor: Annotated[str, Query(max_length=254)] = "",
    act: Annotated[str, Query(max_length=40)] = "",
    subject: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """All that fits the filters, as a spreadsheet. That it was exported stands in the log."""
    found = await service.entries(session, actor=actor, act=act, subject=subject, limit=None)
    await service.record(
        session, who, Act.EXPORTED, "audit", now=clock.now(), rows=len(found), of=act
    )
    header = ["id", "at", "actor", "act", "subject", "details", "address"]
    return Response(
        sheet(header, [_row(entry) for entry in found]),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "no-store",
        },
    )


def _row(entry: AuditEntry) -> list[object]:
    return [
        entry.id,
        entry.at.isoformat(),
        entry.actor,
        entry.act,
        entry.subject,
        json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
        entry.address,
    ]
