"""The carriers' words beside ours, as the page ``docs/crosswalk.md``.

``python -m tracking_lookup.crosswalk > docs/crosswalk.md`` writes it anew.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tracking_lookup.contract import CarrierManifest
from tracking_lookup.model import Detail, Status

CARRIERS: Final = Path(__file__).parent / "carriers"
HEAD: Final = """\
# Crosswalk

Which words of a carrier mean what here. Written from each folder's `statuses.py`; change that, then

```sh
.venv/bin/python -m tracking_lookup.crosswalk > docs/crosswalk.md
```

A code that is in no table is `unknown`: it is counted, shown to agents with the carrier's own
words, and never guessed. "As before" is what is asked for or announced: it leaves a
parcel where it was.
"""
AS_BEFORE: Final = "as before"
_STATUSES: Final = [*Status, AS_BEFORE]
_DETAILS: Final = [None, *Detail]


def page() -> str:
    """The whole page, in Markdown."""
    sources = [_Source(path.parent.name) for path in sorted(CARRIERS.glob("*/statuses.py"))]
    return "\n".join([HEAD, *_overview(sources), *(line for s in sources for line in s.lines())])


class _Source:
    """One folder of ``carriers``."""

    def __init__(self, slug: str) -> None:
        self.manifest: CarrierManifest = import_module(
            f"tracking_lookup.carriers.{slug}.manifest"
        ).MANIFEST
        module = import_module(f"tracking_lookup.carriers.{slug}.statuses")
        # As written in the file. What starts with an underline is not the mapping but its making.
        self._tables = {
            name: table
            for name, table in vars(module).items()
            if name.isupper() and not name.startswith("_") and isinstance(table, Mapping) and table
        }

    def says(self, status: Status) -> bool:
        """Whether any word of it means this status."""
        return any(
            isinstance(said, tuple) and said[0] is status
            for table in self._tables.values()
            for said in table.values()
        )

    def lines(self) -> Iterator[str]:
        """Its section: what its words mean, table by table."""
        kind = ", an aggregator" if self.manifest.aggregator else ""
        yield f"## {self.manifest.name}{kind}\n"
        slug = self.manifest.slug
        yield f"[`{slug}`](../tracking_lookup/carriers/{slug}/README.md)\n"
        for name, table in self._tables.items():
            yield f"`{name}`\n"
            if all(
                isinstance(meant, str) and not isinstance(meant, Detail) for meant in table.values()
            ):
                yield from _grouped(("our carrier",), {code: (our,) for code, our in table.items()})
            else:
                meanings = {code: _meaning(said) for code, said in table.items()}
                yield from _grouped(("status", "detail"), meanings)


def _overview(sources: list[_Source]) -> Iterator[str]:
    yield "## Who can say what\n"
    yield "| status | sources |"
    yield "|---|---|"
    for status in Status:
        names = [source.manifest.slug for source in sources if source.says(status)]
        yield f"| `{status}` | {', '.join(names) or 'nobody'} |"
    yield ""


def _meaning(said: Any) -> tuple[str, Detail | None]:
    """``(status, detail)`` of a row; a table of announcements has the detail alone."""
    status, detail = said if isinstance(said, tuple) else (AS_BEFORE, said)
    return status, detail


def _grouped(heads: tuple[str, ...], rows: Mapping[Any, tuple[Any, ...]]) -> Iterator[str]:
    """A table with a row for each meaning, in the order of our words, and its codes as written."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for code, meant in rows.items():
        groups.setdefault(meant, []).append(_code(code))
    yield f"| {' | '.join(heads)} | codes |"
    yield "|---" * (len(heads) + 1) + "|"
    for meant in sorted(groups, key=_order):
        words = [f"`{word}`" if word not in (None, AS_BEFORE) else word or "" for word in meant]
        yield f"| {' | '.join(words)} | {' '.join(groups[meant])} |"
    yield ""


def _order(meant: tuple[Any, ...]) -> tuple[int, int, str]:
    if len(meant) == 1:
        return 0, 0, meant[0]
    return _STATUSES.index(meant[0]), _DETAILS.index(meant[1]), ""


def _code(code: Any) -> str:
    """A code, or a pair of them, as it is written in a cell."""
    parts = code if isinstance(code, tuple) else (code,)
    return "`" + "/".join(map(str, parts)).replace("|", "\\|") + "`"


if __name__ == "__main__":
    sys.stdout.write(page())
