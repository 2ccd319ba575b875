"""Shortest traces: the runs that people see as counterexamples and witnesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..spec.expression import FALSE
from .bound import Bound, Rule
from .classes import argument_values
from .evaluate import Configuration, Undefined
from .step import ELAPSE, elapse, observe, show_arguments

MAX_SEARCHED = 3_000_000
MONTH_DAYS = (28, 31)
Timed = tuple[Configuration, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One event of a run: stored argument values, and the configuration after it."""

    event: str
    arguments: tuple[tuple[str, int], ...]
    configuration: Configuration
    clause: str


Trace = tuple[TraceStep, ...]


def show_trace(bound: Bound, trace: Trace) -> list[dict[str, object]]:
    """The trace in the shape of JSON answers."""
    shown = []
    for step in trace:
        values = observe(bound, step.configuration)
        state = values.pop("state")
        arguments: Mapping[str, object] = dict(step.arguments)
        if step.event != ELAPSE:
            arguments = show_arguments(bound.event[step.event], dict(step.arguments))
        shown.append(
            {
                "event": step.event,
                "arguments": arguments,
                "state": state,
                "values": values,
                "clause": step.clause,
            }
        )
    return shown


class Runs:
    """Breadth-first search over whole configurations, in order of declaration.

    The first configuration found at a distance is the one whose trace comes first when events are
    compared in order of declaration, so that shortest traces are the same in every run. In a
    machine with landmarks the days since each one's start are carried along, so that no trace
    contradicts its own dates.
    """

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.fire = bound.compiled.fire
        self.values = [(e.name, argument_values(bound, e)) for e in bound.events]
        self.changing: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
        self.landmarks = [
            (bound.by_name[m.name].offset, m.name, *landmark_window(m.months, m.days))
            for m in bound.machine.landmarks
        ]

    def after(self, node: Timed) -> list[tuple[str, tuple[int, ...], Timed]]:
        """The events that change something, and where they lead."""
        configuration, days = node
        found = []
        for event, arguments in self._choices(configuration[0]):
            try:
                result = self.fire[event](configuration, *arguments)
            except Undefined:
                continue
            if isinstance(result, tuple) and result != configuration:
                timed = self.timed(result, days, event)
                if timed is not None:
                    found.append((event, arguments, timed))
        if self.bound.clocks or self.landmarks:
            later = self.day(configuration, days)
            if later is not None and later != node:
                found.append((ELAPSE, (1,), later))
        return found

    def _choices(self, state: int) -> list[tuple[str, tuple[int, ...]]]:
        """The events with the arguments that can change something in a state, in order."""
        if state not in self.changing:
            self.changing[state] = [
                (event, arguments)
                for event, choices in self.values
                for arguments in choices
                if any(
                    _may_change(self.bound, rule, arguments)
                    for rule in self.bound.rules_of.get((state, event), ())
                )
            ]
        return self.changing[state]

    def timed(self, result: Configuration, days: tuple[int, ...], event: str) -> Timed | None:
        """The configuration with its day counters; None when a landmark comes on a wrong day."""
        counters = list(days)
        for i, (place, name, least, _) in enumerate(self.landmarks):
            if name == event and counters[i] < least:
                return None
            if result[place] == 1 and counters[i] < 0:
                counters[i] = 0
            if result[place] == 2:
                counters[i] = -1
        return result, tuple(counters)

    def day(self, configuration: Configuration, days: tuple[int, ...]) -> Timed | None:
        """One day later; None when a landmark is due and has not come."""
        if configuration[0] in self.bound.final:
            return None
        for count, (_, _, _, most) in zip(days, self.landmarks, strict=True):
            if count >= most:
                return None
        counters = tuple(d + 1 if d >= 0 else d for d in days)
        return elapse(self.bound, configuration, 1), counters

    def find(
        self, goals: Mapping[str, Callable[[Configuration], Any]], limit: int = MAX_SEARCHED
    ) -> dict[str, Trace]:
        """For each goal the shortest trace to a configuration that meets it, where there is one."""
        start: Timed = (self.bound.initial(), (-1,) * len(self.landmarks))
        parents: dict[Timed, tuple[Timed, str, tuple[int, ...]] | None] = {start: None}
        open_goals = dict(goals)
        found: dict[str, Trace] = {}
        layer = [start]
        while layer and open_goals and len(parents) < limit:
            for node in layer:
                for name in [n for n, goal in open_goals.items() if goal(node[0])]:
                    found[name] = self.back(parents, node)
                    del open_goals[name]
            after: list[Timed] = []
            for node in layer:
                for event, arguments, target in self.after(node):
                    if target not in parents:
                        parents[target] = (node, event, arguments)
                        after.append(target)
            layer = after
        return found

    def dated(self, trace: Trace) -> Trace | None:
        """The same events, with days of waiting before each landmark that would come too early.

        The trace itself where its days agree with the landmarks; None where waiting changes what
        an event does so much that it can't come, or where a landmark is due and does not come.
        """
        here: Timed = (self.bound.initial(), (-1,) * len(self.landmarks))
        steps: list[TraceStep] = []

        def wait(days: int) -> bool:
            nonlocal here
            for _ in range(days):
                later = self.day(*here)
                if later is None:
                    return False
                here = later
                steps.append(self.trace_step(here[0], ELAPSE, (1,), here[0]))
            return True

        for step in trace:
            values = tuple(value for _, value in step.arguments)
            if step.event == ELAPSE:
                if not wait(values[0]):
                    return None
                continue
            for count, (_, name, least, _) in zip(here[1], self.landmarks, strict=True):
                if name == step.event and count < least and not wait(least - count):
                    return None
            try:
                result = self.fire[step.event](here[0], *values)
            except Undefined:
                return None
            timed = self.timed(result, here[1], step.event) if isinstance(result, tuple) else None
            if timed is None:
                return None
            steps.append(self.trace_step(here[0], step.event, values, timed[0]))
            here = timed
        return merge_days(steps)

    def back(
        self,
        parents: Mapping[Timed, tuple[Timed, str, tuple[int, ...]] | None],
        node: Timed,
    ) -> Trace:
        """The trace to a configuration, along the parents."""
        steps: list[TraceStep] = []
        entry = parents[node]
        while entry is not None:
            before, event, arguments = entry
            steps.append(self.trace_step(before[0], event, arguments, node[0]))
            node, entry = before, parents[before]
        return merge_days(list(reversed(steps)))

    def along(self, path: Sequence[Configuration]) -> Trace:
        """The trace through configurations that follow one another, by the first events that do."""
        steps: list[TraceStep] = []
        for before, after in pairwise(path):
            event: str = ELAPSE
            arguments: tuple[int, ...] = (1,)
            for name, values in self._choices(before[0]):
                try:
                    met = self.fire[name](before, *values) == after
                except Undefined:
                    continue
                if met:
                    event, arguments = name, values
                    break
            steps.append(self.trace_step(before, event, arguments, after))
        return merge_days(steps)

    def trace_step(
        self,
        before: Configuration,
        event: str,
        arguments: Sequence[int],
        after: Configuration,
    ) -> TraceStep:
        """One step of a trace, with the clause of the rule that fired."""
        if event == ELAPSE:
            return TraceStep(ELAPSE, (("days", arguments[0]),), after, "")
        names = [p.name for p in self.bound.event[event].parameters]
        values = tuple(zip(names, arguments, strict=True))
        clause = ""
        for rule in self.bound.rules_of.get((before[0], event), ()):
            if self.bound.compiled.rules[rule.number][0](before, *arguments):
                clause = rule.clause
                break
        return TraceStep(event, values, after, clause)


def _may_change(bound: Bound, rule: Rule, arguments: Sequence[int]) -> bool:
    """Whether a rule changes anything, with a guard that these values don't rule out."""
    idle = not rule.effects and rule.target == rule.source
    return not idle and may_apply(bound, rule, arguments)


def may_apply(bound: Bound, rule: Rule, arguments: Sequence[int]) -> bool:
    """Whether the argument values alone don't rule out the guard of a rule."""
    given = bound.event[rule.event].given(arguments)
    return bound.substituted(rule.guard, given) != FALSE


def merge_days(steps: list[TraceStep]) -> Trace:
    """The trace with runs of single days written as one ``elapse``."""
    merged: list[TraceStep] = []
    for step in steps:
        if step.event == ELAPSE and merged and merged[-1].event == ELAPSE:
            days = merged[-1].arguments[0][1] + step.arguments[0][1]
            merged[-1] = TraceStep(ELAPSE, (("days", days),), step.configuration, "")
        else:
            merged.append(step)
    return tuple(merged)


def length(trace: Trace) -> int:
    """The events and days of a trace."""
    return sum(s.arguments[0][1] if s.event == ELAPSE else 1 for s in trace)


def landmark_window(months: int, days: int) -> tuple[int, int]:
    """The fewest and the most days after which a landmark can come.

    Twelve months are 365 or 366 days; other months lie between 28 and 31 days each.
    """
    years, rest = divmod(months, 12)
    least = years * 365 + rest * MONTH_DAYS[0] + days
    most = years * 365 + (years + 3) // 4 + rest * MONTH_DAYS[1] + days
    return least, most
