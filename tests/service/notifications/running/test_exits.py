"""What left, arrived whole; and whoever wants no more of it is heeded."""

import hashlib
import hmac
import json
import re
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from service.demo.models import CaughtMail
from service.mail.models import Mail
from service.storefront.models import Order
from service.tracking_page import choices
from tests.service.notifications.running.conftest import MAILGUN_KEY, MOVING


@pytest.fixture
async def letter(sessions, moved):
    """The e-mail that told of it, as the mail server took it, and its row."""
    [row] = [row for row in moved if row.kind == "email"]
    async with sessions() as session:
        mail = await session.get_one(Mail, row.mail_id)
        caught = await session.scalar(
            select(CaughtMail).where(CaughtMail.message_id.startswith(f"<{mail.name}@"))
        )
    return message_from_bytes(caught.raw, policy=policy.default), mail


@pytest.fixture
def wanted(sessions):
    """Whether e-mails about an order would be sent now."""

    async def ask(number="#1001"):
        async with sessions() as session:
            order = (await session.scalars(select(Order).filter_by(number=number))).one()
            return (await choices.of_order(session, order.id))["email"]

    return ask


async def test_a_scan_told_three_times_is_one_message_by_each_way(moved, service, letter):
    assert {row.kind: row.why for row in moved if row.state == "held"} == {"push": "not_chosen"}
    assert {row.kind for row in moved} == {"email", "push", "whatsapp", "sms"}
    message, _ = letter
    assert message["To"] == "ana@example.com"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for part in ("Northwind Outfitters", "#1001", f"{service.state.url}/t/"):
        assert part in text
        assert part in html
    assert "prefers-color-scheme: dark" in html
    assert "<link" not in html
    assert 'class="button"' not in html or "style=" in html
    markup = html.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert json.loads(markup)["trackingNumber"] == MOVING


async def test_one_press_in_the_mail_program_ends_e_mails_to_the_address(letter, http, wanted):
    message, _ = letter
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip(" <>")
    path = "/e/" + link.partition("/e/")[2]
    assert link in message.get_body(("plain",)).get_content()

    page = await http.get(path, params={"lang": "fr"})
    assert "Arrêter ces e-mails" in page.text
    assert await wanted(), "scanners of mails follow links"
    one_click = await http.post(path, data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert not await wanted()
    assert (await http.post(f"{path}/on")).status_code == 200
    assert await wanted()
    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/e/1.zzzz.guessed"):
        assert (await http.post(wrong)).status_code == 403
    assert await wanted()
    assert page.headers["referrer-policy"] == "no-referrer"


def mailgun(event, key=MAILGUN_KEY, **more):
    """A webhook as Mailgun's documentation shows it."""
    signature = {"timestamp": "1795405920", "token": "f" * 50}
    signed = (signature["timestamp"] + signature["token"]).encode()
    signature["signature"] = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    return {"signature": signature, "event-data": {"event": event, "id": "x", **more}}


async def test_what_bounced_or_was_called_spam_gets_no_more(letter, http, wanted, sessions):
    _, mail = letter
    about = {"message": {"headers": {"message-id": f"{mail.name}@127.0.0.1"}}}

    async def told(event, **more):
        answer = await http.post("/mail/webhooks/mailgun", json=mailgun(event, **about, **more))
        async with sessions() as session:
            return answer.status_code, (await session.get_one(Mail, mail.id)).state

    assert await told("delivered") == (204, "delivered")
    assert await told("failed", severity="temporary") == (204, "delivered")
    assert await wanted()
    forged = mailgun("complained", key="guessed", **about)
    assert (await http.post("/mail/webhooks/mailgun", json=forged)).status_code == 401
    for nonsense in ({}, [], {"signature": 1, "event-data": 2}):
        assert (await http.post("/mail/webhooks/mailgun", json=nonsense)).status_code == 401
    assert await wanted()
    bounce = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550}}
    assert await told("failed", **bounce) == (204, "bounced")
    assert not await wanted()
    assert await told("delivered") == (204, "bounced")
    assert await told("complained") == (204, "complained")


async def test_each_order_of_the_address_is_heeded_and_a_later_word_counts(
    letter, http, wanted, sessions
):
    async with sessions.begin() as session:
        other = (await session.scalars(select(Order).filter_by(number="#1002"))).one()
        other.email = "ana@example.com"
    link = re.search(r"/e/[^>]+", letter[0]["List-Unsubscribe"])[0]
    await http.post(link)
    assert not await wanted("#1002")
    proven = await http.post("/track", data={"order": "1002", "proof": "ana@example.com"})
    await http.post(f"{proven.headers['location']}/choices", data={"email": "on"})
    assert await wanted("#1002")
    assert not await wanted("#1001")
