"""A real browser: the system's Chromium, watched for errors."""

import os
from contextlib import AsyncExitStack

import pytest
from playwright.async_api import async_playwright, expect

from service.cli.checks import chromium

FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
PATIENCE = 20_000  # milliseconds that a page may take on a busy machine: a bound, not a wait

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
async def browser():
    """The system's Chromium, started once for the run."""
    path = chromium()
    if path is None:
        pytest.fail("no Chromium here; install it with: sudo apt-get install -y chromium")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=flags)
        yield running
        await running.close()


class Watch:
    """What must not happen on a page: errors on its console, exceptions, breaches of its policy.

    Attributes:
        expected: Parts of lines that a test provokes.
    """

    def __init__(self):
        self.lines = []
        self.expected = []

    def on(self, context):
        """Watch every page of a browser context, frames included."""
        context.on(
            "console", lambda m: m.type in {"error", "warning"} and self.lines.append(m.text)
        )
        context.on("weberror", lambda error: self.lines.append(str(error.error)))

    def unexpected(self):
        """The lines that no test provoked."""
        return [line for line in self.lines if not any(part in line for part in self.expected)]


@pytest.fixture
def watch():
    """What went wrong in the browser; a test that provokes something says so in ``expected``."""
    watch = Watch()
    yield watch
    assert watch.unexpected() == []


@pytest.fixture
async def open_page(browser, watch, url):
    """Opens pages, each in a browser context of its own: ``await open_page(url, size="phone")``.

    They are closed before the service stops (hence ``url``), as a cut stream is a console error.
    """
    async with AsyncExitStack() as stack:

        async def open_page(address, *, size="desktop", **options):
            width, height = SIZES[size]
            context = await browser.new_context(
                viewport={"width": width, "height": height}, locale="en-GB", **options
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE)
            watch.on(context)
            page = await context.new_page()
            await page.goto(address)
            return page

        yield open_page
