"""Event logs as streams of records: CSV, JSON Lines and Parquet, read one row at a time.

What makes a whole file unusable is an error (`SpecError`, exit code 2) that names the file and the
line: a missing or empty file, another encoding than UTF-8, NUL bytes, a header without names or
with one name twice, a line or cell above 64 kB, wrong quoting, and a last line that was cut off.
A single bad row in a usable file is a record with a ``problem``: too few or too many cells, a line
that is no JSON object, a value that is no text, number or truth value. Empty rows are skipped.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from ..spec.errors import SpecError
from ..spec.place import short

MAX_LINE = 65_536
MAX_COLUMNS = 1_000
BATCH = 1_024
MARK = b"\xef\xbb\xbf"
CSV, JSON_LINES, PARQUET = "CSV", "JSON Lines", "Parquet"
ENDINGS = {
    ".csv": CSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}
Cell = str | int | bool | float | Decimal | date


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number in the file (from 1, a CSV header included) and its cells by column.

    Empty cells are left out. ``problem`` says what is wrong with the row as a whole.
    """

    number: int
    cells: Mapping[str, Cell]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """An open log. ``names`` are its columns; JSON Lines has no header, so there it is None."""

    where: str
    names: tuple[str, ...] | None
    records: Iterator[Record] = field(repr=False)


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


# ---- lines


class _Lines:
    """Decoded lines of bounded length; knows where it is and whether the last one was ended."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        self.stream, self.where = stream, where
        self.number = 0
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        while raw := self.stream.readline(MAX_LINE + 2):
            self.number += 1
            self.ended = raw.endswith(b"\n")
            if self.number == 1:
                raw = self._begin(raw)
            if len(raw.rstrip(b"\r\n")) > MAX_LINE:
                raise self.error(f"a line of more than {MAX_LINE} bytes", MAX_LINE)
            nul = raw.find(b"\0")
            if nul >= 0:
                raise self.error("a NUL byte: this is no text file", nul)
            try:
                yield raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise self.error(
                    f"byte 0x{raw[error.start]:02x} is not UTF-8",
                    error.start,
                    "save the log with the encoding UTF-8",
                ) from None

    def _begin(self, raw: bytes) -> bytes:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise self.error("this is UTF-16", 0, "save the log with the encoding UTF-8")
        return raw.removeprefix(MARK)

    def error(self, message: str, column: int | None = None, hint: str = "") -> SpecError:
        """An error at the line read last; ``column`` counts bytes from 0."""
        place = f"{self.where}: line {self.number}"
        if column is not None:
            place += f", column {column + 1}"
        return SpecError(message, where=place, hint=hint)


# ---- CSV


def _csv(stream: IO[bytes], where: str, delimiter: str) -> Log:
    lines = _Lines(stream, where)
    rows = _csv_rows(lines, delimiter)
    header = next((cells for _, cells in rows), None)
    if header is None:
        raise SpecError("the file is empty", where=where, hint="a header with columns comes first")
    names = tuple(cell.strip() for cell in header)
    _check_names(names, lines)
    return Log(where, names, _csv_records(rows, names, lines))


def _csv_rows(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, empty ones left out."""
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
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
    rows: Iterator[tuple[int, list[str]]], names: tuple[str, ...], lines: _Lines
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


def _check_names(names: tuple[str, ...], lines: _Lines) -> None:
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
    lines = _Lines(stream, where)
    records = _json_records(lines)
    first = next(records, None)
    if first is None:
        raise SpecError("the file is empty", where=where, hint="one JSON object a line")
    return Log(where, None, _chain(first, records))


def _chain(first: Record, others: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from others


def _json_records(lines: _Lines) -> Iterator[Record]:
    for text in lines:
        if not text.strip():
            continue
        try:
            value = json.loads(
                text.rstrip(),
                parse_float=Decimal,
                parse_constant=_no_constant,
                object_pairs_hook=_pairs,
            )
        except (ValueError, ArithmeticError, RecursionError) as error:
            if not lines.ended:
                raise lines.error("the last line is cut off: the log is not complete") from None
            yield Record(lines.number, {}, _json_problem(error))
            continue
        if not isinstance(value, dict):
            yield Record(lines.number, {}, "the line is no JSON object")
        elif len(value) > MAX_COLUMNS:
            yield Record(lines.number, {}, f"more than {MAX_COLUMNS} keys")
        else:
            yield _record(lines.number, value)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {short(name)} comes twice")
        found[name] = value
    return found


def _json_problem(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg} at column {error.colno}"
    return f"no JSON: {short(str(error), 100)}"


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
        record = _record(number, values)
        if record.cells or record.problem:
            yield record


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


# ---- cells


def _record(number: int, values: Mapping[str, Any]) -> Record:
    """A record of typed values; texts are stripped, empty cells left out."""
    found: dict[str, Cell] = {}
    for name, value in values.items():
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            continue
        problem = _cell_problem(name, value)
        if problem:
            return Record(number, found, problem)
        if isinstance(value, Decimal) and abs(value.adjusted()) < 30:
            value = Decimal(format(value, "f"))
        found[name] = value
    return Record(number, found)


def _cell_problem(name: str, value: object) -> str:
    for text in (name, value):
        if isinstance(text, str) and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                return "a text with half of a character (a lone surrogate)"
        if isinstance(text, str) and "\0" in text:
            return "a text with a NUL"
    if not isinstance(value, str | int | float | Decimal | date | datetime):
        return f"{short(name)} holds a {type(value).__name__}; a single value belongs there"
    return ""
