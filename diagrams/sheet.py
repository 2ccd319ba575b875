"""What a calendar picture says, as one frozen value: treatment situations, drugs, days, amounts."""

from __future__ import annotations

from dataclasses import dataclass

from ..spec.calendar import WEEKDAYS
from .chart import Condition, Entry
from .text import MAX_NAME, plain, slug

AS_WRITTEN = "Too many cases to list amounts: doses and conditions are shown as they are written."
WEEK = len(WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount that a dose can have, and the clauses it comes from.

    It is due where the variable ``by`` has the values ``cases``; ``total`` is what a whole cycle
    sums to. They are empty where no variable tells amounts apart, or there is no exact sum. A range
    of amounts says how ``many`` they are.
    """

    amount: str
    clauses: tuple[str, ...]
    by: str = ""
    cases: str = ""
    total: str = ""
    many: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """One drug of a situation: its days in a cycle, every day when empty, and its amounts.

    ``clock`` counts the cycle, if any does. ``unspecified`` names the ambiguity of a schedule that
    the text doesn't give; then there are no amounts. ``dose`` is the expression behind several
    amounts, ``varies`` whether it may change within a cycle, ``condition`` when the drug is due,
    where the situation doesn't say so.
    """

    drug: str
    unit: str
    clause: str
    cycle: int
    days: tuple[int, ...]
    weekdays: tuple[str, ...]
    clock: str = ""
    amounts: tuple[Amount, ...] = ()
    dose: str = ""
    varies: bool = False
    unspecified: str = ""
    condition: str = ""

    def due(self, day: int) -> bool:
        """Whether a dose is due on a day of the cycle, counted from 1, if on its weekdays."""
        return not self.unspecified and (not self.days or day in self.days)

    @property
    def begins(self) -> tuple[str, ...]:
        """The weekdays of day 1 with which every due day falls on the line's weekdays."""
        due = self.days or range(1, min(self.cycle, WEEK) + 1)
        allowed = self.weekdays or WEEKDAYS
        return tuple(
            name
            for start, name in enumerate(WEEKDAYS)
            if all(WEEKDAYS[(start + day - 1) % WEEK] in allowed for day in due)
        )

    @property
    def doses(self) -> int | None:
        """How many doses a whole cycle has; None where that depends on the weekday of day 1."""
        if self.begins:
            return len(self.days) or self.cycle
        counts = {self._falling(start) for start in range(WEEK)}
        return counts.pop() if len(counts) == 1 else None

    def _falling(self, start: int) -> int:
        """The days that fall on the weekdays, when day 1 is the weekday of that number."""
        if self.days:
            return sum(WEEKDAYS[(start + d - 1) % WEEK] in self.weekdays for d in self.days)
        weeks, rest = divmod(self.cycle, WEEK)
        part = sum(WEEKDAYS[(start + d) % WEEK] in self.weekdays for d in range(rest))
        return weeks * len(set(self.weekdays)) + part


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines with one cycle length; ``cycle`` is 0 where the text gives none of their schedules."""

    cycle: int
    lines: tuple[Line, ...]

    @property
    def begins(self) -> str:
        """The weekday of day 1 where the lines' days and weekdays leave one alone, else empty."""
        found = [line.begins for line in self.lines if line.weekdays and line.begins]
        common = [name for name in WEEKDAYS if all(name in names for names in found)]
        return common[0] if found and len(common) == 1 else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A state, and what tells its configurations of one situation from its others."""

    state: str
    meaning: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the same drugs are due in the same way."""

    places: tuple[Place, ...]
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The calendar of one machine; ``without`` are the states in which no drug is due.

    ``exact`` says that the situations and amounts are those of every reachable configuration;
    else they are as written. ``left_out`` counts situations beyond those shown.
    """

    protocol: str
    title: str
    machine: str
    readings: str
    constants: tuple[Entry, ...]
    situations: tuple[Situation, ...]
    without: tuple[str, ...]
    exact: bool
    left_out: int
    variables: tuple[Entry, ...]
    definitions: tuple[Entry, ...]
    ambiguities: tuple[Entry, ...]
    clauses: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """The stem of its files: ``plerixafor-cll-subject-calendar``."""
        return slug(f"{slug(f'{self.protocol}-{self.machine}')}-calendar")

    @property
    def heading(self) -> str:
        """What it shows: ``plerixafor-cll: subject calendar``."""
        return f"{plain(self.protocol, MAX_NAME)}: {plain(self.machine, MAX_NAME)} calendar"
