"""The tracking page in a real browser: it moves, it is for everybody, it asks nobody else."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from sqlalchemy import select

from kit import clock
from service.demo.service import seed
from service.notifications.models import PushSubscription
from tests.browser.widget import field, launcher

# Names a folder to keep pictures of the pages in, for people to look at.
PICTURES = os.environ.get("WISMO_TEST_PICTURES")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = (
    ("light", "phone", "", {}),
    ("dark", "desktop", "", {"color_scheme": "dark"}),
    ("rtl", "phone", "&dir=rtl", {"color_scheme": "dark"}),
)


@pytest.fixture
async def link(service, url):
    """The address of a page with a parcel on its way and one delivered."""
    await seed(service.state.runtime.sessions, now=clock.now())
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        answer = await client.post("/track", data={"order": "1017", "proof": "priya@example.com"})
    return url + answer.headers["location"]


async def accessible(page, name):
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"track-{name}.png", full_page=True)
    found = await Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.response["violations"] == [], found.generate_report()
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways"


async def test_anybody_can_use_it(open_page, link, url, watch):
    watch.expected = ["404"]
    for name, size, more, options in LOOKS:
        page = await open_page(f"{link}?lang=de{more}", size=size, **options)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Bestellung #1017")
        await accessible(page, f"order-{name}")
        for kind, path in (
            ("parcel", "/track?number=SBX00101702"),
            ("expired", "/t/guess?lang=fr"),
            ("unknown", "/track?number=NOPE1"),
        ):
            await page.goto(f"{url}{path}{more}")
            await accessible(page, f"{kind}-{name}")


async def test_it_asks_nobody_else_and_is_light(open_page, url, link):
    page = await open_page(f"{url}/track")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(link, wait_until="load")
    await expect(launcher(page)).to_be_visible()
    weight = await page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".reduce((sum, entry) => sum + entry.transferSize, 0)"
    )
    assert 0 < weight < 60_000
    assert {urlsplit(each).netloc for each in asked} == {urlsplit(url).netloc}


async def test_a_parcel_that_moves_moves_the_page(open_page, service, link):
    page = await open_page(link, size="phone")
    card = page.get_by_role("region", name="On its way")
    await card.locator("summary").click()
    await expect(card.get_by_text("Tamworth, GB")).to_be_visible()
    token = service.state.settings.sandbox_token
    async with httpx.AsyncClient(
        base_url=service.state.url, headers={"authorization": f"Bearer {token}"}, timeout=20
    ) as knobs:
        await knobs.post("/sandbox/parcels/SBX00101702/advance")
        await knobs.post("/sandbox/parcels/SBX00101702/push", json={})
    await expect(page.get_by_role("region", name="Out for delivery")).to_be_visible()
    await expect(page.locator("#parcel-2-history")).to_have_attribute("open", "")
    await expect(page.locator("#live")).to_have_text("Updated just now")


async def test_the_chat_opens_with_the_order_in_it(open_page, link):
    page = await open_page(link)
    await page.get_by_role("button", name="Ask about this order").last.click()
    await expect(field(page)).to_have_value("Where is my order #1017?")


async def test_without_scripts_it_says_as_much(open_page, link):
    page = await open_page(link, java_script_enabled=False)
    await expect(page.get_by_role("heading", name="Delivered", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Ask about this order").first).to_be_hidden()
    await expect(page.get_by_role("link", name="Contact the shop").first).to_be_visible()
    await page.get_by_label("SMS").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(page.get_by_label("SMS")).to_be_checked()


@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_push_is_asked_for_by_a_click_and_can_be_taken_back(open_page, service, link, size):
    page = await open_page(link, size=size)
    # The one part that is not ours: a push service, which this browser cannot reach.
    await page.evaluate(
        """() => {
          Notification.requestPermission = async () => "granted";
          const made = {
            toJSON: () => ({
              endpoint: "https://fcm.googleapis.com/fcm/send/test",
              keys: { p256dh: "BNcRdreALRFXTkOOUHK1", auth: "tBHItJI5svbpez7KI4CCXg" },
            }),
          };
          PushManager.prototype.subscribe = async function (options) {
            window.asked = options.applicationServerKey.length;
            return made;
          };
          PushManager.prototype.getSubscription = async () => made;
        }"""
    )
    await page.get_by_role("button", name="Notify me in this browser").click()
    await expect(page.get_by_text("This browser will be told.")).to_be_visible()
    assert await page.evaluate("window.asked") == 65, "an uncompressed point of P-256"
    async with service.state.runtime.sessions() as session:
        assert len((await session.scalars(select(PushSubscription))).all()) == 1
    await page.get_by_role("button", name="Stop notifications here").click()
    await expect(page.get_by_text("This browser will no longer be told.")).to_be_visible()
    async with service.state.runtime.sessions() as session:
        assert (await session.scalars(select(PushSubscription))).all() == []
