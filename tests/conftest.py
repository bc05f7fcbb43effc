"""What every test may use: a real database of its own, and no way to the outside."""

import socket
from pathlib import Path

import hypothesis
import psycopg
import pytest

from service.db import make_engine, make_sessions, migrate
from service.postgres import EmbeddedPostgres
from tests.support.database import address, fresh_database

# A slow machine is no defect; what must be fast is in bench/.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

pytest_plugins = ["tests.support.browser", "tests.support.service"]


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    """A test that would reach another machine fails, whatever library it goes through."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(real):
        def method(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                host = str(address[0])
                assert host == "::1" or host.startswith("127."), f"connection to {host} in a test"
            return real(self, address)

        return method

    monkeypatch.setattr(socket.socket, "connect", checked(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", checked(connect_ex))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """One embedded server for the whole run, with a migrated template database."""
    server = EmbeddedPostgres(
        Path(tmp_path_factory.mktemp("pg")) / "data",
        options=("fsync=off", "full_page_writes=off", "synchronous_commit=off"),
    )
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_wismo")
    migrate(address(server, "template_wismo"))
    yield server
    server.stop()


@pytest.fixture
def database_url(postgres):
    """A fresh, migrated database of the test's own."""
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture
async def sessions(database_url):
    """Sessions on the test's own database."""
    engine = make_engine(database_url)
    yield make_sessions(engine)
    await engine.dispose()
