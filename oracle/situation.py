"""What can happen next: possible events, refused ones with the reason, and what is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from ..statemachines.bound import Bound, BoundEvent, Parameter, as_int
from ..statemachines.calendar import Calendar
from ..statemachines.evaluate import Configuration
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


def open_schedules(calendar: Calendar, configuration: Configuration) -> tuple[Open, ...]:
    """The drugs whose schedule the text does not give."""
    return tuple(
        Open(r.regimen.unspecified, r.regimen.clause, drug=r.regimen.drug)
        for r in calendar.active(configuration)
        if r.regimen.unspecified
    )
