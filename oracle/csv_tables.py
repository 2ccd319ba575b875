"""CSV files, read in tables of some rows each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

from ..spec.errors import SpecError
from ..spec.place import short
from .json_lines import Block, blocks
from .lines import MAX_COLUMNS, MAX_LINE, Lines, Record

ROWS = 2_048


@dataclass(slots=True)
class CsvTable:
    """Some rows of a file; the first has number ``first``, a header and empty rows counted, and
    begins after line ``line``.

    ``plain`` says that no row goes over several lines, so that no cell is too long. ``cut`` says
    that the last line was not ended.
    """

    lines: Lines
    names: tuple[str, ...]
    first: int
    line: int
    rows: list[list[str]]
    plain: bool
    cut: bool

    def __len__(self) -> int:
        return len(self.rows)

    def columns(self) -> list[Sequence[object]] | None:
        """The cells by column; None where the rows are not even."""
        if not self.plain or set(map(len, self.rows)) != {len(self.names)}:
            return None
        return list(zip(*self.rows, strict=True))

    def record(self, place: int) -> Record | None:
        """The record of one row; None for an empty one."""
        cells = self.rows[place]
        if not self.plain:
            for i, cell in enumerate(cells):
                if len(cell) > MAX_LINE:
                    self.lines.number = self.line + sum(map(_height, self.rows[: place + 1]))
                    raise self.lines.error(f"cell {i + 1} has more than {MAX_LINE} characters")
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            return None
        found = {n: text for n, text in zip(self.names, texts, strict=False) if n and text}
        problem = ""
        if len(cells) != len(self.names):
            if len(cells) < len(self.names) and self.cut and place == len(self.rows) - 1:
                raise self.lines.error("the last line is cut off: the log is not complete")
            problem = f"{len(cells)} cells where the header has {len(self.names)}"
        return Record(self.first + place, found, problem)


class CsvFile:
    """A CSV file: its header, then its tables, once."""

    def __init__(self, stream: IO[bytes], where: str, delimiter: str) -> None:
        self.lines = Lines(where)
        texts = chain.from_iterable(map(self._texts, blocks(stream)))
        self.reader = csv.reader(texts, delimiter=delimiter, strict=True)
        self.number = 0
        self.names: tuple[str, ...] = ()
        self.names = self._header()

    def _texts(self, block: Block) -> Iterable[str]:
        """The lines of a block with their ends."""
        text = block.text()
        if text is None:
            return self.lines.of(block.first, block.content)
        return io.StringIO(f"{text}\n", newline="\n")

    def _header(self) -> tuple[str, ...]:
        for table in self._tables(1):
            [cells] = table.rows
            if any(map(str.strip, cells)):
                names = tuple(cell.strip() for cell in cells)
                self._check(names)
                return names
        hint = "a header with columns comes first"
        raise SpecError("the file is empty", where=self.lines.where, hint=hint)

    def _check(self, names: tuple[str, ...]) -> None:
        if len(names) > MAX_COLUMNS:
            raise self.lines.error(f"{len(names)} columns; at most {MAX_COLUMNS} are read")
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise self.lines.error(f"two columns are called {short(name)}")
            if name:
                seen.add(name)

    def tables(self) -> Iterator[CsvTable]:
        """The rows after the header."""
        return self._tables(ROWS)

    def _tables(self, size: int) -> Iterator[CsvTable]:
        while True:
            rows: list[list[str]] = []
            before = self.reader.line_num
            problem: Exception | None = None
            try:
                # what was read before something is found wrong is judged first
                rows.extend(islice(self.reader, size))
            except (csv.Error, SpecError) as error:
                problem = error
            self.lines.number = self.reader.line_num
            if rows:
                plain = self.lines.number - before == len(rows)
                first, self.number = self.number + 1, self.number + len(rows)
                cut = problem is None and not self.lines.ended
                yield CsvTable(self.lines, self.names, first, before, rows, plain, cut)
            if isinstance(problem, csv.Error):
                hint = "close every quotation mark, and double those inside a quoted cell"
                raise self.lines.error(f"wrong quoting or line ends: {problem}", hint=hint)
            if problem is not None:
                raise problem
            if len(rows) < size:
                return


def _height(cells: list[str]) -> int:
    """How many lines a row takes."""
    return 1 + sum(cell.count("\n") for cell in cells)
