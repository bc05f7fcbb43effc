"""One server of ``bench ingest``: ``… ours|bare PORT DATABASE_URL``."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import text

from bench._parent import end_with_parent
from service.app import create_app
from service.db import make_engine, make_sessions
from service.settings import Settings


def main() -> None:
    """Serve until killed."""
    end_with_parent()
    what, port, url = sys.argv[1:]
    app = bare(url) if what == "bare" else ours(url, int(port))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, ws="none")


def ours(url: str, port: int) -> FastAPI:
    """Wismo as it runs where workers run beside it: this process takes in, and does no job."""
    return create_app(
        Settings(
            _env_file=None,
            database_url=url,
            port=port,
            public_url=os.environ["PUBLIC_URL"],
            var=Path(tempfile.mkdtemp(prefix="wismo-bench-")),
            demo=False,
            workers_in_web=False,
            log_level="ERROR",
        )
    )


def bare(url: str) -> FastAPI:
    """What nobody can do without: read the body, insert one row, commit, answer."""
    sessions = make_sessions(make_engine(url))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with sessions.begin() as session:
            await session.execute(
                text("CREATE TABLE bare (id bigserial PRIMARY KEY, body text NOT NULL)")
            )
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/")
    async def receive(request: Request) -> Response:
        body = (await request.body()).decode()
        async with sessions.begin() as session:
            await session.execute(text("INSERT INTO bare (body) VALUES (:body)"), {"body": body})
        return Response(status_code=204)

    return app


if __name__ == "__main__":
    main()
