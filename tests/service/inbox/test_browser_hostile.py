"""What strangers write never runs: 100 payloads in every field an agent sees, in a real browser."""

import re

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from kit import clock
from service.accounts.models import Agent
from service.inbox import files, macros, notes
from service.storefront.models import OrderItem, Parcel

# Each would set ``window.ran`` or send a request if any part of it ran: tags with their events,
# addresses, encodings, ways out of the attributes and elements that the pages put text into, and
# htmx's own attributes, which are scripts by another name.
TAGS = [
    "img src=x",
    "svg",
    "body",
    "video><source",
    "audio src=x",
    "details open",
    "input autofocus",
    "select autofocus",
    "textarea autofocus",
    "iframe",
    "object data=x",
    "marquee",
    "math",
]
EVENTS = ["onerror", "onload", "onfocus", "ontoggle", "onstart"]
RUN = "window.ran=1"
PAYLOADS = [
    *(f"<{tag} {event}={RUN}>" for tag in TAGS for event in EVENTS),
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script/x>{RUN}</script>",
    f"<<script>{RUN};//<</script>",
    "<script src=//127.0.0.1:1/x.js></script>",
    f"<a href='javascript:{RUN}'>x</a>",
    f"<a href='jav&#x09;ascript:{RUN}'>x</a>",
    f"javascript:{RUN}",
    f"<iframe src='javascript:{RUN}'></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<form action='javascript:{RUN}'><button>x</button></form>",
    f"<object data='javascript:{RUN}'></object>",
    "<meta http-equiv=refresh content='0;url=javascript:window.ran=1'>",
    "<base href='//127.0.0.1:1/'>",
    "<link rel=stylesheet href='//127.0.0.1:1/x.css'>",
    f'" autofocus onfocus="{RUN}',
    f"' autofocus onfocus='{RUN}",
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f"</textarea><img src=x onerror={RUN}>",
    f"</title><img src=x onerror={RUN}>",
    f"</script><img src=x onerror={RUN}>",
    f"</option></select><img src=x onerror={RUN}>",
    f"--><img src=x onerror={RUN}>",
    f"]]><img src=x onerror={RUN}>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><a xlink:href='javascript:{RUN}'><text>x</text></a></svg>",
    f"<math><mi xlink:href='javascript:{RUN}'>x</mi></math>",
    '<form hx-post="/inbox/sign-out" hx-trigger="load"></form>',
    '<p hx-get="/inbox/nowhere" hx-trigger="load"></p>',
    f'<p hx-on:htmx:load="{RUN}"></p>',
    '<p hx-swap-oob="innerHTML:#head">gone</p>',
    "{{ 7 * 7 }}{% raw %}",
    f"\ue000<img src=x onerror={RUN}>\ue001",
]


def test_there_are_a_hundred():
    assert len(set(PAYLOADS)) >= 100


async def test_what_strangers_write_never_runs(
    door, url, shopper, sessions, add_order, add_agent, watch
):
    everything = " parcel ".join(PAYLOADS)
    for start in range(0, len(PAYLOADS), 20):
        await shopper.say(" parcel ".join(PAYLOADS[start : start + 20]))
    order = await add_order(
        name=everything, number=everything, email=everything, phone=everything, currency="<b>"
    )
    ticket = await shopper.hand_over(note=everything, order_id=order)
    eve, now = await add_agent(everything), clock.now()
    async with sessions.begin() as session:
        parcel = Parcel(order_id=order, carrier=everything, number=everything)
        session.add_all([parcel, OrderItem(order_id=order, title=everything, quantity=1)])
        await notes.add(session, ticket, eve, PAYLOADS[0], now=clock.now())
        await notes.tag(session, ticket, "<img src=x onerror=window.ran=1>")
        for name in (PAYLOADS[0], PAYLOADS[-3]):
            await macros.save(session, None, name=name, text=everything[:5000], agent=eve, now=now)
        upload = await files.add(
            session, ticket, eve, everything, b"<script>window.ran=1</script>", now=clock.now()
        )
        file_id = upload.id
    page = await door()
    async with sessions.begin() as session:
        await session.execute(update(Agent).where(Agent.name == "Ana").values(role="admin"))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in (
        "/inbox/",
        "/inbox/search?q=parcel",
        "/inbox/macros",
        "/inbox/people",
        "/inbox/audit",
        f"/inbox/tickets/{ticket}",
    ):
        await page.goto(url + path)
        await page.wait_for_load_state("load")
        assert await page.evaluate("window.ran") is None, path
        strangers = await page.evaluate(
            "document.querySelectorAll('iframe, object, marquee, math, video, audio, base, "
            "[onerror], [onload], [onfocus], [hx-on\\\\:htmx\\\\:load]').length"
        )
        assert strangers == 0, path
    await expect(page.locator("#transcript")).to_contain_text(PAYLOADS[0])
    await page.locator("summary", has_text="Macros").click()
    await page.locator("a.insert").first.click()
    await expect(page.get_by_label("Your answer")).to_have_value(re.compile("parcel"))
    await page.get_by_label("Your answer").fill(everything)
    await expect(page.locator("#preview")).to_contain_text("characters")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".leaving .words")).to_contain_text(PAYLOADS[-3])
    assert await page.evaluate("window.ran") is None
    assert all(each.startswith((url, "data:")) for each in asked)
    assert not any("nowhere" in each or "sign-out" in each for each in asked)
    answer = await page.request.get(f"{url}/inbox/tickets/{ticket}/files/{file_id}")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml"])
async def test_a_file_is_what_it_begins_with(kind, shopper, sessions, add_agent):
    await shopper.say("hello?")
    ticket = await shopper.hand_over()
    eve = await add_agent("Eve")
    content = {"text/html": b"<!doctype html><script>", "image/svg+xml": b"<svg onload=x>"}[kind]
    async with sessions.begin() as session:
        kept = await files.add(session, ticket, eve, 'a"\r\nb/../c.html', content, now=clock.now())
        assert kept.content_type == "application/octet-stream"
        assert not set('"\r\n/') & set(kept.name)
