"""The page over HTTP: what it shows to whom, and what it never does."""

import asyncio
import base64
import hmac
import json
import re
from datetime import timedelta

from sqlalchemy import func, select

from kit import clock
from service.edd.models import DeliveryDateMove
from service.notifications.models import NotificationChoice, PushSubscription
from service.storefront import store
from service.storefront.models import Order, Parcel
from service.storefront.normal import order_key
from service.tracking_page import links
from service.tracking_page.links import Link
from service.tracking_page.models import OpenedLink
from service.tracking_page.tries import TRIES_PER_ADDRESS, TRIES_PER_ORDER
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent

PUSH = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {
        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u",
        "auth": "tB",
    },
    "lang": "de",
}


def words_of(page):
    """The text that a person sees."""
    text = re.sub(r"<(script|style|title)\b.*?</\1>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


async def order_of(sessions, number="#1001"):
    async with sessions() as session:
        return (await session.scalars(select(Order).filter_by(number=number))).one()


async def test_the_page_tells_what_happens_next_and_when_to_worry(http, link_of):
    answer = await http.get(await link_of("1017"))
    page = words_of(answer.text)
    assert answer.status_code == 200
    for part in (
        "Order #1017",
        "Parcel 1 of 2 Delivered",
        "Parcel 2 of 2 On its way",
        "Expected",
        "What happens next",
        "Nothing is wrong. Write to us if there is no new scan by",
        "1 × Sleeping mat",
        "Last scan 3 hours ago. Sandbox Parcels asked just now.",
        "Arrived Tamworth, GB",
    ):
        assert part in page, part
    label_only = words_of((await http.get(await link_of("1005"))).text)
    assert "Packed, not yet with Sandbox Parcels" in label_only
    assert "On its way now" not in label_only


async def test_the_visitor_chooses_the_language(http, link_of):
    link = await link_of()
    for lang, said in (
        ("de", "Unterwegs"),
        ("es", "En camino"),
        ("fr", "En route"),
        ("en", "On its way"),
    ):
        for asked in (
            {"params": {"lang": lang}},
            {"headers": {"accept-language": f"{lang}-AT,xx"}},
        ):
            page = (await http.get(link, **asked)).text
            assert f'<html lang="{lang}"' in page
            assert said in words_of(page)


async def test_no_page_is_kept_listed_or_told_of(http, link_of):
    link = await link_of()
    for path in (link, f"{link}/order.pdf", "/track", "/track?number=SBX00100101", "/t/guessed"):
        headers = (await http.get(path)).headers
        assert headers["cache-control"] == "private, no-store", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert "noindex" in headers["x-robots-tag"], path
        assert "unsafe" not in headers["content-security-policy"]
    document = await http.get(f"{link}/order.pdf?lang=fr")
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")


async def test_a_page_names_no_other_site_that_a_browser_would_ask_by_itself(http, link_of):
    page = (await http.get(await link_of())).text
    loaded = re.findall(
        r'<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href|srcset)="([^"]+)"', page
    )
    assert len(loaded) > 5
    assert [address for address in loaded if not address.startswith("/")] == []
    total = len(page.encode())
    for address in set(loaded):
        if "goods" not in address:
            total += len((await http.get(address)).content)
    assert total < 60_000, "before compression, with the pictures that load late"


async def test_a_tracking_number_alone_shows_movement_and_nothing_of_the_order(http, shop):
    sessions = shop.state.runtime.sessions
    await http.get("/track", params={"number": "SBX00100101"})
    async with sessions.begin() as session:
        parcel = (await session.scalars(select(Parcel).filter_by(number="SBX00100101"))).one()
        order = await session.get_one(Order, parcel.order_id)
        named = Tracking(
            "sandbox",
            parcel.number,
            Status.EXCEPTION,
            events=(
                TrackingEvent(
                    clock.now(), Status.EXCEPTION, place="Leeds, GB", text="Refused by MS ANA FOX"
                ),
            ),
        )
        await store.record(session, parcel.id, named, {}, fetched_at=clock.now(), whole=False)
    answer = await http.get("/track", params={"number": "sbx 0010 0101"})
    assert answer.status_code == 200
    assert "Tamworth, GB" in answer.text
    assert "Leeds, GB" in answer.text
    for secret in (order.number, "Rain jacket", order.email, order.postcode, "FOX", "/t/"):
        assert secret not in answer.text.replace("/track/", "/"), secret


async def test_wrong_and_unknown_sound_the_same(http, shop):
    wrong = await http.post("/track", data={"order": "1017", "proof": "x@example.com"})
    unknown = await http.post("/track", data={"order": "9991", "proof": "x@example.com"})
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace("1017", "N") == unknown.text.replace("9991", "N")
    by_postcode = await http.post("/track", data={"order": "#1001", "proof": "ls1 4ap"})
    assert by_postcode.status_code == 303


async def test_a_link_that_is_altered_over_or_revoked_looks_like_a_guess(http, shop, link_of):
    runtime, now = shop.state.runtime, clock.now()
    link = await link_of()
    token = link.removeprefix("/t/")
    order = await order_of(runtime.sessions)
    long_ago = now - timedelta(days=runtime.settings.tracking_link_days, hours=2)
    over = links.write(runtime.settings, Link(order.id, 0), now=long_ago)
    pages = [(await http.get(f"/t/{bad}")).text for bad in ("guess", f"{token[:-1]}x", over)]
    async with runtime.sessions.begin() as session:
        await links.revoke(session, order.id, now=now)
    revoked = await http.get(link)
    assert revoked.status_code == 404
    assert {*pages, revoked.text} == {revoked.text}
    assert "#1001" not in revoked.text
    assert (await http.get(await link_of())).status_code == 200, "a new link holds"


async def test_thirty_tries_raise_an_alarm_and_a_wait(http, link_of):
    link = await link_of()
    for number in range(TRIES_PER_ADDRESS):
        assert (await http.get(f"/t/1-{number}.zzzz.guess")).status_code == 404
    for path in (link, "/t/guess", "/track?number=SBX00100101"):
        waits = await http.get(path)
        assert waits.status_code == 429, path
        assert int(waits.headers["retry-after"]) == 900
    posted = await http.post("/track", data={"order": "1001", "proof": "ana@example.com"})
    assert posted.status_code == 429
    metrics = (await http.get("/metrics")).text
    assert re.search(r"^wismo_page_tries_alarms_total [1-9]", metrics, re.M)


async def test_one_order_number_cannot_be_guessed_at_for_long_nor_many_times_at_once(http, shop):
    async def guess(number):
        return await http.post("/track", data={"order": "1001", "proof": f"LS{number} 1AA"})

    answers = await asyncio.gather(*map(guess, range(2 * TRIES_PER_ORDER)))
    refused = [answer.status_code for answer in answers]
    assert sorted(refused) == [403] * TRIES_PER_ORDER + [429] * TRIES_PER_ORDER
    right = await http.post("/track", data={"order": "1001", "proof": "ana@example.com"})
    assert right.status_code == 429
    other = await http.post("/track", data={"order": "1017", "proof": "priya@example.com"})
    assert other.status_code == 303


async def test_what_was_promised_before_is_said(http, shop, link_of):
    link = await link_of()
    await http.get(link)
    now = clock.now()
    async with shop.state.runtime.sessions.begin() as session:
        parcel = (await session.scalars(select(Parcel).filter_by(number="SBX00100101"))).one()
        moved = Tracking(
            "sandbox",
            parcel.number,
            Status.IN_TRANSIT,
            events=(TrackingEvent(now, Status.IN_TRANSIT, Detail.DELAYED, "Tamworth, GB"),),
            promised_from=now + timedelta(days=9),
            promised_to=now + timedelta(days=10),
        )
        await store.record(session, parcel.id, moved, {}, fetched_at=now, whole=False)
    page = words_of((await http.get(link)).text)
    assert re.search(r"Expected \w+ \d+ \w+ to \w+ \d+ \w+ was \w+ \d+ \w+ to", page)
    async with shop.state.runtime.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(DeliveryDateMove)) == 2


async def test_a_choice_is_kept_once_and_the_newest_counts(http, shop, link_of):
    link = await link_of()
    for ticked in ({"sms": "on"}, {"sms": "on"}, {"email": "on", "sms": "on"}):
        answer = await http.post(f"{link}/choices", data=ticked)
        assert answer.status_code == 303
    saved = (await http.get(answer.headers["location"])).text
    assert "Saved." in saved
    assert len(re.findall(r'type="checkbox"[^>]* checked', saved)) == 2
    async with shop.state.runtime.sessions() as session:
        rows = await session.execute(
            select(NotificationChoice.channel, NotificationChoice.wanted).order_by(
                NotificationChoice.id
            )
        )
        assert list(map(tuple, rows)) == [("email", False), ("whatsapp", False), ("email", True)]


async def test_a_browser_is_told_once_and_only_through_a_push_service(http, shop, link_of):
    link = await link_of()
    for _ in range(2):
        assert (await http.post(f"{link}/push", json=PUSH)).status_code == 204
    for endpoint in (
        "https://example.com/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8080/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
    ):
        refused = await http.post(f"{link}/push", json={**PUSH, "endpoint": endpoint})
        assert refused.status_code == 422, endpoint
    async with shop.state.runtime.sessions() as session:
        [row] = await session.scalars(select(PushSubscription))
        assert (row.endpoint, row.lang) == (PUSH["endpoint"], "de")
    assert (await http.post("/t/guess/push", json=PUSH)).status_code == 403
    assert (await http.request("DELETE", f"{link}/push", json=PUSH)).status_code == 204
    async with shop.state.runtime.sessions() as session:
        assert (await session.scalars(select(PushSubscription))).all() == []


async def test_the_first_opening_of_a_messages_link_is_remembered(http, shop):
    runtime = shop.state.runtime
    order = await order_of(runtime.sessions)
    async with runtime.sessions() as session:
        link = await links.for_order(session, runtime.settings, order.id, now=clock.now(), ref=77)
    for _ in range(2):
        assert (await http.get(link)).status_code == 200
    async with runtime.sessions() as session:
        [opened] = await session.scalars(select(OpenedLink))
        assert (opened.ref, opened.order_id) == (77, order.id)


async def test_only_files_that_the_shop_names_are_served_and_only_agents_try_others(http, shop):
    assert (await http.get("/track/shop/logo.svg")).status_code == 200
    for name in ("shop.yml", "..%2froutes.py", "other.svg"):
        assert (await http.get(f"/track/shop/{name}")).status_code == 404, name
    for path in ("/inbox/brand", "/inbox/brand/preview"):
        answer = await http.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/inbox/sign-in")


async def test_the_chat_is_told_which_order_is_proven_for_two_hours_at_most(http, shop, link_of):
    page = (await http.get(await link_of())).text
    payload, signature = re.search(r'data-identity="([^"]+)"', page)[1].split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert order_key(said["order"]) == "1001"
    assert 0 < said["exp"] - clock.now().timestamp() <= 7200
    key = shop.state.settings.page_identity_key
    assert hmac.new(key.encode(), payload.encode(), "sha256").hexdigest() == signature
