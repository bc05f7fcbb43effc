"""The editor's other pages: what is missing (``/gaps``), and articles as files (``/files``)."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from faq import check
from kit import clock
from service.db import SessionDep
from service.faq import files, gaps, revisions, shelf
from service.faq.desk import EditorDep, editor, page
from service.runtime import runtime

router = APIRouter(prefix="/faq", dependencies=[Depends(editor)])

MOST_GAPS: Final = 50


@router.get("/gaps")
async def missing(request: Request, session: SessionDep, who: EditorDep) -> Response:
    """Questions without a good answer, and articles that need a look."""
    now, process = clock.now(), runtime(request)
    settings, faq = process.settings, process.faq
    today, home = shelf.today(settings), faq.renderer.shop.country
    asked = await gaps.unanswered(session, now=now)
    live = await revisions.live(session, now=now)
    encoder = await asyncio.to_thread(shelf.encoder, settings)
    found = await asyncio.to_thread(gaps.cluster, asked, encoder, shelf.languages(settings))
    base = await asyncio.to_thread(shelf.base, settings, live.texts)
    findings = await asyncio.to_thread(check.check, base, on=today)
    return page(
        request,
        who,
        "gaps.html",
        now=now,
        gaps=found[:MOST_GAPS],
        asked=len(asked),
        ending=gaps.ending(faq.articles, today, home),
        never=await gaps.never_found(session, faq.articles, today, home, now=now),
        disliked=await gaps.disliked(session, now=now),
        broken=[f for f in findings if f.is_error and f.about == "text"],
        contradictions=[f for f in findings if f.about == "contradiction"],
        renewals=[f for f in findings if f.about == "renewal"],
    )


@router.get("/files")
async def files_page(request: Request, who: EditorDep) -> Response:
    """Where files are brought in and taken out."""
    return page(request, who, "files.html", now=clock.now(), brought=None)


@router.get("/export.zip")
async def export(request: Request, session: SessionDep) -> Response:
    """All articles that are served, as the files that hold them."""
    live = await revisions.live(session, now=clock.now())
    packed = await asyncio.to_thread(files.pack, runtime(request).settings, live.texts)
    return Response(
        packed,
        media_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="faq.zip"',
            "Cache-Control": "no-store",
        },
    )


@router.post("/files")
async def bring(
    request: Request,
    session: SessionDep,
    who: EditorDep,
    upload: Annotated[UploadFile, File()],
    lang: Annotated[str, Form()] = "en",
) -> Response:
    """Publish files: a Markdown file, or a zip of folders by language. What is broken stays out."""
    brought = await files.bring(
        session,
        runtime(request),
        await upload.read(),
        name=upload.filename or "",
        lang=lang,
        author=who.agent,
        now=clock.now(),
    )
    return page(request, who, "files.html", now=clock.now(), brought=brought)
