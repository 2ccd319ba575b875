"""Which doses are due: a machine's regimens read in a configuration."""

from __future__ import annotations

from dataclasses import dataclass

from ..spec.calendar import Regimen
from ..spec.errors import SpecError
from ..spec.expression import FALSE, Node, parse
from ..spec.resolve import Resolver
from ..spec.types import Type, shown
from .bound import Bound, Field, as_int
from .evaluate import Configuration, evaluate


@dataclass(frozen=True, slots=True)
class Due:
    """One dose on one day of a cycle, counted from 1; the amount is a decimal text, or a number
    where it has no unit."""

    drug: str
    dose: str | int
    unit: str
    day: int
    clause: str


@dataclass(frozen=True, slots=True)
class BoundRegimen:
    """A regimen with its expressions resolved; ``clock`` counts the days of its cycle.

    A dose without a type is a decimal written in the text.
    """

    regimen: Regimen
    states: frozenset[int]
    when: Node
    dose: Node
    type: Type | None
    cycle: int
    clock: Field | None


class Calendar:
    """The regimens of a machine: what is due on a day of the cycle, and what is due today."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        found = (_bind(bound, r) for r in bound.machine.regimens)
        # those of readings that are not in force never run
        self.regimens = tuple(r for r in found if r.when != FALSE)

    def active(self, configuration: Configuration) -> list[BoundRegimen]:
        """The regimens that run in a configuration."""
        return [
            r
            for r in self.regimens
            if configuration[0] in r.states and evaluate(self.bound, r.when, configuration, {})
        ]

    def due(self, configuration: Configuration, day: int) -> tuple[Due, ...]:
        """The doses due on a day of the present cycle, counted from 1; past its end the next
        cycle is taken to follow at once. A schedule left open is never due."""
        return tuple(
            self._dose(r, configuration, day)
            for r in self.active(configuration)
            if not r.regimen.unspecified
            and (not r.regimen.days or (day - 1) % r.cycle + 1 in r.regimen.days)
        )

    def today(self, configuration: Configuration) -> tuple[Due, ...]:
        """The doses due on the day that the clocks show.

        A schedule with days needs a clock to tell the day; a cycle that has run out has no doses
        of such a schedule until the next one begins.
        """
        found = []
        for r in self.active(configuration):
            day = self.day(r, configuration)
            if r.regimen.unspecified or (r.regimen.days and day not in r.regimen.days):
                continue
            found.append(self._dose(r, configuration, day or 1))
        return tuple(found)

    def day(self, regimen: BoundRegimen, configuration: Configuration) -> int | None:
        """The day of the cycle, counted from 1; None without a clock or past what it counts."""
        clock = regimen.clock
        if clock is None or configuration[clock.offset] >= as_int(clock.high):
            return None
        return configuration[clock.offset] + 1

    def _dose(self, regimen: BoundRegimen, configuration: Configuration, day: int) -> Due:
        declared = regimen.regimen
        amount: str | int | bool = declared.dose
        if regimen.type is not None:
            amount = shown(evaluate(self.bound, regimen.dose, configuration, {}), regimen.type)
            if declared.unit:
                amount = str(amount)
        return Due(declared.drug, amount, declared.unit, day, declared.clause)


def _bind(bound: Bound, regimen: Regimen) -> BoundRegimen:
    where = f"{regimen.clause} (regimen of {regimen.drug})"
    resolver = Resolver(bound.scope)
    unknown = [s for s in regimen.states if s not in bound.states]
    if unknown:
        raise SpecError(f"there is no state {unknown[0]!r}", where=where)
    clock = None
    if regimen.clock:
        clock = bound.by_name.get(regimen.clock)
        if clock is None or not clock.clock:
            raise SpecError(
                f"there is no clock {regimen.clock!r}",
                where=where,
                hint=f"clocks: {', '.join(c.name for c in bound.clocks) or 'none'}",
            )
    when = resolver.condition(regimen.when, where)
    dose, type = parse(regimen.dose, where), None
    if dose.op != "decimal":
        dose, type = resolver.number(regimen.dose, where)
    cycle, _ = resolver.number(str(regimen.cycle), where)
    if cycle.op != "integer" or as_int(cycle) < 1:
        raise SpecError("a cycle is a whole number of days from 1", where=where)
    states = frozenset(bound.states.index(s) for s in regimen.states)
    return BoundRegimen(regimen, states, when, dose, type, as_int(cycle), clock)
