"""The date before purchase, the report card, and the carriers' figures, over HTTP."""

import csv
import io
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from kit import clock
from kit.errors import LockedOut
from service.accounts import service as accounts
from service.accounts.permissions import Role
from service.conversations.models import ChatPosts
from service.edd import training
from service.edd.models import Training
from service.edd.offers import A_MINUTE, admit
from tests.service.edd.conftest import NOW, past, tell
from tests.support.serving import serve
from tracking_lookup.edd import card as cards
from tracking_lookup.edd.backtest import backtest
from tracking_lookup.model import Status


@pytest.fixture
async def shop(run_service, rasa, models, tmp_path):
    """A running service with the shared model: ``shop(SHOP_ORIGINS=…)``."""

    @asynccontextmanager
    async def run(**settings):
        folder = tmp_path / "var" / "models"
        folder.mkdir(parents=True)
        (folder / "edd").symlink_to(models)
        async with (
            serve(rasa.app()) as rasa_url,
            run_service(rasa_url, workers_in_web=False, **settings) as app,
            httpx.AsyncClient(base_url=app.state.url, timeout=20) as http,
        ):
            yield app, http

    return run


async def test_the_date_before_purchase(shop, sessions, add_parcel):
    now = datetime.now(UTC)
    for _ in range(3):
        await add_parcel((1, Status.IN_TRANSIT), now=now)
    async with shop(shop_origins="https://shop.example, https://*.shop.example") as (_, http):
        ask = "/api/promise?postcode=ls1%204ap&sku=tent"
        answer = await http.get(ask, headers={"Origin": "https://shop.example"})
        told = answer.json()
        assert told["text"].startswith("Arrives ")
        assert now.date().isoformat() <= told["first"] <= told["last"]
        assert told["because"].startswith("Parcels on this route took about")
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert "max-age" in answer.headers["cache-control"]
        inner = await http.get(ask, headers={"Origin": "https://de.shop.example"})
        assert inner.headers["access-control-allow-origin"] == "https://de.shop.example"
        other = await http.get(ask, headers={"Origin": "https://shop.example.evil.example"})
        assert "access-control-allow-origin" not in other.headers
        assert (await http.get("/api/promise?postcode=a%00b")).status_code == 422
        assert (await http.get("/promise.js")).status_code == 200
        answers = [(await http.get(ask)).status_code for _ in range(2)]
        assert answers == [200, 200]


async def test_an_address_may_ask_so_often_a_minute_whichever_process_it_meets(sessions):
    async def ask(asker, now=NOW):
        async with sessions.begin() as session:
            await admit(session, asker, now=now)

    async with sessions.begin() as session:
        session.add(ChatPosts(digest="a", since=NOW, count=A_MINUTE - 1))
    await ask("a")
    for _ in range(2):
        with pytest.raises(LockedOut):
            await ask("a")
    await ask("b")
    await ask("a", NOW + timedelta(minutes=1))


async def test_without_a_model_there_is_no_date(run_service, rasa):
    async with (
        serve(rasa.app()) as rasa_url,
        run_service(rasa_url, workers_in_web=False) as app,
        httpx.AsyncClient(base_url=app.state.url) as http,
    ):
        answer = await http.get("/api/promise?postcode=LS14AP")
    assert answer.json() == {"first": None, "last": None, "text": "", "because": ""}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


@asynccontextmanager
async def signed_in(app, http, sessions):
    async with sessions.begin() as session:
        password = await accounts.create_agent(session, "ana@example.com", "Ana", role=Role.LEAD)
    page = await http.get("/inbox/sign-in")
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": token, "email": "ana@example.com", "password": password}
    assert (await http.post("/inbox/sign-in", data=form)).status_code == 303
    yield http


async def test_report_card_and_carriers(shop, sessions, add_parcel, models):
    now = datetime.now(UTC)
    for age, ordered, late in ((3, 9, 1), (5, 9, -7), (40, 50, 1), (368, 375, 1)):
        await add_parcel(
            (age + 3, Status.IN_TRANSIT), (age + 2, Status.IN_TRANSIT),
            (age + 0.3, Status.OUT_FOR_DELIVERY), (age, Status.DELIVERED),
            ordered=ordered, promised=late - age, now=now,
        )  # fmt: skip
    parcel_id = await add_parcel((2, Status.IN_TRANSIT), carrier="<b>post", now=now)
    await tell(sessions, parcel_id, (2, Status.IN_TRANSIT), (1, Status.DELIVERED), now=now)
    async with shop() as (app, http):
        assert (await http.get("/inbox/edd")).status_code == 303
        assert (await http.get("/inbox/carriers.csv")).status_code == 303
        async with signed_in(app, http, sessions):
            assert "No report card yet" in (await http.get("/inbox/edd")).text
            card = cards.card(backtest(sorted(past(), key=lambda one: one.ordered_at)), "Ours", {})
            card["made_at"] = clock.now().isoformat()
            (models / training.REPORT).write_text(json.dumps(card))
            async with sessions.begin() as session:
                session.add(Training(started_at=now, state="running", at_work="as of 1 <May> 2026"))
            page = await http.get("/inbox/edd")
            assert "<svg" in page.text
            assert "as of 1 &lt;May&gt; 2026" in page.text
            (models / training.REPORT).unlink()

            page = await http.get("/inbox/carriers")
            assert "&lt;B&gt;post" in page.text
            text = (await http.get("/inbox/carriers.csv")).text
            rows = {
                (row["carrier"], row["lane"], row["period"]): row
                for row in csv.DictReader(io.StringIO(text))
            }
            lately = rows["sandbox", "all", "last 30 days"]
            assert (lately["delivered"], lately["on_time"], lately["scans_complete"]) == (
                "2",
                "0.5",
                "1.0",
            )
            assert float(lately["days_half"]) == pytest.approx(3)
            assert rows["sandbox", "GB", "30 days before"]["delivered"] == "1"
            assert rows["sandbox", "GB", "a year ago"]["on_time"] == "1.0"
            assert rows["<b>post", "all", "last 30 days"]["on_time"] == ""
