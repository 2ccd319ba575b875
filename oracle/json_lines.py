"""JSON Lines, read in blocks of whole lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from ..spec.errors import SpecError
from ..spec.place import short
from .lines import MARK, MAX_COLUMNS, MAX_LINE, Lines, Record, record

BLOCK = 1 << 18


@dataclass(slots=True)
class Block:
    """Some lines of a log; the first has number ``first``. The last one of all may be cut off."""

    first: int
    content: bytes
    parts: list[bytes] = field(default_factory=list)

    def line(self, place: int) -> bytes:
        """One line with its end; the first has place 0."""
        self.parts = self.parts or self.content.split(b"\n")
        return self.parts[place] + b"\n"

    def text(self) -> str | None:
        """All lines as one text without the last line end; None where it has to be read line by
        line, to say what is wrong."""
        content = self.content
        if not content.endswith(b"\n") or b"\0" in content or self._long():
            return None
        if self.first == 1 and content.startswith((MARK, b"\xff\xfe", b"\xfe\xff")):
            return None
        try:
            return content.decode("utf-8")[:-1]
        except UnicodeDecodeError:
            return None

    def _long(self) -> bool:
        """Whether there may be a line that is too long."""
        start, size = 0, len(self.content)
        while size - start > MAX_LINE:
            end = self.content.rfind(b"\n", start, start + MAX_LINE)
            if end < 0:
                return True
            start = end + 1
        return False


def blocks(stream: IO[bytes], size: int = BLOCK) -> Iterator[Block]:
    """The stream in blocks of whole lines, about ``size`` bytes each."""
    first, rest = 1, b""
    while part := stream.read(size):
        whole = rest + part
        end = whole.rfind(b"\n") + 1
        if end == 0 and len(whole) <= MAX_LINE + 2:
            rest = whole
            continue
        # a line that is too long goes on as it is, to be refused
        content, rest = (whole[:end], whole[end:]) if end else (whole, b"")
        yield Block(first, content)
        first += content.count(b"\n")
    if rest:
        yield Block(first, rest)


def empty(where: str) -> SpecError:
    """A log without any line."""
    return SpecError("the file is empty", where=where, hint="one JSON object a line")


def records(lines: Lines, block: Block) -> Iterator[Record]:
    """The records of a block, line by line."""
    for raw in lines.of(block.first, block.content):
        found = read_line(lines, raw)
        if found is not None:
            yield found


def read_line(lines: Lines, text: str) -> Record | None:
    """The record of one line; None for an empty one."""
    if not text.strip():
        return None
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
        return Record(lines.number, {}, _json_problem(error))
    if not isinstance(value, dict):
        return Record(lines.number, {}, "the line is no JSON object")
    if len(value) > MAX_COLUMNS:
        return Record(lines.number, {}, f"more than {MAX_COLUMNS} keys")
    return record(lines.number, value)


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
