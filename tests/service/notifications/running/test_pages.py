"""The inbox's pages about notifications, in a browser: for everybody, at every size."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from kit import clock
from service.notifications.outbox import transport
from service.tracking_page import links
from tests.service.notifications.running.conftest import MOVING

# Names a folder to keep pictures of the pages in, for people to look at.
PICTURES = os.environ.get("WISMO_TEST_PICTURES")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def url(service):
    return service.state.url


async def accessible(page, name):
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"notify-{name}.png", full_page=True)
    found = await Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.response["violations"] == [], found.generate_report()
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways"


@pytest.mark.parametrize(
    ("size", "options"), [("phone", {}), ("desktop", {"color_scheme": "dark"})]
)
async def test_an_agent_reads_what_went_out_and_changes_the_words(
    open_page, url, watch, service, moved, agent, size, options
):
    watch.expected = ["422"]
    page = await open_page(f"{url}/inbox/outbox", size=size, **options)
    await page.get_by_label("E-mail").fill(agent.email)
    await page.get_by_label("Password").fill(agent.password)
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("heading", name="Outbox")).to_be_visible()
    await accessible(page, f"outbox-{size}")
    about = page.get_by_role("listitem").filter(has_text="Out for delivery · #1001")
    await about.get_by_role("link", name="E-mail").click()
    letter = page.frame_locator("iframe")
    await expect(letter.get_by_role("heading", name="Comes today")).to_be_visible()
    await expect(page.get_by_text("by the demo's mail server")).to_be_visible()
    await accessible(page, f"mail-{size}")

    await page.get_by_role("link", name="#1001").click()
    await expect(page.get_by_role("heading", name="Out for delivery")).to_have_count(1)
    await accessible(page, f"order-{size}")
    async with service.state.runtime.sessions() as session:
        link = await links.for_order(
            session, service.state.settings, moved[0].order_id, now=clock.now()
        )
    assert (await page.request.get(link)).status == 200
    await page.get_by_role("button", name="End all links").click()
    await expect(page.locator(".notice.good")).to_contain_text("The links have ended")
    assert (await page.request.get(link)).status == 404

    await page.goto(f"{url}/inbox/notifications")
    await expect(page.get_by_role("heading", name="Held back lately")).to_be_visible()
    await accessible(page, f"overview-{size}")
    await page.get_by_role("link", name="DE: Later than told").click()
    await expect(page.get_by_role("heading", name="Later than told")).to_be_visible()
    await expect(page.frame_locator("iframe").get_by_role("heading")).to_be_visible()
    await accessible(page, f"texts-{size}")

    sms = page.get_by_label("SMS", exact=True)
    before = await sms.input_value()
    await sms.fill("{shop}: {order} kommt später {wann} {link}")
    await page.get_by_role("button", name="Check and save").click()
    await expect(page.get_by_role("alert")).to_contain_text("there is no variable {wann}")
    await expect(sms).to_have_value("{shop}: {order} kommt später {wann} {link}")
    await sms.fill(before.replace("kommt später", f"kommt erst am ({size})"))
    await page.get_by_role("button", name="Check and save").click()
    await expect(page.locator(".notice.good")).to_contain_text("Saved")
    await expect(page.locator(".bubble").first).to_contain_text(f"kommt erst am ({size})")
    await page.get_by_role("button", name="Back to Wismo's").click()
    await expect(page.locator(".bubble").first).to_contain_text("kommt später")

    await page.get_by_label("With the facts of parcel").fill(MOVING)
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text(f"With the facts of {MOVING}.")).to_be_visible()

    await page.get_by_label("To", exact=True).fill("lea@example.com")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".notice.good")).to_contain_text("On its way")

    [letter] = [row for row in moved if row.kind == "email"]
    await page.goto(transport.stop_link(service.state.settings, letter.id, now=clock.now()))
    await accessible(page, f"stop-{size}")
    await page.get_by_role("button", name="Stop these e-mails").click()
    await expect(page.get_by_role("status")).to_contain_text("an…@example.com gets no more")
    await page.get_by_role("button", name="Turn them on again").click()
    await expect(page.get_by_role("status")).to_contain_text("They are on again")
