"""What can happen next: possible events, refused ones with the reason, and doses due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from ..spec.calendar import Regimen
from ..spec.resolve import Resolver
from ..spec.types import shown
from ..statemachines.bound import Bound, BoundEvent, Parameter, as_int
from ..statemachines.evaluate import Configuration, evaluate
from ..statemachines.step import Accepted, Refused, show_arguments, step

FEW = 16
MOST = 256


@dataclass(frozen=True, slots=True)
class Possible:
    """An event that would be accepted with these arguments, and the clause that allows it."""

    event: str
    arguments: Mapping[str, object]
    clause: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """An event that would be refused; ``arguments`` are the first ones refused for this reason."""

    event: str
    arguments: Mapping[str, object]
    because: str
    clause: str


@dataclass(frozen=True, slots=True)
class Open:
    """What the text does not decide: an event with its arguments, or a drug's schedule."""

    ambiguity: str
    clause: str
    event: str = ""
    arguments: Mapping[str, object] | None = None
    drug: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """One dose on one day of a cycle, counted from 1; the amount as a decimal text or number."""

    drug: str
    dose: str | int
    unit: str
    day: int
    clause: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that an event could lead to from one configuration."""

    possible: tuple[Possible, ...]
    refused: tuple[Impossible, ...]
    unspecified: tuple[Open, ...]


def situation(bound: Bound, configuration: Configuration) -> Situation:
    """Every event with its argument values, sorted by what the machine would answer.

    Of an argument with many values the ends and the middle stand for all. Refusals that differ in
    their numbers alone are given once.
    """
    possible: list[Possible] = []
    refused: dict[tuple[str, str, str], Impossible] = {}
    undecided: list[Open] = []
    for event in bound.events:
        for arguments in choices(event):
            answer = step(bound, configuration, event.name, arguments)
            values = show_arguments(event, arguments)
            if isinstance(answer, Accepted):
                possible.append(Possible(event.name, values, answer.clause))
            elif isinstance(answer, Refused):
                # the numbers follow the condition in brackets
                condition = answer.because.partition(" is false (")[0]
                key = (event.name, condition, answer.clause)
                found = Impossible(event.name, values, answer.because, answer.clause)
                refused.setdefault(key, found)
            else:
                undecided.append(Open(answer.ambiguity, answer.clause, event.name, values))
    return Situation(tuple(possible), tuple(refused.values()), tuple(undecided))


def choices(event: BoundEvent) -> list[dict[str, int]]:
    """Argument values of an event, at most 256 combinations."""
    names = [p.name for p in event.parameters]
    combinations = product(*map(_values, event.parameters))
    return [dict(zip(names, values, strict=True)) for values in islice(combinations, MOST)]


def _values(parameter: Parameter) -> Sequence[int]:
    low, high = as_int(parameter.low), as_int(parameter.high)
    if high - low < FEW:
        return range(low, high + 1)
    return (low, (low + high) // 2, high)


def due(bound: Bound, configuration: Configuration, day: int) -> tuple[Due, ...]:
    """The doses due on a day of the cycle, counted from 1; a schedule left open is never due."""
    found = []
    for regimen in active(bound, configuration):
        if regimen.unspecified:
            continue
        where = f"{regimen.clause} (regimen of {regimen.drug})"
        resolver = Resolver(bound.scope)
        if not regimen.days or (day - 1) % cycle_length(bound, regimen) + 1 in regimen.days:
            node, type = resolver.number(regimen.dose, where)
            amount = shown(evaluate(bound, node, configuration, {}), type)
            assert isinstance(amount, str | int)
            found.append(Due(regimen.drug, amount, regimen.unit, day, regimen.clause))
    return tuple(found)


def active(bound: Bound, configuration: Configuration) -> list[Regimen]:
    """The regimens that run in a configuration."""
    state = bound.states[configuration[0]]
    resolver = Resolver(bound.scope)
    return [
        regimen
        for regimen in bound.machine.regimens
        if state in regimen.states
        and evaluate(bound, resolver.condition(regimen.when, regimen.clause), configuration, {})
    ]


def cycle_length(bound: Bound, regimen: Regimen) -> int:
    """The days of a regimen's cycle, at least 1."""
    node, _ = Resolver(bound.scope).number(str(regimen.cycle), regimen.clause)
    return max(1, as_int(node))


def open_schedules(bound: Bound, configuration: Configuration) -> tuple[Open, ...]:
    """The drugs whose schedule the text does not give."""
    return tuple(
        Open(regimen.unspecified, regimen.clause, drug=regimen.drug)
        for regimen in active(bound, configuration)
        if regimen.unspecified
    )
