"""The running service with the demo shop laid out, and links to its pages."""

import httpx
import pytest

from kit import clock
from service.demo.service import seed

EMAILS = {
    "1001": "ana@example.com",
    "1005": "david@example.com",
    "1009": "hugo@example.com",
    "1017": "priya@example.com",
}


@pytest.fixture
async def shop(service):
    await seed(service.state.runtime.sessions, now=clock.now())
    return service


@pytest.fixture
async def knobs(shop):
    """A client that holds the sandbox token."""
    token = shop.state.settings.sandbox_token
    async with httpx.AsyncClient(
        base_url=shop.state.url, headers={"authorization": f"Bearer {token}"}, timeout=20
    ) as client:
        yield client


@pytest.fixture
def link_of(shop, http):
    """The path of an order's page, as the form gives it to who proves the order."""

    async def prove(number="1001"):
        answer = await http.post("/track", data={"order": number, "proof": EMAILS[number]})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    return prove
