"""The running service with the demo shop laid out, and the sandbox's knobs."""

import httpx
import pytest

from kit import clock
from service.demo.service import seed


@pytest.fixture
async def shop(service):
    """The running service, its demo laid out just now."""
    await seed(service.state.runtime.sessions, now=clock.now())
    return service


@pytest.fixture
async def knobs(shop):
    """A client that holds the sandbox token."""
    token = shop.state.settings.sandbox_token
    async with httpx.AsyncClient(
        base_url=shop.state.url, headers={"authorization": f"Bearer {token}"}
    ) as client:
        yield client
