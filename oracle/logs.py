"""Event logs as streams of records: CSV, JSON Lines and Parquet, read one row at a time.

What makes a whole file unusable is an error (`SpecError`, exit code 2) that names the file and the
line: a missing or empty file, another encoding than UTF-8, NUL bytes, a header without names or
with one name twice, a line or cell above 64 kB, wrong quoting, and a last line that was cut off.
A single bad row in a usable file is a record with a ``problem``: too few or too many cells, a line
that is no JSON object, a value that is no text, number or truth value. Empty rows are skipped.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from math import isfinite
from pathlib import Path
from types import NoneType
from typing import IO, Any, Protocol

from ..spec.errors import SpecError
from ..spec.place import short
from .csv_tables import CsvFile
from .json_lines import Block, blocks, empty, records
from .lines import MARK, MAX_COLUMNS, MAX_LINE, Lines, Record, record

BATCH = 4_096
PLAIN = {str, int, bool, float, Decimal, date, datetime}
CSV, JSON_LINES, PARQUET = "CSV", "JSON Lines", "Parquet"
ENDINGS = {
    ".csv": CSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}


class Table(Protocol):
    """Some rows of a log with columns; the first has number ``first``."""

    first: int

    def __len__(self) -> int: ...

    def columns(self) -> list[Sequence[Any]] | None:
        """The cells by column; None where the rows have to be read one by one."""

    def record(self, place: int) -> Record | None:
        """The record of one row, the first being 0; None for an empty one."""


@dataclass(frozen=True, slots=True)
class Log:
    """An open log. ``names`` are its columns; JSON Lines has no header, so there it is None.

    JSON Lines can be read as ``blocks`` instead of ``records``, other formats as ``tables``; what
    is read in one way is used up for the other. With ``header`` the names are the first row.
    """

    where: str
    names: tuple[str, ...] | None
    records: Iterator[Record] = field(repr=False)
    lines: Lines | None = None
    blocks: Iterator[Block] | None = field(default=None, repr=False)
    tables: Iterator[Table] | None = field(default=None, repr=False)
    header: bool = False


@contextmanager
def open_log(argument: str, *, delimiter: str = ",") -> Iterator[Log]:
    """A log by file name, its format by the ending; ``-`` is standard input, CSV or JSON Lines."""
    if argument == "-":
        stream = sys.stdin.buffer
        first = stream.peek(1) if hasattr(stream, "peek") else b""
        read = _json_lines if first.removeprefix(MARK).lstrip()[:1] == b"{" else _csv
        yield read(stream, "standard input", delimiter)
        return
    path = Path(argument)
    format = ENDINGS.get(path.suffix.lower())
    file = _open(path, argument)
    with file:
        if format is None:
            raise SpecError(
                "the ending does not say which format this log has",
                where=argument,
                hint=f"endings: {', '.join(ENDINGS)}",
            )
        if format == PARQUET:
            with _parquet(file, argument) as log:
                yield log
        else:
            yield (_csv if format == CSV else _json_lines)(file, argument, delimiter)


def _open(path: Path, where: str) -> IO[bytes]:
    try:
        if path.is_dir():
            raise SpecError("this is a folder, not a log", where=where)
        return path.open("rb")
    except FileNotFoundError:
        raise SpecError("there is no such file", where=where) from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the file name
        text = error.strerror if isinstance(error, OSError) else str(error)
        raise SpecError(f"can't be read: {text}", where=where) from None


# ---- CSV


def _csv(stream: IO[bytes], where: str, delimiter: str) -> Log:
    file = CsvFile(stream, where, delimiter)
    return _tables(where, file.names, file.tables(), header=True)


def _tables(
    where: str, names: tuple[str, ...], tables: Iterator[Table], *, header: bool = False
) -> Log:
    found = (table.record(place) for table in tables for place in range(len(table)))
    return Log(where, names, (r for r in found if r is not None), tables=tables, header=header)


# ---- JSON Lines


def _json_lines(stream: IO[bytes], where: str, _: str) -> Log:
    lines = Lines(where)
    parts = blocks(stream)
    first = next(parts, None)
    if first is None:
        raise empty(where)
    whole = chain([first], parts)
    return Log(where, None, _json_records(lines, whole), lines, whole)


def _json_records(lines: Lines, parts: Iterator[Block]) -> Iterator[Record]:
    some = False
    for block in parts:
        for found in records(lines, block):
            some = True
            yield found
    if not some:
        raise empty(lines.where)


# ---- Parquet


@contextmanager
def _parquet(stream: IO[bytes], where: str) -> Iterator[Log]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise SpecError(
            "reading Parquet needs pyarrow", where=where, hint='pip install "trialspec[arrow]"'
        ) from None
    broken = (ArrowException, OSError, ValueError, OverflowError)
    try:
        file = ParquetFile(stream)
        names = tuple(str(name) for name in file.schema_arrow.names)
    except broken as error:
        raise _not_parquet(error, where) from None
    with file:
        _check_parquet(names, where)
        yield _tables(where, names, _parquet_tables(file, names, broken, where))


def _not_parquet(error: Exception, where: str) -> SpecError:
    return SpecError(f"this can't be read as Parquet: {short(str(error), 100)}", where=where)


def _check_parquet(names: tuple[str, ...], where: str) -> None:
    if len(names) > MAX_COLUMNS:
        raise SpecError(f"{len(names)} columns; at most {MAX_COLUMNS} are read", where=where)
    if len(set(names)) != len(names):
        raise SpecError("two columns have the same name", where=where)


@dataclass(slots=True)
class ParquetTable:
    """Some rows of a Parquet file, by column; the first row of all has number 1."""

    where: str
    names: tuple[str, ...]
    first: int
    cells: list[list[Any]]

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def columns(self) -> list[Sequence[Any]] | None:
        """The cells by column; None where some need a second look."""
        for column in self.cells:
            kinds = set(map(type, column)) - {NoneType}
            if not kinds <= PLAIN:
                return None
            if str in kinds and not _short(column):
                return None
        return list(self.cells)

    def record(self, place: int) -> Record | None:
        """The record of one row; None for an empty one."""
        number = self.first + place
        values: dict[str, Any] = {}
        for name, column in zip(self.names, self.cells, strict=True):
            value = values[name] = column[place]
            if isinstance(value, str) and (len(value) > MAX_LINE or "\0" in value):
                raise SpecError(
                    f"a cell with more than {MAX_LINE} characters or a NUL",
                    where=f"{self.where}: row {number}, column {short(name)}",
                )
            if isinstance(value, float) and isfinite(value):
                # the shortest decimal that is this number: what its writer wrote
                values[name] = int(value) if value.is_integer() else Decimal(repr(value))
        found = record(number, values)
        return found if found.cells or found.problem else None


def _short(column: list[Any]) -> bool:
    texts = [value for value in column if value is not None]
    return "\0" not in "".join(texts) and max(map(len, texts)) <= MAX_LINE


def _parquet_tables(
    file: Any, names: tuple[str, ...], broken: tuple[type[Exception], ...], where: str
) -> Iterator[Table]:
    """The rows in batches; one is held at a time."""
    batches = file.iter_batches(batch_size=BATCH)
    number = 1
    while True:
        try:
            batch = next(batches, None)
            cells = [] if batch is None else [column.to_pylist() for column in batch.columns]
        except broken as error:
            raise _not_parquet(error, where) from None
        if batch is None:
            return
        table = ParquetTable(where, names, number, cells)
        number += len(table)
        yield table
