"""Databases of the run's own server."""

from contextlib import contextmanager
from uuid import uuid4

import psycopg

from service.db import libpq_url


def address(server, name):
    return libpq_url(server.url).replace("@/postgres?", f"@/{name}?")


@contextmanager
def fresh_database(server):
    """A migrated database that is gone afterwards; gives its address."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_wismo")
    yield address(server, name)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
