"""The widget on a shop's page of another origin."""

import pytest
from playwright.async_api import expect

from tests.browser.widget import chat, launcher, log, open_chat, send

pytestmark = pytest.mark.timeout(90)


async def test_works_on_a_shop_with_a_strict_policy_and_its_settings(shop, open_page, url):
    shop.state.policy = f"default-src 'none'; script-src 'self' {url}; frame-src {url}"
    shop.state.page = (
        "<!doctype html><html lang=de><title>Laden</title><body><h1>Laden</h1>"
        f'<script src="{url}/widget.js" data-colour="#ffd400" data-position="left" '
        'data-greeting="Moin!" data-locale="de-AT" data-open-after="0"></script>'
    )
    page = await open_page(shop.state.url)
    await expect(log(page)).to_contain_text("Moin!")  # it opened by itself
    assert not await field_de(page).evaluate(
        "e => e === document.activeElement && document.hasFocus()"
    )
    await expect(launcher(page)).to_have_attribute("aria-label", "Chat schließen")
    await expect(launcher(page)).to_have_css("left", "20px")
    await expect(launcher(page)).to_have_css("color", "rgb(0, 0, 0)")
    await field_de(page).fill("Hallo")
    await field_de(page).press("Enter")
    await expect(log(page)).to_contain_text("You said: Hallo")
    await page.reload()
    await expect(log(page)).to_contain_text("You said: Hallo")
    await page.locator("h1").click()
    await launcher(page).click()
    await page.reload()
    await expect(page.locator("[data-wismo] iframe")).not_to_be_visible()  # closed stays closed


async def test_talks_on_another_site_whose_browser_shuts_our_storage(shop, open_page, url):
    """Chromium does so to a frame of another site in a private window."""
    shop.state.policy = f"script-src {url}; frame-src {url}"
    shop.state.page = f'<title>x</title><body><script src="{url}/widget.js"></script>'
    page = await open_page(shop.state.url.replace("127.0.0.1", "localhost"))
    await open_chat(page)
    for text in ("one", "two"):
        await send(page, text)
        await expect(log(page)).to_contain_text(f"You said: {text}")
    await expect(log(page).locator(".shopper .text")).to_have_text(["one", "two"])


def field_de(page):
    return chat(page).get_by_role("textbox", name="Ihre Nachricht")


async def test_only_the_shop_s_origins_may_embed_the_frame(shop, run_service, open_page, watch):
    watch.expected = ["frame-ancestors"]
    async with run_service("http://127.0.0.1:9", shop_origins="https://shop.example") as app:
        url = app.state.url
        shop.state.policy = f"script-src {url}; frame-src {url}"
        shop.state.page = f'<title>x</title><body><script src="{url}/widget.js"></script>'
        page = await open_page(shop.state.url)
        async with page.expect_event("console", lambda line: "frame-ancestors" in line.text):
            await launcher(page).click()
