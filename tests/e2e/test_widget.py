"""The widget as a shop embeds it, with the real bot behind it: on another origin, strict policy."""

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import expect

from tests.browser.widget import launcher, log, open_chat, send
from tests.support.serving import serve
from tests.support.shop import IDENTITY_KEY, identity_token


@pytest.fixture
async def open_shop(shop, open_page):
    """Opens a shop's page that embeds the widget: ``await open_shop('data-theme="dark"')``."""
    app = FastAPI()
    policy = f"default-src 'none'; script-src 'self' {shop.url}; frame-src {shop.url}"

    @app.get("/")
    async def page():
        tag = f'<script src="{shop.url}/widget.js" {app.state.attributes} async></script>'
        body = f'<!doctype html><title>Shop</title><link rel="icon" href="data:,"><body>{tag}'
        return HTMLResponse(body, headers={"Content-Security-Policy": policy + "; img-src data:"})

    async with serve(app) as address:

        async def open_shop(attributes="", **options):
            app.state.attributes = attributes
            opened = await open_page(address, **options)
            await expect(launcher(opened)).to_be_visible()
            return opened

        yield open_shop


@pytest.mark.parametrize("size", ["phone", "desktop"])
async def test_question_proof_and_answer(open_shop, size):
    page = await open_shop(size=size)
    await open_chat(page)
    await send(page, "where is my order 1002?")
    await expect(log(page)).to_contain_text("e-mail")
    await send(page, "LS1 4AP")
    await expect(log(page)).to_contain_text("delivered")
    await page.reload()
    if size == "phone":  # there it does not open by itself
        await launcher(page).click()
    await expect(log(page)).to_contain_text("delivered")


async def test_a_signed_in_shopper_is_answered_at_once(open_shop):
    token = identity_token(IDENTITY_KEY, email="ana@example.com")
    page = await open_shop(f'data-identity="{token}" data-theme="dark"')
    await open_chat(page)
    await send(page, "where is my order 1001?")
    await expect(log(page)).to_contain_text("on its way")
    await expect(log(page)).not_to_contain_text("e-mail")
