import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from tests.tracking_lookup.replay import Answer, Replay
from tracking_lookup import asking, service


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


@pytest.fixture
def logged(monkeypatch):
    """What the look-up logs, however logging was set up by tests before."""
    capture = LogCapture()
    for module in (asking, service):
        logger = structlog.wrap_logger(structlog.ReturnLogger(), processors=[capture])
        monkeypatch.setattr(module, "log", logger)
    return capture.entries
