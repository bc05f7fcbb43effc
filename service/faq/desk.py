"""The editor, at ``/inbox/faq``: articles are written, seen on any day, scheduled, taken back."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from faq.model import ArticleKey
from kit import clock
from kit.errors import NotFound
from service.accounts import guard
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.db import SessionDep
from service.faq import drafts, revisions
from service.faq.drafts import diff, preview, text_of
from service.faq.models import FaqRevision
from service.faq.page import asset, language_name
from service.faq.revisions import Outdated
from service.faq.shelf import file_text
from service.inbox.pages import render
from service.runtime import runtime

HOME: Final = "/inbox/faq"
_LANG: Final = re.compile("[a-z]{2}")


editor = guard.requires(Permission.EDIT_ARTICLES)
EditorDep = Annotated[SignedIn, Depends(editor)]

router = APIRouter(prefix="/faq", dependencies=[Depends(editor)])


@router.get("")
async def articles(
    request: Request, session: SessionDep, who: EditorDep, lang: str = "en", said: str = ""
) -> Response:
    """All articles of a language; what is refused first."""
    now = clock.now()
    return page(
        request,
        who,
        "list.html",
        now=now,
        lang=lang,
        said=said,
        rows=await drafts.rows(session, runtime(request), lang, now=now)
        if _LANG.fullmatch(lang)
        else [],
    )


@router.get("/new")
async def new(
    request: Request,
    who: EditorDep,
    lang: str = "en",
    title: str = "",
    q: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """An article to be written; a gap brings its title and the ways it was asked."""
    slug = "-".join(re.findall("[a-z0-9]+", title.lower()))[:60].strip("-")
    return await _edit(
        request,
        None,
        who,
        (lang, slug),
        text=drafts.template(title or "What do people ask?", q or ()),
        new=True,
    )


@router.post("/preview")
async def previewed(
    request: Request,
    who: EditorDep,
    lang: Annotated[str, Form()],
    text: Annotated[str, Form()] = "",
    slug: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    question: Annotated[str, Form()] = "",
) -> Response:
    """How a text will look on a day; nothing is kept."""
    on = _day(request, day)
    seen = preview(
        drafts.typed(text), (lang, slug or "new"), runtime(request), day=on, question=question
    )
    return page(request, who, "_preview.html", now=clock.now(), view=seen, day=on, lang=lang)


@router.get("/{lang}/{slug}")
async def edit(
    request: Request, session: SessionDep, who: EditorDep, lang: str, slug: str, said: str = ""
) -> Response:
    """One article's text, how it looks, and its history."""
    return await _edit(request, session, who, (lang, slug), said=said)


@router.post("/save")
async def save(
    request: Request,
    session: SessionDep,
    who: EditorDep,
    lang: Annotated[str, Form()],
    slug: Annotated[str, Form()],
    text: Annotated[str, Form()],
    seen: Annotated[int, Form(ge=0, lt=2**31)],
    act: Annotated[str, Form(pattern="^(publish|draft|schedule)$")],
    starts: Annotated[str, Form()] = "",
    note: Annotated[str, Form(max_length=200)] = "",
    new: Annotated[bool, Form()] = False,
) -> Response:
    """Keep a text: at once, from a later moment, or as a draft. What is broken is not kept."""
    key, now, text = (lang, slug), clock.now(), drafts.typed(text)
    starts_at = {"publish": now, "draft": None, "schedule": _moment(request, starts)}[act]
    refused = _refused(request, key, text, act, starts_at, now)
    if refused is None and new and await _exists(request, session, key):
        refused = f"There is an article of that name already: {lang}/{slug}"
    if refused is not None:
        return await _edit(
            request, session, who, key, text=text, seen=seen, refused=refused, new=new, status=422
        )
    try:
        await revisions.save(
            session, key, text, who.agent, seen=seen, starts_at=starts_at, now=now, note=note
        )
    except Outdated as outdated:
        return await _edit(
            request, session, who, key, text=text, outdated=outdated, new=False, status=409
        )
    return RedirectResponse(f"{HOME}/{lang}/{slug}?said={act}", 303)


@router.post("/{lang}/{slug}/restore")
async def restore(
    request: Request,
    session: SessionDep,
    who: EditorDep,
    lang: str,
    slug: str,
    seen: Annotated[int, Form(ge=0, lt=2**31)],
    number: Annotated[int, Form(ge=0, lt=2**31)],
) -> Response:
    """Serve an earlier text again; number 0 is the file."""
    key, now = (lang, slug), clock.now()
    text = (await revisions.find(session, key, number)).text if number else None
    if text is not None and (broken := drafts.wrong_with(text, key, runtime(request))):
        refused = f"Line {broken.line}: {broken.reason}"
        return await _edit(request, session, who, key, text=text, refused=refused, status=422)
    note = f"as in {number}" if number else "the file again"
    try:
        await revisions.save(
            session, key, text, who.agent, seen=seen, starts_at=now, now=now, note=note
        )
    except Outdated as outdated:
        return await _edit(request, session, who, key, text=text, outdated=outdated, status=409)
    return RedirectResponse(f"{HOME}/{lang}/{slug}?said=publish", 303)


@router.post("/{lang}/{slug}/unschedule")
async def unschedule(
    session: SessionDep, lang: str, slug: str, number: Annotated[int, Form(ge=1, lt=2**31)]
) -> Response:
    """Make a draft of a text that was to begin later."""
    await revisions.unschedule(session, (lang, slug), number, now=clock.now())
    return RedirectResponse(f"{HOME}/{lang}/{slug}?said=draft", 303)


async def _edit(
    request: Request,
    session: SessionDep | None,
    who: SignedIn,
    key: ArticleKey,
    *,
    text: str | None = None,
    seen: int | None = None,
    said: str = "",
    refused: str | None = None,
    outdated: Outdated | None = None,
    new: bool = False,
    status: int = 200,
) -> Response:
    """The page of one article.

    Args:
        text: What the editor typed; ``None``: what is stored.
        seen: The number that the typed text was written over; ``None``: the newest.
    """
    now, settings = clock.now(), runtime(request).settings
    entries = list(await revisions.history(session, key)) if session and not new else []
    newest = entries[0].revision if entries else None
    file = file_text(settings, key)
    stored = text_of(newest, key, settings)
    if text is None:
        text = stored
    if text is None:
        raise NotFound("no such article")
    texts: list[str | None] = [*(e.revision.text for e in entries), file]
    return page(
        request,
        who,
        "edit.html",
        now=now,
        status=status,
        key=key,
        lang=key[0],
        text=text,
        seen=(newest.number if newest else 0) if seen is None else seen,
        said=said,
        refused=refused,
        outdated=outdated,
        theirs=diff(outdated.newest.text, text) if outdated else [],
        new=new,
        file=file,
        day=_day(request, ""),
        view=preview(text, (key[0], key[1] or "new"), runtime(request), day=_day(request, "")),
        article=runtime(request).faq.article(key[1], key[0]),
        serving=_serving([e.revision for e in entries], now),
        entries=[
            (entry, diff(texts[at + 1] or file, entry.revision.text or file))
            for at, entry in enumerate(entries)
        ],
    )


def page(
    request: Request,
    who: SignedIn,
    template: str,
    *,
    now: datetime,
    status: int = 200,
    **more: Any,
) -> Response:
    """One of the editor's pages, within the inbox's."""
    return render(
        request,
        f"faq/{template}",
        now=now,
        status=status,
        who=who,
        faq_asset=asset,
        language_name=language_name,
        languages=runtime(request).faq.languages,
        **more,
    )


def _serving(found: list[FaqRevision], now: datetime) -> int:
    """The number of the revision that has begun last; 0: none has."""
    begun = [r for r in found if r.starts_at is not None and r.starts_at <= now]
    return max(begun, key=lambda r: (r.starts_at, r.number)).number if begun else 0


async def _exists(request: Request, session: SessionDep, key: ArticleKey) -> bool:
    file = file_text(runtime(request).settings, key)
    return file is not None or bool(await revisions.history(session, key))


def _refused(
    request: Request,
    key: ArticleKey,
    text: str,
    act: str,
    starts_at: datetime | None,
    now: datetime,
) -> str | None:
    """Why a text is not kept, for its writer."""
    if broken := drafts.wrong_with(text, key, runtime(request)):
        return f"Line {broken.line}: {broken.reason}"
    if act == "schedule" and (starts_at is None or starts_at <= now):
        return "To schedule, choose a day and an hour that are still to come."
    return None


def _day(request: Request, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.now().astimezone(runtime(request).settings.zone).date()


def _moment(request: Request, text: str) -> datetime | None:
    """What ``<input type=datetime-local>`` sends, in the shop's zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=runtime(request).settings.zone)
    except ValueError:
        return None
