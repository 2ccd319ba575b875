"""What rows of one form tell, by the part of them that tells it."""

from __future__ import annotations

from collections.abc import Mapping

from ..observed import Place
from .node import Told
from .parts import Key
from .template import Rest

Entry = tuple[()] | tuple[Told, Key, Mapping[Place, int], bool, bool]
"""What a row tells, that with what it shows, what it shows, whether it is a subject's, and whether
trial and subject share the event. Empty where that depends on more than the row."""

MAX_KNOWN = 100_000
MAX_CHARACTERS = 20_000_000


class Known(dict[Rest, Entry]):
    """Of limited size: when it is full, all is forgotten."""

    __slots__ = ("characters",)

    def __init__(self) -> None:
        super().__init__()
        self.characters = 0

    def keep(self, rest: Rest, entry: Entry) -> None:
        """Adds one."""
        self.characters += sum(map(_length, rest)) if isinstance(rest, tuple) else len(rest)
        if len(self) >= MAX_KNOWN or self.characters > MAX_CHARACTERS:
            self.clear()
            self.characters = 0
        self[rest] = entry


def _length(cell: object) -> int:
    return len(cell) if isinstance(cell, str) else 8
