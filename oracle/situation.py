"""What can happen next: possible events, refused ones with the reason, and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from ..spec.errors import SpecError
from ..statemachines.bound import Bound, BoundEvent, Parameter, as_int
from ..statemachines.calendar import Calendar
from ..statemachines.evaluate import Configuration
from ..statemachines.step import Answer as Step
from ..statemachines.step import Refused, Undecided, show_arguments, step
from ..statemachines.study import BoundStudy, Together, read_together, study_step

FEW = 16
MOST = 1024


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
    return _sorted(
        (event.name, show_arguments(event, given), step(bound, configuration, event.name, given))
        for event in bound.events
        for given in choices(event)
    )


def subject_situation(
    study: BoundStudy, trial: Configuration | None, subject: Configuration
) -> Situation:
    """The same for a subject of a study: events it shares with the trial need both.

    A trial given as None is not asked.
    """
    return _sorted(
        (name, given, study_step(study, trial, subject, name, values))
        for name in study.subject.event
        for given, values in _together(study, name, trial, subject)
    )


def _together(
    study: BoundStudy, name: str, trial: Configuration | None, subject: Configuration
) -> Iterator[tuple[dict[str, object], tuple[dict[str, int], dict[str, int]]]]:
    """The arguments of a subject's event as people see them, and as both machines store them."""
    theirs = study.subject.event[name]
    ours = study.trial.event.get(name)
    if trial is None or ours is None:
        for mine in choices(theirs):
            yield show_arguments(theirs, mine), ({}, mine)
        return
    known = {p.name for p in theirs.parameters}
    more = replace(ours, parameters=tuple(p for p in ours.parameters if p.name not in known))
    pairs = product(choices(theirs), choices(more))
    for mine, others in islice(pairs, MOST):
        given = {**show_arguments(theirs, mine), **show_arguments(more, others)}
        try:
            yield given, read_together(study, name, given, trial, subject)
        except SpecError:
            continue  # the trial knows no such value


def _sorted(asked: Iterable[tuple[str, Mapping[str, object], Step | Together]]) -> Situation:
    possible: list[Possible] = []
    refused: dict[tuple[str, str, str], Impossible] = {}
    undecided: list[Open] = []
    for event, given, answer in asked:
        if isinstance(answer, Refused):
            # the numbers follow the condition in brackets
            condition = answer.because.partition(" is false (")[0]
            found = Impossible(event, given, answer.because, answer.clause)
            refused.setdefault((event, condition, answer.clause), found)
        elif isinstance(answer, Undecided):
            undecided.append(Open(answer.ambiguity, answer.clause, event, given))
        else:
            possible.append(Possible(event, given, answer.clause))
    return Situation(tuple(possible), tuple(refused.values()), tuple(undecided))


def choices(event: BoundEvent) -> list[dict[str, int]]:
    """Argument values of an event, at most 1,024 combinations."""
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
