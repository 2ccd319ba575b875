"""The plan: what is due on each day of a cycle, in each treatment situation of a machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...diagrams.calendar import calendar
from ...diagrams.sheet import Grid, Line, Place, Sheet
from ...spec.calendar import WEEKDAYS
from ...spec.errors import SpecError
from ...spec.model import Protocol
from ...spec.types import shown
from ...statemachines.bound import Bound
from .amounts import can_be_summed, is_number, times, total
from .entries import Day, Dose, Total, weekday_of


@dataclass(frozen=True, slots=True)
class Section:
    """One cycle in a treatment situation: its days from 1, and what they sum to.

    ``begins`` is the weekday that day 1 must have, where there is one. ``clock`` counts the days.
    With ``every_day`` the drugs are due each day, and the cycle is only how many days are shown.
    """

    situation: int
    places: tuple[Place, ...]
    cycle: int
    clock: str
    every_day: bool
    begins: str
    days: tuple[Day, ...]
    totals: tuple[Total, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Its states, each once."""
        return tuple(dict.fromkeys(place.state for place in self.places))

    @property
    def conditions(self) -> tuple[str, ...]:
        """What tells it from other situations, state by state: ``induction where cycle == 1``."""
        found = []
        for place in self.places:
            texts = [f"({c.text})" if c.loose else c.text for c in place.conditions]
            found.append(place.state + (f" where {' and '.join(texts)}" if texts else ""))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Unstated:
    """A drug of a situation whose schedule the text doesn't give."""

    situation: int
    drug: str
    clause: str
    ambiguity: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The sections of a machine's calendar, and the drugs without a schedule.

    With a ``start`` day 1 of every section is that date. ``narrowed`` says to what it is limited:
    ``state = induction``, ``cycle = 1``.
    """

    sheet: Sheet
    start: date | None
    narrowed: tuple[str, ...]
    sections: tuple[Section, ...]
    open: tuple[Unstated, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the sections don't show."""
        found = []
        if not self.sheet.exact:
            found.append("too many cases to list amounts: doses are shown as they are written")
        if self.sheet.left_out:
            found.append(f"{self.sheet.left_out} situations more are left out: --state, --at")
        return tuple(found)

    def dated(self) -> Section:
        """The one section that has dates and one amount for each dose; `SpecError` else."""
        if self.start is None:
            raise SpecError(
                "a plan has no dates", hint="give the date of its day 1: --start 2024-03-04"
            )
        if not self.sections:
            ids = ", ".join(dict.fromkeys(o.ambiguity for o in self.open))
            why = f": the text gives no schedule ({ids})" if ids else ""
            raise SpecError(f"no dose is due on any day{why}")
        if len(self.sections) > 1 or self.sheet.left_out:
            names = "; ".join(" or ".join(s.conditions) for s in self.sections)
            raise SpecError(
                f"{len(self.sections)} cycles would begin on {self.start}",
                hint=f"choose one with --state and --at: {names}",
            )
        (section,) = self.sections
        for day in section.days:
            for dose in day.doses:
                if dose.when or not is_number(dose.dose):
                    why = f" ({dose.when})" if dose.when else ""
                    raise SpecError(
                        f"{dose.drug} has more than one amount here: {dose.dose}{why} is one",
                        hint="say which case it is with --at NAME=VALUE",
                    )
        return section


def plan(
    protocol: Protocol,
    bound: Bound,
    fixed: Mapping[str, int] | None = None,
    start: date | None = None,
) -> Plan:
    """The plan of a machine; ``fixed`` narrows it to a ``state`` or to variables' stored values.

    `SpecError` where the machine has no regimens, where nothing reachable is left, where no drug is
    due in the state, and where ``start`` is a weekday on which a cycle can't begin.
    """
    sheet = calendar(protocol, bound, fixed)
    if sheet is None:
        raise SpecError(
            f"{protocol.name} has no calendar",
            hint=f"no regimens are declared in: {bound.machine.name}",
        )
    if not sheet.exact and set(fixed or {}) - {"state"}:
        raise SpecError(
            f"{bound.machine.name} has too many configurations to look at each",
            hint="leave --at out",
        )
    if not sheet.situations:
        raise SpecError("no drug is due there in any configuration that can be reached")
    sections: list[Section] = []
    unstated: list[Unstated] = []
    for number, situation in enumerate(sheet.situations, 1):
        lines = [line for grid in situation.grids for line in grid.lines]
        unstated += [
            Unstated(number, line.drug, line.clause, line.unspecified)
            for line in lines
            if line.unspecified
        ]
        for grid in situation.grids:
            for clock, group in _by_clock(grid):
                sections.append(_section(number, situation.places, clock, group, start))
    return Plan(sheet, start, _narrowed(bound, fixed or {}), tuple(sections), tuple(unstated))


def _narrowed(bound: Bound, fixed: Mapping[str, int]) -> tuple[str, ...]:
    found = []
    for name, value in fixed.items():
        text = bound.states[value] if name == "state" else shown(value, bound.by_name[name].type)
        found.append(f"{name} = {text}")
    return tuple(found)


def _by_clock(grid: Grid) -> list[tuple[str, Grid]]:
    """The lines of a grid by the clock that counts their days; those without one, which are due
    every day, stand with the first."""
    stated = [line for line in grid.lines if not line.unspecified]
    clocks = list(dict.fromkeys(line.clock for line in stated if line.clock)) or [""]
    groups: dict[str, list[Line]] = {clock: [] for clock in clocks}
    for line in stated:
        groups[line.clock or clocks[0]].append(line)
    return [(clock, Grid(grid.cycle, tuple(group))) for clock, group in groups.items() if group]


def _section(
    number: int, places: tuple[Place, ...], clock: str, grid: Grid, start: date | None
) -> Section:
    if start is not None:
        _check_start(places, grid, start)
    days = []
    for day in range(1, grid.cycle + 1):
        on = None if start is None else _later(start, day - 1)
        weekday = "" if on is None else weekday_of(on)
        if grid.begins:
            weekday = WEEKDAYS[(WEEKDAYS.index(grid.begins) + day - 1) % len(WEEKDAYS)]
        doses = [d for line in grid.lines for d in _doses(line, day, weekday)]
        days.append(Day(day, tuple(doses), on, weekday))
    totals = [t for group in _by_drug(grid.lines) for t in _totals(group, days)]
    every_day = not any(line.days or line.weekdays for line in grid.lines)
    return Section(
        number,
        places,
        grid.cycle,
        clock,
        every_day,
        grid.begins,
        tuple(days),
        tuple(totals),
    )


def _later(start: date, days: int) -> date:
    try:
        return start + timedelta(days)
    except OverflowError:
        raise SpecError("the days go beyond the year 9999", where="--start") from None


def _check_start(places: tuple[Place, ...], grid: Grid, start: date) -> None:
    """Refuses a first day on which a drug's days would not be its weekdays."""
    for line in grid.lines:
        if line.weekdays and line.begins and weekday_of(start) not in line.begins:
            right = next(
                _later(start, n) for n in range(7) if weekday_of(_later(start, n)) in line.begins
            )
            states = " or ".join(dict.fromkeys(place.state for place in places))
            raise SpecError(
                f"{start} is a {weekday_of(start)}: {line.drug} is given on "
                f"{', '.join(line.weekdays)}, so that a cycle in {states} begins on a "
                f"{' or '.join(line.begins)}",
                where="--start",
                hint=f"{right} is the next; --state chooses another part of the plan",
            )


# ---- doses


def _doses(line: Line, day: int, weekday: str) -> list[Dose]:
    """The amounts of a line on a day, more than one where that depends on the case."""
    if not line.due(day):
        return []
    chosen = () if line.begins else line.weekdays
    if weekday and chosen and weekday not in chosen:
        return []
    left = () if weekday else chosen
    return [
        Dose(line.drug, dose, line.unit, clause, when, left)
        for dose, clause, when in _choices(line)
    ]


def _choices(line: Line) -> list[tuple[str, str, str]]:
    """Each amount of a line, the clauses it comes from, and the case in which it is due."""
    if not line.amounts:
        return [(line.dose, line.clause, line.condition)]
    found = []
    for amount in line.amounts:
        when = f"{amount.by} = {amount.cases}" if amount.by else ""
        if not when and line.dose and len(line.amounts) > 1:
            when = f"{line.dose} = {amount.amount}"
        found.append((amount.amount, ", ".join(amount.clauses), when))
    return found


def _by_drug(lines: Iterable[Line]) -> list[list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.drug, line.unit), []).append(line)
    return list(found.values())


def _totals(lines: Sequence[Line], days: Sequence[Day]) -> list[Total]:
    """The sums of a cycle of one drug; one for each amount where there are several."""
    drug, unit = lines[0].drug, lines[0].unit
    choices = [(line, *choice) for line in lines for choice in _choices(line)]
    varies = any(line.varies for line in lines)
    if len(choices) == len(lines):
        counts = [_count(line, days) for line in lines]
        doses = None if None in counts else sum(n for n in counts if n is not None)
        sums = [times(choice[1], n or 0) for choice, n in zip(choices, counts, strict=True)]
        whens = dict.fromkeys(when for *_, when in choices if when)
        whole = total(sums) if doses is not None and can_be_summed(unit) else ""
        return [Total(drug, unit, doses, whole, " or ".join(whens), varies)]
    found = []
    for line, amount, _, when in choices:
        count = _count(line, days)
        whole = times(amount, count) if count is not None and can_be_summed(unit) else ""
        found.append(Total(drug, unit, count, whole, when, varies))
    return found


def _count(line: Line, days: Sequence[Day]) -> int | None:
    """How many doses of a line the days have; None where that depends on the date."""
    if days and days[0].weekday and not line.begins:
        return sum(line.due(d.day) and d.weekday in line.weekdays for d in days)
    return line.doses
