"""E-mail in: ``/mail/replies``, where the mail provider brings answers to our e-mails."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json

import structlog
from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from kit import clock
from kit.errors import BadInput, BadWebhook, NotFound
from service.attachments import pictures
from service.attachments.pictures import Picture
from service.mail import reading, replies
from service.runtime import runtime

log = structlog.get_logger()

router = APIRouter(tags=["webhooks"])

# The raw e-mail's field in the form or JSON of SendGrid, Mailgun and Postmark.
# Source: their pages on inbound parse, routes ("body-mime", for addresses that end in "mime") and
# inbound webhooks ("RawEmail", a switch of the server). None was checked against a live account.
FIELDS = ("email", "body-mime", "RawEmail")
MOST_PICTURES = 5


@router.post("/mail/replies", status_code=204)
@router.post("/mail/replies/mime", status_code=204, include_in_schema=False)
async def receive(request: Request) -> Response:
    """Take in an answer to an e-mail of ours. 204 is sent after the commit only.

    Whatever is not one gets 204 too, so that nothing is brought again.
    """
    here = runtime(request)
    if not here.settings.mail_replies:
        raise NotFound("no address for replies is set")
    _check(request, here.settings.mail_replies_token)
    raw = await _raw(request)
    reply = reading.read(raw)
    if reply.automatic:
        log.info("mail_reply_ignored", why="automatic")
        return Response(status_code=204)
    shown = [found for each in reply.pictures[:MOST_PICTURES] if (found := await _picture(each))]
    async with here.sessions.begin() as session:
        taken = await replies.take(
            session,
            reply,
            here.settings,
            here.terms,
            id=reply.id or hashlib.sha256(raw).hexdigest(),
            pictures=shown,
            now=clock.now(),
        )
    if not taken:
        log.info("mail_reply_ignored", why="answers no e-mail of ours")
    return Response(status_code=204)


def _check(request: Request, token: str) -> None:
    """The token, as a bearer's or as the password of an address that has one."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise BadWebhook("mail replies: wrong token")


async def _raw(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = json.loads(await request.body())
        except ValueError as error:
            raise BadInput("not JSON") from error
        return _chosen(body if isinstance(body, dict) else {})
    if kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        async with request.form() as form:
            fields: dict[str, object] = dict(form)
            for name, value in form.items():
                if isinstance(value, UploadFile):
                    fields[name] = await value.read()
            return _chosen(fields)
    return await request.body()


def _chosen(fields: dict[str, object]) -> bytes:
    for name in FIELDS:
        match fields.get(name):
            case str(text):
                return text.encode("utf-8", "surrogateescape")
            case bytes(content):
                return content
    raise BadInput("no raw e-mail in it; see docs/handoff.md")


async def _picture(data: bytes) -> Picture | None:
    try:
        return await asyncio.to_thread(pictures.read, data)
    except BadInput:
        return None
