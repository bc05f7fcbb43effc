"""The shop in one file, ``shop.yml``: what articles say of it, how its pages look.

``page`` and ``notifications`` are sections that a part of the service reads as its own; everything
else is a value that the FAQ's articles may say (``faq.shop``). No file at all is no mistake: then
everything is as it comes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from kit.errors import BadInput

SHOP: Final = Path(__file__).resolve().parents[1] / "shop.yml"
MAX_BYTES: Final = 200_000
SECTIONS: Final = frozenset({"page", "notifications"})


def section(text: str, name: str) -> Mapping[str, Any]:
    """One of ``SECTIONS`` of the file's text; empty where it is not there.

    Raises:
        BadInput: The text is too long, not YAML, or the section holds no names and values.
    """
    if len(text.encode()) > MAX_BYTES:
        raise BadInput(f"shop.yml: larger than {MAX_BYTES // 1000} kB")
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}: " if where else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise BadInput(f"{line}{problem}") from error
    for part in (None, name):
        if part is not None and found is not None:
            found = found.get(part)
        if found is not None and not isinstance(found, dict):
            what = "shop.yml" if part is None else part
            raise BadInput(f"{what}: must be a list of names and values, such as name: Northwind")
    return found or {}
