"""The FAQ's page and editor in a real browser, at the size of a phone and of a desk."""

import asyncio
import os
import re
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from sqlalchemy import select

from service.faq.models import FaqFeedback, FaqQuestion
from tests.support.browser import PATIENCE

# Names a folder to keep pictures of the pages in, for people to look at.
PICTURES = os.environ.get("WISMO_TEST_PICTURES")


async def look(page, name):
    """Nothing sticks out sideways, axe finds nothing; and a picture where one is asked for."""
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"{name} is too wide by {width}"
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@asynccontextmanager
async def slow_line(page, address):
    """What is asked of an address meanwhile is answered at the end; tells when it was asked."""
    asked, free = asyncio.Event(), asyncio.Event()

    async def hold(route):
        asked.set()
        await free.wait()
        await route.continue_()

    await page.route(address, hold)
    yield asked
    free.set()


async def kept(sessions, table):
    """The first row of a table, once it is there."""
    async with asyncio.timeout(PATIENCE / 1000):
        while True:
            async with sessions() as session:
                if row := (await session.scalars(select(table))).first():
                    return row
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_a_reader_finds_an_answer(open_page, url, size, sessions):
    scheme = "dark" if size == "phone" else "light"
    page = await open_page(f"{url}/faq/en", size=size, color_scheme=scheme)
    season = page.get_by_role("region", name="Order by, for Christmas")
    await expect(season.get_by_text("too late")).to_be_visible()
    await expect(season.locator("[data-until]").first).to_have_text(
        re.compile("^(9|10) days left$")
    )
    await look(page, f"faq-home-{size}")
    await page.get_by_label("Send to").select_option("Spain")
    await expect(season.locator(".own .where")).to_contain_text("Europe")

    search = page.get_by_label("Search the answers")
    async with slow_line(page, "**/faq/en?*") as asked:
        await search.press_sequentially("chris")
        await asked.wait()
        await search.fill("do you sell skis")
        await search.press("Enter")
        assert (await kept(sessions, FaqQuestion)).text == "do you sell skis"
    await expect(page.get_by_text("We have no answer to that here.")).to_be_visible()
    await look(page, f"faq-found-{size}")
    await search.fill("chris")
    await expect(page.locator("#found").get_by_role("link")).to_have_count(1)

    await page.get_by_role("link", name="How do I return something?").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("How do I return something?")
    await look(page, f"faq-article-{size}")
    await page.get_by_role("button", name="Yes").click()
    await expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    assert page.url == f"{url}/faq/en/returns"  # no page was loaded for it
    assert (await kept(sessions, FaqFeedback)).helped
    await page.emulate_media(media="print")
    await expect(page.get_by_text("http://help.example/faq/en/returns")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_have_count(0)


@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_an_editor_writes_previews_and_meets_another(
    open_page, url, size, make_editor, watch
):
    watch.expected.append("409 (Conflict)")
    bea = await make_editor("Bea")
    ana = await make_editor("Ana", signed_in=False)
    scheme = "light" if size == "phone" else "dark"
    page = await open_page(f"{url}/inbox/faq/en/returns", size=size, color_scheme=scheme)
    await page.get_by_label("E-mail").fill(ana.email)
    await page.get_by_label("Password").fill(ana.password)
    await page.get_by_role("button", name="Sign in").click()
    text = page.get_by_label("Text", exact=True)
    preview = page.locator("#preview")
    await expect(preview).to_contain_text("You have 30 days.")
    written = await text.input_value()
    async with slow_line(page, "**/inbox/faq/preview") as asked:
        await text.fill(written.replace("topics:", "topic:"))
        await asked.wait()
        await text.fill(
            written.replace("short: You", "valid_from: 12-01\nvalid_until: 12-24\nshort: Y")
        )
        await page.get_by_label("When asked").fill("until when?")
        await page.get_by_label("When asked").blur()
    await expect(preview).to_contain_text("it is there from 1 December")
    await page.get_by_label("On", exact=True).fill("2026-12-20")
    await expect(preview).to_contain_text("Shown on 20 December 2026")
    await text.fill(written.replace("topics:", "topic:"))
    await expect(preview).to_contain_text("Line 4: topic is not a field")
    await look(page, f"faq-editor-{size}")

    await bea.save(
        await bea.open("/en/returns"), written.replace("short: You", "short: For Bea you")
    )
    await text.fill(written.replace("short: You", "short: For Ana you"))
    await page.get_by_role("button", name="Publish now").click()
    await expect(page.get_by_text("Not saved: Bea saved")).to_be_visible()
    assert "For Bea you have" in await page.get_by_label("Their text", exact=True).input_value()
    assert "For Ana you have" in await page.get_by_label("Your text").input_value()
    await look(page, f"faq-both-{size}")
    await page.get_by_role("button", name="Publish now").click()
    await expect(page.get_by_text("Published.")).to_be_visible()
    await page.get_by_text("What changed", exact=True).first.click()
    await look(page, f"faq-history-{size}")
    await page.get_by_role("button", name="Restore 1").click()
    await expect(page.get_by_text("revision 3 is served")).to_be_visible()
    for path in ("", "/gaps", "/files", "/new"):
        await page.goto(f"{url}/inbox/faq{path}")
        await look(page, f"faq-desk{path.replace('/', '-')}-{size}")
