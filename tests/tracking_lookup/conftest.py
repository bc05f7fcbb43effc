import httpx
import pytest

from tests.tracking_lookup.replay import Answer, Replay


@pytest.fixture
def replay():
    """A carrier's server on loopback; give it an ``answer``."""
    server = Replay(lambda asked: Answer(404))
    yield server
    server.close()


@pytest.fixture
async def http():
    async with httpx.AsyncClient(timeout=httpx.Timeout(10, connect=3), trust_env=False) as client:
        yield client
