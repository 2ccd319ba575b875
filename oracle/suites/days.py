"""What machines don't count, but no real calendar allows.

A machine knows the days since something, neither weekdays nor what was given today. So that no
vector asks a system for what can't be, or for what only the calendars decide: a cycle of a schedule
with weekdays begins whole weeks after the one before, no drug is given twice on a day, and all
weekdays that a vector names fit together.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...spec.calendar import DOSE, WEEKDAYS
from ...statemachines.bound import Bound, as_int
from ...statemachines.calendar import Calendar
from ...statemachines.compile import Write
from .conditions import places

WEEK = len(WEEKDAYS)


class Weeks:
    """The schedules of a machine that are bound to weekdays."""

    def __init__(self, bound: Bound) -> None:
        self.calendar = Calendar(bound)
        self.clocks = {
            r.clock.offset: as_int(r.clock.high)
            for r in self.calendar.regimens
            if r.clock is not None and r.regimen.weekdays
        }
        found = {p for r in self.calendar.regimens for p in places(bound, r.when)}
        self.reads = found | set(self.clocks) if self.clocks else set()

    def broken(self, here: tuple[int, ...], writes: Sequence[Write]) -> bool:
        """Whether a cycle would begin anew on another weekday than the one before.

        A clock at its horizon no longer says how many weeks have passed.
        """
        for place, value in writes:
            high = self.clocks.get(place)
            if high is None or value != 0:
                continue
            if (here[place] % WEEK or here[place] >= high) and any(
                r.clock is not None and r.clock.offset == place and r.regimen.weekdays
                for r in self.calendar.active(here)
            ):
                return True
        return False


class Days:
    """Which weekday each symbol names, and which drug it gives, by the number of the symbol."""

    def __init__(self, bound: Bound, symbols: Sequence[tuple[str, tuple[int | None, ...]]]) -> None:
        self.weekday: dict[int, int] = {}
        self.drug: dict[int, str] = {}
        for number, (event, arguments) in enumerate(symbols):
            for p, value in zip(bound.event[event].parameters, arguments, strict=True):
                labels = p.type.labels
                if value is None or labels is None:
                    continue
                if set(labels) == set(WEEKDAYS):
                    self.weekday[number] = WEEKDAYS.index(labels[value])
                if event == DOSE and p.name == "drug":
                    self.drug[number] = labels[value]
