"""One running demo for this folder, in which order 1001's parcel has gone out for delivery."""

from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import select

from kit import clock
from service.accounts import service as accounts
from service.accounts.permissions import Role
from service.app import create_app
from service.demo.models import CaughtMail
from service.demo.service import seed
from service.mail.models import Mail
from service.notifications.models import Notification, Sending
from service.notifications.news import Trigger
from service.settings import ROOT, Settings
from tests.service.notifications.running.waiting import until
from tests.support.database import fresh_database
from tests.support.rasa import ReplayRasa
from tests.support.serving import free_socket, serve

MOVING = "SBX00100101"  # of order 1001, whose next scan is "out for delivery"
MAILGUN_KEY = "key-of-the-webhooks"


@pytest.fixture(scope="package")
def database_url(postgres):
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="package")
async def service(database_url, tmp_path_factory):
    """The running service, as its app."""
    var = tmp_path_factory.mktemp("var")
    (ROOT / "var/faq").mkdir(parents=True, exist_ok=True)
    (var / "faq").symlink_to(ROOT / "var/faq")  # sentence vectors, made once for all tests
    async with serve(ReplayRasa().app()) as rasa_url:
        with free_socket() as bound:
            app = create_app(
                Settings(
                    _env_file=None,
                    database_url=database_url,
                    rasa_url=rasa_url,
                    port=bound.getsockname()[1],
                    var=var,
                    mailgun_signing_key=MAILGUN_KEY,
                    log_level="ERROR",
                )
            )
            async with serve(app, bound) as app.state.url:
                yield app


@pytest.fixture
def sessions(service):
    return service.state.runtime.sessions


@pytest.fixture(scope="package")
async def knobs(service):
    """A client that holds the sandbox carrier's token."""
    token = service.state.settings.sandbox_token
    async with httpx.AsyncClient(
        base_url=service.state.url, headers={"authorization": f"Bearer {token}"}, timeout=20
    ) as client:
        yield client


@pytest.fixture(scope="package")
async def moved(service, knobs):
    """What told that it is out for delivery; the webhooks came three times, in no order."""
    sessions = service.state.runtime.sessions
    await seed(sessions, now=clock.now())
    async with httpx.AsyncClient(base_url=service.state.url, timeout=20) as http:
        proof = {"order": "1001", "proof": "ana@example.com"}
        await http.get((await http.post("/track", data=proof)).headers["location"])
    for path, body in (("advance", None), ("push", {"times": 3, "order": "reversed"})):
        answer = await knobs.post(f"/sandbox/parcels/{MOVING}/{path}", json=body)
        assert answer.is_success, answer.text

    async def told():
        async with sessions() as session:
            rows = (
                await session.scalars(
                    select(Sending)
                    .join(Notification, Notification.id == Sending.notification_id)
                    .where(Notification.trigger == Trigger.OUT_FOR_DELIVERY)
                    .order_by(Sending.id)
                )
            ).all()
            mails = select(Mail.name).where(Mail.id.in_([row.mail_id for row in rows]))
            names = (await session.scalars(mails)).all()
            caught = (await session.scalars(select(CaughtMail.message_id))).all()
        there = all(any(name in each for each in caught) for name in names)
        return rows if len(rows) == 4 and names and there else None

    return await until(told)


@dataclass
class Account:
    """An agent's, and a client that is signed in with it."""

    email: str
    password: str
    http: httpx.AsyncClient


@pytest.fixture(scope="package")
async def agent(service):
    """A lead of the shop."""
    email = "lead@example.com"
    async with service.state.runtime.sessions.begin() as session:
        password = await accounts.create_agent(session, email, "Lea", role=Role.ADMIN)
    async with httpx.AsyncClient(base_url=service.state.url, timeout=20) as http:
        page = await http.get("/inbox/sign-in")
        form = {"csrf": token_of(page), "email": email, "password": password}
        assert (await http.post("/inbox/sign-in", data=form)).status_code == 303
        yield Account(email, password, http)


def token_of(page):
    """What a form of this page carries."""
    return page.text.partition('name="csrf" value="')[2].partition('"')[0]
