"""Lines and records of logs: decoded, of bounded length, and where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from ..spec.errors import SpecError
from ..spec.place import short

MAX_LINE = 65_536
MAX_COLUMNS = 1_000
MARK = b"\xef\xbb\xbf"
Cell = str | int | bool | float | Decimal | date


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number in the file (from 1, a CSV header included) and its cells by column.

    Empty cells are left out. ``problem`` says what is wrong with the row as a whole.
    """

    number: int
    cells: Mapping[str, Cell]
    problem: str = ""


class Lines:
    """Decodes the lines of a log; knows where it is and whether the last one was ended."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.number = 0
        self.ended = True

    def of_stream(self, stream: IO[bytes]) -> Iterator[str]:
        """The lines of a stream that is at its beginning."""
        while raw := stream.readline(MAX_LINE + 2):
            yield self.take(raw)

    def of(self, first: int, content: bytes) -> Iterator[str]:
        """Lines from the middle of a log, the first of them with this number."""
        self.number = first - 1
        for raw in _split(content):
            yield self.take(raw)

    def take(self, raw: bytes) -> str:
        """The next line, with its end; `SpecError` where it is no text."""
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
            return raw.decode("utf-8")
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


def _split(content: bytes) -> Iterator[bytes]:
    """Lines that end with a line feed; a carriage return alone ends none."""
    start = 0
    while start < len(content):
        end = content.find(b"\n", start) + 1 or len(content)
        yield content[start:end]
        start = end


# ---- cells


def record(number: int, values: Mapping[str, Any]) -> Record:
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
    if not isinstance(value, str | int | float | Decimal | date):
        return f"{short(name)} holds a {type(value).__name__}; a single value belongs there"
    return ""
