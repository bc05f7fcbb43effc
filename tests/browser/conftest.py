"""One running service a module, as each page has a session of its own; and a shop beside it."""

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from service.app import create_app
from service.settings import Settings
from tests.support.database import fresh_database
from tests.support.rasa import ReplayRasa
from tests.support.serving import free_socket, serve
from tests.support.shop import IDENTITY_KEY


@pytest.fixture(scope="module")
def database_url(postgres):
    """A fresh, migrated database of the module's own."""
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def replayed():
    return ReplayRasa()


@pytest.fixture
def rasa(replayed):
    """The replayed Rasa, as if it had just started."""
    replayed.__init__()
    return replayed


@pytest.fixture(scope="module")
async def service(database_url, replayed, tmp_path_factory):
    """The module's running service, as its app."""
    async with serve(replayed.app()) as rasa_url:
        with free_socket() as bound:
            app = create_app(
                Settings(
                    _env_file=None,
                    database_url=database_url,
                    rasa_url=rasa_url,
                    port=bound.getsockname()[1],
                    var=tmp_path_factory.mktemp("var"),
                    identity_key=IDENTITY_KEY,
                    log_level="ERROR",
                )
            )
            async with serve(app, bound) as app.state.url:
                yield app


@pytest.fixture
async def shop():
    """A shop on an origin of its own; ``page`` and ``policy`` are what it serves.

    Ask for it before ``open_page``: pages are then closed before it stops.
    """
    app = FastAPI()

    @app.get("/")
    async def page():
        return HTMLResponse(app.state.page, headers={"Content-Security-Policy": app.state.policy})

    @app.get("/favicon.ico")
    async def icon():
        return HTMLResponse("")

    async with serve(app) as url:
        app.state.url = url
        yield app
