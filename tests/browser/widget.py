"""The widget on a page, as tests take hold of it."""

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
