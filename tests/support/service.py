"""The whole service on loopback, with a replayed Rasa beside it."""

from contextlib import asynccontextmanager

import httpx
import pytest

from service import settings as settings_module
from service.app import create_app
from service.settings import Settings
from tests.support.chat import Chat
from tests.support.rasa import ReplayRasa
from tests.support.serving import free_socket, serve


@pytest.fixture
def rasa():
    """The replayed Rasa that ``service`` talks to."""
    return ReplayRasa()


@pytest.fixture
async def run_service(database_url, tmp_path):
    """Starts the service on a fresh database: ``async with run_service(rasa_url) as app``.

    The app's ``state.url`` says where it is.
    """

    @asynccontextmanager
    async def run(rasa_url, **settings):
        (tmp_path / "var").mkdir(exist_ok=True)
        if not (kept := tmp_path / "var/faq").exists():  # sentence vectors, made once for all tests
            (settings_module.ROOT / "var/faq").mkdir(parents=True, exist_ok=True)
            kept.symlink_to(settings_module.ROOT / "var/faq")
        with free_socket() as bound:
            app = create_app(
                Settings(
                    _env_file=None,
                    database_url=database_url,
                    rasa_url=rasa_url,
                    port=bound.getsockname()[1],
                    var=tmp_path / "var",
                    log_level="ERROR",
                    **settings,
                )
            )
            async with serve(app, bound) as app.state.url:
                yield app

    return run


@pytest.fixture
async def service(run_service, rasa):
    """A running service, as its app."""
    async with serve(rasa.app()) as rasa_url, run_service(rasa_url) as app:
        yield app


@pytest.fixture
def url(service):
    """Where the running service is."""
    return service.state.url


@pytest.fixture
async def http(url):
    """A client of the running service, without cookies of its own."""
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        yield client


@pytest.fixture
def chat(url):
    """Makes shoppers who chat with the running service."""
    return lambda: Chat(url)
