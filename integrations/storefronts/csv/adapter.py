"""Orders from a CSV file: rows, gathered by their order number. Columns: see ``README.md``."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from integrations.contract import (
    ImportedItem,
    ImportedOrder,
    ImportedParcel,
    ImportProblem,
    StorefrontManifest,
)
from integrations.storefronts import amount, country_of, moment, text_of
from integrations.storefronts.csv.lines import Lines, records
from kit.text import fold

MANIFEST = StorefrontManifest(
    slug="csv", name="CSV file", docs="https://www.rfc-editor.org/rfc/rfc4180"
)

REQUIRED: Final = ("order_number", "placed_at")
PROOFS: Final = ("email", "phone", "postcode")
COLUMNS: Final = (
    *REQUIRED,
    *PROOFS,
    "external_id",
    "name",
    "country",
    "currency",
    "total",
    "promised_from",
    "promised_to",
    "cancelled_at",
    "item_title",
    "item_sku",
    "item_quantity",
    "carrier",
    "tracking_number",
)
DELIMITERS: Final = ",;\t|"
MAX_ORDER_ROWS: Final = 1000
MAX_QUANTITY: Final = 1_000_000

# A spreadsheet has turned a long number into a rounded one: 1.23457E+11. It is lost.
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)


class Csv:
    """See ``integrations.contract.Storefront``.

    A row that cannot be read keeps its whole order out: half an order would look as if the shop
    had taken the rest back.
    """

    manifest = MANIFEST

    def read(self, file: BinaryIO, *, zone: ZoneInfo) -> Iterator[ImportedOrder | ImportProblem]:
        """See ``Storefront.read``. ``where`` is the order's first line."""
        lines = Lines(file)
        try:
            yield from _orders(lines, zone)
        finally:
            lines.close()


class _Row:
    """One row's fields by column name."""

    __slots__ = ("_fields", "line", "number", "problem")

    def __init__(self, line: int, fields: dict[str, str], problem: str | None = None) -> None:
        self.line = line
        self.problem = problem
        self._fields = fields
        self.number = self.get("order_number", _kept) if problem is None else None

    def get(self, column: str, read: Callable[[str], Any]) -> Any:
        """A field, read; ``None`` where it is empty. What is wrong becomes the row's problem."""
        raw = self._fields.get(column)
        if not raw:
            return None
        try:
            clean = text_of(raw)
            return None if clean is None else read(clean)
        except ValueError as error:
            self.problem = self.problem or f"{column} {error}"
            return None


def _orders(lines: Lines, zone: ZoneInfo) -> Iterator[ImportedOrder | ImportProblem]:
    try:
        header = lines.next_line()
        if header is not None and (named := re.fullmatch(r"sep=(.)\n?", header)):
            delimiter = named[1]  # Excel's own first line
            header = lines.next_line()
        else:
            delimiter = _delimiter(header or "")
    except ValueError as error:
        yield ImportProblem("line 1", f"{error}; is this a CSV file?")
        return
    if header is None:
        yield ImportProblem("the file", "it is empty")
        return
    lines.give_back([header])
    rows = records(lines, delimiter)
    first, names = next(rows)
    columns = [] if isinstance(names, str) else [_name(name) for name in names]
    if reason := _header_problem(columns):
        yield ImportProblem(f"line {first}", reason)
        return
    filled = ((line, fields) for line, fields in rows if "".join(fields).strip())
    parsed = (_row(line, columns, fields) for line, fields in filled)
    for _, group in groupby(parsed, key=_group):
        yield from _order(group, zone)


def _delimiter(header: str) -> str:
    """The delimiter that makes the most known columns of the header."""
    return max(DELIMITERS, key=lambda d: sum(_name(n) in COLUMNS for n in header.split(d)))


def _name(column: str) -> str:
    return re.sub(r"\W+", "_", fold(column)).strip("_")


def _header_problem(columns: Sequence[str]) -> str | None:
    missing = [name for name in REQUIRED if name not in columns]
    if not set(PROOFS) & set(columns):
        missing.append("one of email, phone and postcode")
    if missing:
        hint = "; the file looks like an Excel workbook: save it as CSV" if _is_zip(columns) else ""
        return f"missing columns: {', '.join(missing)}{hint}"
    doubled = sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1})
    return f"columns that stand there twice: {', '.join(doubled)}" if doubled else None


def _is_zip(columns: Sequence[str]) -> bool:
    return bool(columns) and columns[0].startswith("pk")


def _row(line: int, columns: Sequence[str], fields: list[str] | str) -> _Row:
    if isinstance(fields, str):
        return _Row(line, {}, fields)
    while len(fields) > len(columns) and not fields[-1].strip():
        fields.pop()
    row = _Row(line, dict(zip(columns, fields, strict=False)))
    if len(fields) != len(columns):
        row.problem = f"it has {len(fields)} fields where the header has {len(columns)}"
    elif row.number is None:
        row.problem = row.problem or "order_number is empty"
    return row


def _group(row: _Row) -> object:
    """Rows of one order stand together; a row without a number stands alone."""
    return row.number.casefold() if row.number else row.line


def _order(group: Iterator[_Row], zone: ZoneInfo) -> Iterator[ImportedOrder | ImportProblem]:
    rows: list[_Row] = []
    for row in group:
        if len(rows) < MAX_ORDER_ROWS:
            rows.append(row)
        else:  # read on to its end, keeping nothing
            rows[0].problem = f"its order has more than {MAX_ORDER_ROWS} rows"
    order = _read(rows, zone)
    problems = [ImportProblem(f"line {row.line}", row.problem) for row in rows if row.problem]
    if problems:
        yield from problems
    elif order is not None:
        yield order


def _read(rows: Sequence[_Row], zone: ZoneInfo) -> ImportedOrder | None:
    """One order of its rows; wrong fields become their rows' problems."""
    first = rows[0]
    if first.number is None:
        return None

    def one(column: str, read: Callable[[str], Any] = str) -> Any:
        """An order's field, from the first row that has it; all rows are looked at."""
        values = [value for row in rows if (value := row.get(column, read)) is not None]
        return values[0] if values else None

    parcels: dict[tuple[str | None, str], list[ImportedItem]] = {}
    unshipped: list[ImportedItem] = []
    for row in rows:
        item = _item(row)
        number = row.get("tracking_number", _kept)
        if number is not None:
            contents = parcels.setdefault((row.get("carrier", str), number), [])
        else:
            contents = unshipped
        if item is not None:
            contents.append(item)
    placed_at = one("placed_at", lambda value: moment(value, zone))
    if placed_at is None:
        first.problem = first.problem or "placed_at is empty"
        return None
    return ImportedOrder(
        where=f"line {first.line}",
        external_id=one("external_id"),
        number=first.number,
        placed_at=placed_at,
        email=one("email"),
        phone=one("phone", _kept),
        postcode=one("postcode"),
        name=one("name"),
        country=one("country", country_of),
        currency=one("currency"),
        total=one("total", amount),
        promised_from=one("promised_from", lambda value: moment(value, zone)),
        promised_to=one("promised_to", lambda value: moment(value, zone, last=True)),
        cancelled_at=one("cancelled_at", lambda value: moment(value, zone)),
        parcels=tuple(
            ImportedParcel(carrier, number, tuple(items))
            for (carrier, number), items in parcels.items()
        ),
        unshipped=tuple(unshipped),
    )


def _item(row: _Row) -> ImportedItem | None:
    sku = row.get("item_sku", str)
    title = row.get("item_title", str) or sku
    quantity = row.get("item_quantity", _quantity)
    if title is None:
        return None
    return ImportedItem(title=title, quantity=1 if quantity is None else quantity, sku=sku)


def _quantity(value: str) -> int:
    if not re.fullmatch(r"\d{1,7}([.,]0+)?", value, re.ASCII):
        raise ValueError("is not a whole number")
    quantity = int(re.split(r"[.,]", value)[0])
    if not 1 <= quantity <= MAX_QUANTITY:
        raise ValueError(f"is not from 1 to {MAX_QUANTITY}")
    return quantity


def _kept(value: str) -> str:
    if _ROUNDED.fullmatch(value):
        raise ValueError("was rounded by a spreadsheet; export that column as text")
    return value
