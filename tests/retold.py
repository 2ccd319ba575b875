"""What the re-tellings have in common: how the cells of a log are read, and what calendars ask of a
subject. Nothing of the package is imported."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


Default = str | Callable[[Any], str] | None


class Cell:
    """One argument of an event: one of some texts.

    ``some`` are texts that it may have, for histories to draw from. ``default`` is the text that
    stands for an empty cell, or a function that makes it of whom the event is asked.
    """

    def __init__(self, *some: str, default: Default = None) -> None:
        self.some, self.default = some, default

    def read(self, text: str) -> object:
        """What the text means; None where it means nothing."""
        return text if text in self.some else None

    def left_out(self, teller: Any) -> str | None:
        """The text that stands for an empty cell."""
        return self.default(teller) if callable(self.default) else self.default


class Truth(Cell):
    """True or false."""

    def __init__(self, default: Default = None) -> None:
        super().__init__("true", "false", default=default)

    def read(self, text: str) -> object:
        """A truth value."""
        word = text.lower()
        if word in ("true", "1", "yes"):
            return True
        return False if word in ("false", "0", "no") else None


class Exact(Cell):
    """A decimal number from 0 on, in steps; read as its shortest text."""

    def __init__(self, high: str, step: str, *some: str, default: Default = None) -> None:
        super().__init__(*some, default=default)
        self.low, self.high, self.step = Decimal(0), Decimal(high), Decimal(step)

    def read(self, text: str) -> object:
        """The number."""
        if not re.fullmatch(r"[-+]?\d+(\.\d+)?", text, re.ASCII):
            return None
        value = Decimal(text)
        if not self.low <= value <= self.high or value % self.step:
            return None
        return format(value.normalize(), "f")


class Whole(Exact):
    """A whole number between two others."""

    def __init__(self, low: int, high: int, *some: str, default: Default = None) -> None:
        texts = some or map(str, range(low, high + 1))
        super().__init__(str(high), "1", *texts, default=default)
        self.low = Decimal(low)

    def read(self, text: str) -> object:
        """The number."""
        known = super().read(text)
        return None if known is None else int(str(known))


Events = Mapping[str, Mapping[str, Cell]]
"""The events of one machine with their arguments."""


class Person:
    """A subject as far as calendars go; one of a protocol says what of it is otherwise.

    ``scheduled`` are the drugs whose days the text states.
    """

    scheduled: tuple[str, ...] = ()

    def due(self) -> dict[str, str]:
        """The doses of today, by drug."""
        return {}

    def weekdays(self, drug: str) -> tuple[str, ...]:
        """The days of the week on which a drug may be given; empty for any."""
        return ()

    def too_long(self) -> bool:
        """Whether what should have followed is overdue."""
        return False

    def over(self) -> bool:
        """Whether nothing can happen any more."""
        return False

    def awaits(self) -> tuple[str, int, int] | None:
        """What comes so many months and days after it was first awaited."""
        return None
