"""Everybody can use it: by keyboard, enlarged, from right to left, light and dark."""

import pytest
from playwright.async_api import expect

from tests.browser.widget import chat, clean, field, launcher, log, open_chat, send

pytestmark = pytest.mark.timeout(90)

CHOICE = [{"recipient_id": "x", "text": "Which?", "buttons": [{"title": "New", "payload": "new"}]}]


def page_with(url, attributes="", html=""):
    return (
        f"<!doctype html><html lang=en {html}><meta name=viewport content='width=device-width'>"
        f"<title>Shop</title><body><main><h1>Shop</h1><a href='#x'>Before</a></main>"
        f'<script src="{url}/widget.js" {attributes}></script>'
    )


@pytest.fixture
async def open_shop(shop, open_page, url):
    """Opens a shop's page: ``await open_shop('data-theme="dark"', size="phone")``."""
    shop.state.policy = f"script-src {url}; frame-src {url}"

    async def open_shop(attributes="", *, html="", **options):
        shop.state.page = page_with(url, attributes, html)
        return await open_page(shop.state.url, **options)

    return open_shop


async def focused(page):
    """What has the keyboard: its id or tag in the chat's frame, or "outside"."""
    element = "document.activeElement.id || document.activeElement.tagName"
    return await page.frames[1].evaluate(f"document.hasFocus() ? {element} : 'outside'")


async def test_the_whole_conversation_by_keyboard_alone(open_shop, rasa):
    rasa.answers["hello"] = CHOICE
    page = await open_shop()
    keyboard = page.keyboard
    await expect(launcher(page)).to_be_visible()
    for key in ("Tab", "Tab", "Enter"):  # past the shop's link, to the button
        await keyboard.press(key)
    await expect(field(page)).to_be_focused()
    await keyboard.type("hello")
    await keyboard.press("Enter")
    await expect(chat(page).get_by_role("button", name="New")).to_be_visible()
    await keyboard.press("Shift+Tab")
    assert await focused(page) == "attach"
    await keyboard.press("Shift+Tab")
    await keyboard.press("Enter")  # the quick reply
    await expect(field(page)).to_be_focused()
    await expect(log(page)).to_contain_text("You said: new")
    await keyboard.press("Escape")
    await expect(launcher(page)).to_be_focused()


async def test_a_chat_that_covers_the_page_keeps_the_keyboard_until_it_is_closed(open_shop):
    page = await open_shop(size="phone")
    await open_chat(page)
    dialog = page.locator("[data-wismo]")
    await expect(dialog).to_have_attribute("role", "dialog")
    await expect(dialog).to_have_attribute("aria-modal", "true")
    visited = []
    for _ in range(14):
        visited.append(await focused(page))
        await page.keyboard.press("Tab")
    assert "outside" not in visited
    assert {"input", "send", "attach", "close", "log"} <= set(visited)
    await chat(page).get_by_role("button", name="Close chat").focus()
    await page.keyboard.press("Shift+Tab")
    assert await focused(page) == "send"
    await page.keyboard.press("Escape")
    await expect(launcher(page)).to_be_focused()
    await expect(dialog).to_have_attribute("role", "region")


async def test_an_answer_that_comes_while_closed_is_announced(open_shop, rasa):
    rasa.free.clear()
    page = await open_shop()
    await open_chat(page)
    await send(page, "Take your time")
    await page.keyboard.press("Escape")
    await expect(launcher(page)).to_be_focused()
    rasa.free.set()
    await expect(page.locator("[data-wismo]").get_by_role("status")).to_have_text("(1 new)")


@pytest.mark.parametrize(
    ("width", "height"), [(640, 400), (320, 512)], ids=["200%", "400% of a phone's width"]
)
async def test_enlarged_it_needs_no_sideways_scrolling(open_shop, rasa, width, height):
    rasa.answers["hello"] = CHOICE
    page = await open_shop()
    await page.set_viewport_size({"width": width, "height": height})
    await open_chat(page)
    await send(page, "hello")
    await expect(chat(page).get_by_role("button", name="New")).to_be_in_viewport(ratio=1)
    for name in ("attach", "send", "close", "input"):
        await expect(chat(page).locator(f"#{name}")).to_be_in_viewport(ratio=1)
    assert await field(page).evaluate("e => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_right_to_left_as_the_shop_s_page_runs(open_shop, rasa, size):
    rasa.answers["hello"] = CHOICE
    page = await open_shop(
        'data-position="left"', html="dir=rtl", size=size, bypass_csp=True, reduced_motion="reduce"
    )
    await open_chat(page)
    await send(page, "hello")
    await expect(chat(page).get_by_role("button", name="New")).to_be_visible()
    await expect(chat(page).locator("html")).to_have_attribute("dir", "rtl")
    sides = [await chat(page).locator(f"#{name}").bounding_box() for name in ("send", "input")]
    assert sides[0]["x"] < sides[1]["x"]
    own = await log(page).locator(".shopper .text").bounding_box()
    bots = await log(page).locator(".bot .text").last.bounding_box()
    assert own["x"] < bots["x"] + bots["width"] - own["width"]
    await clean(page)


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize(
    ("theme", "system", "surface"),
    [("light", "dark", "rgb(255, 255, 255)"), ("dark", "light", "rgb(26, 32, 29)")],
)
async def test_axe_finds_nothing_in_the_theme_the_shop_asked_for(
    open_shop, rasa, size, theme, system, surface
):
    rasa.answers["hello"] = CHOICE
    page = await open_shop(
        f'data-theme="{theme}" data-colour="#ffd400"',
        size=size,
        color_scheme=system,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    await clean(page)
    await open_chat(page)
    await expect(chat(page).locator("body")).to_have_css("background-color", surface)
    await send(page, "hello")
    await expect(chat(page).get_by_role("button", name="New")).to_be_visible()
    await chat(page).get_by_role("button", name="Continue on another device").click()
    await expect(chat(page).locator("#card")).not_to_be_empty()
    await clean(page)
