"""A shopper answers our e-mail: what they say comes back into the conversation, to people."""

import base64
import json

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from integrations.messages import InboundMessage
from kit import clock
from service import web
from service.conversations import door
from service.conversations import service as conversations
from service.hours.terms import load as load_terms
from service.inbox.models import Ticket
from service.mail import routes, service
from service.mail.models import Mail
from service.mail.service import compose
from service.settings import Settings
from tests.service.mail.test_reading import mail
from tests.support.providers.api import PNG

TOKEN = "t" * 16


@pytest.fixture
async def sent(sessions):
    """Our e-mail to a shopper of the chat, as they got it."""
    settings = Settings(_env_file=None)
    async with sessions.begin() as session:
        hello = InboundMessage("web", "1", "shopper-1", "hello", received_at=clock.now())
        accepted = await door.accept(session, hello, settings)
        mail_id = await service.queue(
            session,
            key="message:1",
            to="jo@example.com",
            subject="Your message",
            text=service.answer_text(["On its way."], shop="Northwind", replies=True),
            conversation_id=accepted.conversation_id,
            now=clock.now(),
        )
    async with sessions() as session:
        return compose(
            await session.get_one(Mail, mail_id), host="x.example", replies="re@in.example.com"
        )


@pytest.fixture
async def http(sessions):
    app = FastAPI()

    class Runtime:
        """What the route asks of one."""

        settings = Settings(
            _env_file=None, mail_replies="re@in.example.com", mail_replies_token=TOKEN
        )
        terms = load_terms(None, settings.zone)

    Runtime.sessions = sessions
    app.state.runtime = Runtime
    web.install(app)
    app.include_router(routes.router)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://wismo.test", headers=headers
    ) as http:
        yield http


async def said(sessions):
    async with sessions() as session:
        conversation = await conversations.find(session, "web", "shopper-1")
        messages = await conversations.transcript(session, conversation.id)
        return conversation.handler, [m.text for m in messages if m.author == "shopper"]


def answer(sent, text="And my invoice?", **headers):
    body = f"{text}\n\nOn Monday Northwind wrote:\n\n> {sent.get_content()}"
    return mail(body, To=sent["Reply-To"], Message_ID="<1@mail.example>", **headers)


async def test_an_answer_is_said_once_and_people_get_it(sessions, sent, http):
    raw = bytes(answer(sent))
    for _ in range(2):
        came = await http.post("/mail/replies", content=raw)
        assert came.status_code == 204
    assert await said(sessions) == ("agent", ["hello", "And my invoice?"])
    async with sessions() as session:
        [ticket] = await session.scalars(select(Ticket))
    assert (ticket.reason, ticket.email, ticket.status) == ("asked_again", "jo@example.com", "open")


@pytest.mark.parametrize("way", ["json", "form", "file", "basic"])
async def test_each_providers_way_of_bringing_it_is_taken(sessions, sent, http, way):
    text = bytes(answer(sent)).decode()
    match way:
        case "json":
            given = {"content": json.dumps({"RawEmail": text}),
                     "headers": {"Content-Type": "application/json"}}  # fmt: skip
        case "form":
            given = {"data": {"body-mime": text}}
        case "file":
            given = {"files": {"email": ("mail.eml", text, "message/rfc822")}}
        case _:
            secret = base64.b64encode(f"wismo:{TOKEN}".encode()).decode()
            given = {"content": text, "headers": {"Authorization": f"Basic {secret}"}}
    assert (await http.post("/mail/replies", **given)).status_code == 204
    assert (await said(sessions))[1] == ["hello", "And my invoice?"]


async def test_a_picture_comes_along(sessions, sent, http):
    message = answer(sent, text="look")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="x.png")
    message.add_attachment(b"<script>", maintype="image", subtype="svg+xml", filename="x.svg")
    assert (await http.post("/mail/replies", content=bytes(message))).status_code == 204
    async with sessions() as session:
        conversation = await conversations.find(session, "web", "shopper-1")
        newest = (await conversations.transcript(session, conversation.id))[-1]
        pictures = await routes.replies.attachments.of_messages(session, [newest.id])
    assert newest.text == "look"
    assert [picture.content_type for picture in pictures[newest.id]] == ["image/png"]


async def test_what_is_no_answer_of_theirs_changes_nothing(sessions, sent, http):
    guessed = mail("let me in", To=f"re+{'0' * 32}@in.example.com", From=sent["To"])
    absent = answer(sent, Auto_Submitted="auto-replied")
    for message in (guessed, absent):
        assert (await http.post("/mail/replies", content=bytes(message))).status_code == 204
    raw = bytes(answer(sent))
    for header in ("", "Bearer wrong", "Basic !", f"Basic {TOKEN}"):
        came = await http.post("/mail/replies", content=raw, headers={"Authorization": header})
        assert came.status_code == 401
    assert (await http.post("/mail/replies", content=b"\0junk")).status_code == 422
    assert await said(sessions) == ("bot", ["hello"])
