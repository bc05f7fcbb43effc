"""The widget on a page, as tests take hold of it."""

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect


def launcher(page):
    return page.locator("[data-wismo] button")


def chat(page):
    return page.frame_locator("[data-wismo] iframe")


def field(page):
    return chat(page).get_by_role("textbox", name="Your message")


def notice(page):
    return chat(page).locator("#notice")


def log(page):
    return chat(page).get_by_role("log")


async def open_chat(page):
    await launcher(page).click()
    await expect(field(page)).to_be_focused()


async def send(page, text):
    await field(page).fill(text)
    await field(page).press("Enter")


async def settle(page):
    """Until nothing the shopper wrote is on its way."""
    await expect(log(page).locator(".sending, .waiting")).to_have_count(0)


async def clean(page):
    """The page and the frame each by itself: axe does not speak across origins."""
    for frame in page.frames:
        found = await Axe().run(
            frame, options={"iframes": False, "rules": {"target-size": {"enabled": True}}}
        )
        assert found.violations_count == 0, found.generate_report()
