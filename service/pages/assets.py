"""Static files, kept by browsers for a year under an address that changes with their content.

There is no build step. What a browser need not get is left out as a script is served: comments and
indentation. A script's imports get their content's hash, as a page's addresses do.
"""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"

# A text in a script must hold no " // " and must not depend on its indentation.
_LEFT_OUT: Final = re.compile(r"^[ \t]*(//.*)?\n?|[ \t]+// .*$", re.MULTILINE)
_IMPORT: Final = re.compile(r'"\./([\w-]+\.js)"')


def served(name: str) -> bytes:
    """A file of ``static/`` as browsers get it.

    Raises:
        FileNotFoundError: No such file: a template or a script names it wrongly.
    """
    path = FOLDER / name
    return _served(path, path.stat().st_mtime_ns)


def version(name: str) -> str:
    """The content's hash of a file in ``static/``; of the scripts it imports, too.

    Raises:
        FileNotFoundError: As ``served``.
    """
    return digest(served(name))


def digest(content: bytes) -> str:
    """Short, and another for other content."""
    return hashlib.sha256(content).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file in ``static/``, with its content's hash; for templates."""
    return f"{PREFIX}/{name}?v={version(name)}"


@lru_cache
def _served(path: Path, _changed_ns: int) -> bytes:
    if path.suffix != ".js":
        return path.read_bytes()
    text = _LEFT_OUT.sub("", path.read_text("utf-8"))
    return _IMPORT.sub(lambda found: f'"./{found[1]}?v={version(found[1])}"', text).encode()


class Assets(StaticFiles):
    """Serves ``static/``: a year where the address carries the right hash, else asked for anew."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304 where the browser's copy is still right."""
        response = await super().get_response(path, scope)
        if response.status_code not in {200, 304}:
            return response
        if path.endswith(".js"):
            response = script(served(path), scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        fresh = asked and asked == version(path)
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fresh else "no-cache"
        )
        return response


def script(content: bytes, scope: Scope) -> Response:
    """An answer with JavaScript; 304 where the request's ``If-None-Match`` names it already."""
    etag = f'"{digest(content)}"'
    known = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if etag in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/javascript", headers=headers)
