"""CSV files that people open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins like this is run as a formula, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file: comma-separated, CRLF, a byte order mark so that Excel reads UTF-8.

    ``None`` is an empty cell. Text that a spreadsheet would run as a formula gets an apostrophe in
    front, which shows it as text; numbers stay numbers.

    Source: RFC 4180; OWASP, "CSV Injection".
    """
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(header)
    for row in rows:
        write([_cell(value) for value in row])
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
