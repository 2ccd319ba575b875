"""The enumeration engine: every obligation of a sized machine judged on all its configurations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...spec.expression import Node
from ...spec.fold import fold
from ..bound import Bound
from ..evaluate import Configuration, Undefined, evaluate
from ..explore import Finding, Space, explore
from ..reach import Ending, ending
from ..shortest import shortest
from ..trace import Trace, TraceStep

NAME = "enumeration"


@dataclass(frozen=True)
class Judged:
    """A verdict of the enumeration with its shortest run; ``problem`` is what happens at its end.

    ``dated`` is False for what was met, but on no run whose days agree with the landmarks.
    """

    holds: bool
    trace: Trace | None = None
    problem: str = ""
    dated: bool = True


@dataclass(eq=False, repr=False)
class Enumeration:
    """All obligations of one bound machine, settled by looking at everything reachable.

    ``always`` are properties that should hold everywhere, ``reached`` conditions that should be
    met somewhere; both by obligation id.
    """

    bound: Bound
    always: Mapping[str, Node]
    reached: Mapping[str, Node]
    space: Space = field(init=False)

    def __post_init__(self) -> None:
        avoid = {id: fold(Node("not", None, (node,))) for id, node in self.reached.items()}
        self.space = explore(self.bound, {**self.always, **avoid})

    @cached_property
    def end(self) -> Ending:
        """Whether everything can end, and after how many steps."""
        return ending(self.space)

    @cached_property
    def traces(self) -> dict[str, Trace]:
        """The shortest run to everything that was found, all in one search."""
        goals: dict[str, Callable[[Configuration], object]] = {}
        found = self.space.violations
        names = list(found)
        nodes = [self.always.get(n) for n in names]
        goal_nodes = [
            fold(Node("not", None, (node,))) if node is not None else self.reached[name]
            for name, node in zip(names, nodes, strict=True)
        ]
        tests = self.bound.compiled.predicates(goal_nodes)
        for name, test in zip(names, tests, strict=True):
            goals[name] = _quiet(test)
        for key, finding in self.space.issues.items():
            dated = key[0] == "totality" and self.bound.machine.landmarks
            meets = _unanswered(self.bound, finding) if dated else _at(finding.configuration)
            goals["/".join(key)] = meets
        return shortest(self.space, goals) if goals else {}

    def always_holds(self, id: str) -> Judged:
        """Whether a property holds everywhere; its shortest counterexample if not."""
        if id in self.space.violations:
            return self._met(False, id, "the property is false here")
        return Judged(True)

    def is_reached(self, id: str) -> Judged:
        """Whether a condition is met somewhere; its shortest witness if so."""
        if id in self.space.violations:
            return self._met(True, id)
        return Judged(False, None, "no reachable configuration meets it")

    def _met(self, holds: bool, id: str, problem: str = "") -> Judged:
        """The verdict that rests on something met, with the run to it."""
        return self._judged(holds, self.traces.get(id), problem)

    def _judged(self, holds: bool, trace: Trace | None, problem: str = "") -> Judged:
        return Judged(holds, trace, problem, trace is not None or not self.bound.machine.landmarks)

    def issue(self, kind: str, place: str) -> Judged:
        """Whether nothing of a kind went wrong at a place."""
        if kind == "termination":
            if self.end.stuck is None:
                return Judged(True)
            trace = shortest(self.space, {"stuck": _at(self.end.stuck)}).get("stuck")
            return self._judged(False, trace, "no end from here")
        finding = self.space.issues.get((kind, place))
        if finding is None:
            return Judged(True)
        met = self._met(False, f"{kind}/{place}", finding.detail or "deadlock")
        return replace(met, trace=self._with_event(met.trace, finding))

    def _with_event(self, trace: Trace | None, finding: Finding) -> Trace | None:
        """The run with the event that goes wrong at its end."""
        if trace is None or not finding.event:
            return trace
        names = [p.name for p in self.bound.event[finding.event].parameters]
        arguments = tuple(zip(names, finding.arguments, strict=True))
        return (*trace, TraceStep(finding.event, arguments, finding.configuration, ""))


def _unanswered(bound: Bound, finding: Finding) -> Callable[[Configuration], bool]:
    """Whether the event comes to nothing in this state: also after days of waiting, if it can."""
    event, state = bound.event[finding.event], finding.configuration[0]
    fire = bound.compiled.fire[event.name]
    names = [p.name for p in event.parameters]
    arguments = dict(zip(names, finding.arguments, strict=True))

    def met(configuration: Configuration) -> bool:
        try:
            return (
                configuration[0] == state
                and bool(evaluate(bound, event.possible, configuration, arguments))
                and fire(configuration, *finding.arguments) is None
            )
        except Undefined:
            return False

    return met


def _at(configuration: Configuration) -> Callable[[Configuration], bool]:
    return lambda other: other == configuration


def _quiet(test: Callable[..., object]) -> Callable[[Configuration], bool]:
    """A test that counts as met where it is undefined: for a property that is a failure too."""

    def met(configuration: Configuration) -> bool:
        try:
            return bool(test(configuration))
        except Undefined:
            return True

    return met
