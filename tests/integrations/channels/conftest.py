"""Adapters on the replayed APIs of their providers."""

import httpx
import pytest

from service.channels import make_channel
from tests.integrations.channels.reading import PUBLIC_URL
from tests.support.providers import api as replay
from tests.support.providers import shoppers


@pytest.fixture(scope="session")
def running_providers():
    with replay.providers() as running:
        yield running


@pytest.fixture
def providers(running_providers):
    """The replayed APIs; what they were asked for must be what the real ones take."""
    for kept in ("sent", "asked", "problems", "answers", "updates"):
        getattr(running_providers, kept).clear()
    yield running_providers
    assert running_providers.problems == []


@pytest.fixture
async def make(providers):
    """Makes a channel by its slug; more settings by the environment variable's name."""
    async with httpx.AsyncClient(timeout=5) as http:

        def make(slug, **more):
            given = shoppers.settings(providers.url) | {"PUBLIC_URL": PUBLIC_URL} | more
            return make_channel(slug, http, given)

        yield make
