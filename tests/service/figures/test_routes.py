"""The figures' page and their export, as a lead gets them."""

import csv
import io
import re

from service.accounts import service as accounts
from service.accounts.permissions import Role
from tests.service.figures.test_service import BOT, DAY, talk
from tests.service.inbox.conftest import app, make_desk, runtime

__all__ = ["app", "make_desk", "runtime", "talk"]

WEEK = {"first": "2026-03-02", "last": "2026-03-08"}


async def test_what_is_exported_is_what_is_shown_and_is_written_down(talk, make_desk, sessions):
    for n, minutes in enumerate([10, 20, 1000]):
        tickets = [{"opened": 0, "answered": minutes, "closed": 120 + n * 60}]
        await talk("web", list(BOT), tickets=tickets)
    await talk("twilio_sms", list(BOT), tickets=[{"opened": DAY}])
    lead = await make_desk("Lea")
    async with sessions.begin() as session:
        (await accounts.find(session, lead.email)).role = Role.LEAD
    page = (await lead.http.get("/inbox/figures", params=WEEK)).text
    assert re.search(r"20 min\s*<", page)  # the median
    assert re.search(r"13\.4 h\s*<", page)  # nine in ten of 10, 20 and 1,000 minutes: 804
    assert "percentile_cont(0.9)" in page  # how it is counted
    sheet = await lead.http.get("/inbox/figures/times.csv", params=WEEK)
    assert sheet.headers["content-disposition"].startswith('attachment; filename="times-2026-03-02')
    rows = list(csv.DictReader(io.StringIO(sheet.text.lstrip("\ufeff"))))
    assert [(r["day"], r["channel"], r["handoffs"], r["first_answer_median"]) for r in rows] == [
        ("2026-03-02", "web", "3", "20.0"),
        ("2026-03-03", "twilio_sms", "1", ""),
    ]
    only = await lead.http.get("/inbox/figures/times.csv", params=WEEK | {"channel": "twilio_sms"})
    assert only.text.count("\n") == 2
    async with sessions.begin() as session:
        (await accounts.find(session, lead.email)).role = Role.ADMIN
    log = (await lead.http.get("/inbox/audit")).text
    assert "figure:times" in log
