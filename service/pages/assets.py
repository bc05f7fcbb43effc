"""Static files, kept by browsers for a year under an address that changes with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"


@lru_cache
def _digest(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def version(name: str) -> str:
    """The content's hash of a file in ``static/``.

    Raises:
        FileNotFoundError: No such file: a template names it wrongly.
    """
    path = FOLDER / name
    return _digest(path, path.stat().st_mtime_ns)


def asset(name: str) -> str:
    """The address of a file in ``static/``, with its content's hash; for templates."""
    return f"{PREFIX}/{name}?v={version(name)}"


class Assets(StaticFiles):
    """Serves ``static/``: a year where the address carries the right hash, else asked for anew."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304 where the browser's copy is still right."""
        response = await super().get_response(path, scope)
        if response.status_code in {200, 304}:
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
            fresh = asked and asked == version(path)
            response.headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if fresh else "no-cache"
            )
        return response
