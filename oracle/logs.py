"""Event logs as streams of records: CSV, JSON Lines and Parquet, read one row at a time.

What makes a whole file unusable is an error (`SpecError`, exit code 2) that names the file and the
line: a missing or empty file, another encoding than UTF-8, NUL bytes, a header without names or
with one name twice, a line or cell above 64 kB, wrong quoting, and a last line that was cut off.
A single bad row in a usable file is a record with a ``problem``: too few or too many cells, a line
that is no JSON object, a value that is no text, number or truth value. Empty rows are skipped.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

from ..spec.errors import SpecError
from ..spec.place import short
from .json_lines import Block, blocks, records
from .lines import MARK, MAX_COLUMNS, MAX_LINE, Lines, Record, record

BATCH = 1_024
CSV, JSON_LINES, PARQUET = "CSV", "JSON Lines", "Parquet"
ENDINGS = {
    ".csv": CSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}


@dataclass(frozen=True, slots=True)
class Log:
    """An open log. ``names`` are its columns; JSON Lines has no header, so there it is None.

    JSON Lines can be read as ``blocks`` instead of ``records``; either uses up the other.
    """

    where: str
    names: tuple[str, ...] | None
    records: Iterator[Record] = field(repr=False)
    lines: Lines | None = None
    blocks: Iterator[Block] | None = field(default=None, repr=False)


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
    lines = Lines(where)
    rows = _csv_rows(lines, lines.of_stream(stream), delimiter)
    header = next((cells for _, cells in rows), None)
    if header is None:
        raise SpecError("the file is empty", where=where, hint="a header with columns comes first")
    names = tuple(cell.strip() for cell in header)
    _check_names(names, lines)
    return Log(where, names, _csv_records(rows, names, lines))


def _csv_rows(
    lines: Lines, texts: Iterator[str], delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, empty ones left out."""
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            hint = "close every quotation mark, and double those inside a quoted cell"
            raise lines.error(f"wrong quoting or line ends: {error}", hint=hint) from None
        if cells is None:
            return
        number += 1
        for i, cell in enumerate(cells):
            if len(cell) > MAX_LINE:
                raise lines.error(f"cell {i + 1} has more than {MAX_LINE} characters")
        if any(map(str.strip, cells)):
            yield number, cells


def _csv_records(
    rows: Iterator[tuple[int, list[str]]], names: tuple[str, ...], lines: Lines
) -> Iterator[Record]:
    for number, cells in rows:
        texts = [cell.strip() for cell in cells]
        found = {n: text for n, text in zip(names, texts, strict=False) if n and text}
        problem = ""
        if len(cells) != len(names):
            if len(cells) < len(names) and not lines.ended:
                raise lines.error("the last line is cut off: the log is not complete")
            problem = f"{len(cells)} cells where the header has {len(names)}"
        yield Record(number, found, problem)


def _check_names(names: tuple[str, ...], lines: Lines) -> None:
    if len(names) > MAX_COLUMNS:
        raise lines.error(f"{len(names)} columns; at most {MAX_COLUMNS} are read")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise lines.error(f"two columns are called {short(name)}")
        if name:
            seen.add(name)


# ---- JSON Lines


def _json_lines(stream: IO[bytes], where: str, _: str) -> Log:
    lines = Lines(where)
    parts = blocks(stream)
    first = next(parts, None)
    if first is None:
        raise _empty(where)
    whole = chain([first], parts)
    return Log(where, None, _json_records(lines, whole), lines, whole)


def _json_records(lines: Lines, parts: Iterator[Block]) -> Iterator[Record]:
    some = False
    for block in parts:
        for found in records(lines, block):
            some = True
            yield found
    if not some:
        raise _empty(lines.where)


def _empty(where: str) -> SpecError:
    return SpecError("the file is empty", where=where, hint="one JSON object a line")


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
        yield Log(where, names, _parquet_records(file, broken, where))


def _not_parquet(error: Exception, where: str) -> SpecError:
    return SpecError(f"this can't be read as Parquet: {short(str(error), 100)}", where=where)


def _check_parquet(names: tuple[str, ...], where: str) -> None:
    if len(names) > MAX_COLUMNS:
        raise SpecError(f"{len(names)} columns; at most {MAX_COLUMNS} are read", where=where)
    if len(set(names)) != len(names):
        raise SpecError("two columns have the same name", where=where)


def _parquet_records(
    file: Any, broken: tuple[type[Exception], ...], where: str
) -> Iterator[Record]:
    for number, values in enumerate(_parquet_rows(file, broken, where), 1):
        for name, value in values.items():
            if isinstance(value, str) and (len(value) > MAX_LINE or "\0" in value):
                raise SpecError(
                    f"a cell with more than {MAX_LINE} characters or a NUL",
                    where=f"{where}: row {number}, column {short(name)}",
                )
            # other tools store whole numbers with gaps as floats; those lose nothing
            if isinstance(value, float) and value.is_integer():
                values[name] = int(value)
        found = record(number, values)
        if found.cells or found.problem:
            yield found


def _parquet_rows(
    file: Any, broken: tuple[type[Exception], ...], where: str
) -> Iterator[dict[str, Any]]:
    """The rows as dictionaries; one batch is held at a time."""
    batches = file.iter_batches(batch_size=BATCH)
    while True:
        try:
            batch = next(batches, None)
            rows = [] if batch is None else batch.to_pylist()
        except broken as error:
            raise _not_parquet(error, where) from None
        if batch is None:
            return
        yield from rows
