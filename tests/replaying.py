"""Suites taken through the reference, and what they reach found out by brute force."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from functools import cache

from trialspec.oracle import Case
from trialspec.oracle.suites import build_suite
from trialspec.oracle.vectors import Suite, read_constants
from trialspec.spec.model import Protocol
from trialspec.spec.readings import parse_readings
from trialspec.spec.registry import load
from trialspec.statemachines.arguments import read_arguments
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound, BoundEvent, as_int
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Undefined, evaluate
from trialspec.statemachines.step import elapse

Place = tuple[int, ...]


@cache
def shipped(
    name: str, machine: str, criterion: str = "complete", *readings: str
) -> tuple[Protocol, Bound, Suite]:
    """A shipped machine and its suite, built once in a test run."""
    protocol = load(name)
    bound = bind(protocol, machine, readings=parse_readings(protocol, readings))
    return protocol, bound, build_suite(bound, protocol, criterion)


def replay(protocol: Protocol, suite: Suite) -> int:
    """Takes a fresh case through every vector, and counts the steps; every answer must be equal."""
    machine = protocol.machine(suite.machine)
    constants = read_constants(machine, suite.constants)
    fresh = Case(protocol, suite.machine, constants, suite.readings)
    count = 0
    for vector in suite.vectors:
        case = copy.copy(fresh)
        for number, expected in enumerate(vector.steps, 1):
            answer = case.apply(expected.event, **expected.arguments)
            found = (answer.answer, answer.clause, answer.reason, dict(answer.observe))
            wanted = (expected.answer, expected.clause, expected.because, dict(expected.observe))
            assert found == wanted, (vector.id, number)
            last = number == len(vector.steps)
            assert expected.answer != "unspecified" or last, (vector.id, number)
            count += 1
    return count


@dataclass
class Reached:
    """What runs reach. A pair is two rules, the second right after the first or after days; a
    refusal is an event in a state with the rules that can fire there."""

    states: set[int] = field(default_factory=set)
    rules: set[int] = field(default_factory=set)
    pairs: set[tuple[int, int]] = field(default_factory=set)
    refused: set[tuple[int, int, str]] = field(default_factory=set)


class Local:
    """What the compiled rules of a machine do at each place, asked once."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        compiled = Compiled(bound)
        self.guards, self.fire, self.possible = compiled.rules, compiled.fire, compiled.possible
        self.asked = {e.name: compiled.predicates([e.asked], e)[0] for e in bound.events}
        dates = {m.name for m in bound.machine.landmarks}
        self.calendar = Calendar(bound)
        # nobody is asked for what other readings alone allow
        dead = {t.event for t in bound.machine.transitions} - {r.event for r in bound.rules}
        self.choices = [
            (e, choice)
            for e in bound.events
            if e.name not in dates and (e.observation or e.name not in dead)
            for choice in argument_values(
                bound, replace(e, parameters=tuple(p for p in e.parameters if p.default is None))
            )
        ]
        self.known: dict[Place, tuple[int, list[tuple[int, Place]], list[str]]] = {}

    def at(self, here: Place) -> tuple[int, list[tuple[int, Place]], list[str]]:
        """The rules that can fire as bits, those that lead on and where to, the events refused."""
        if here not in self.known:
            mask, onward, refused = 0, {}, {}
            for event, choice in self.choices:
                found = self.answer(here, event, choice)
                if found is None:
                    refused[event.name] = None
                elif found[0] >= 0:
                    mask |= 1 << found[0]
                    if found[1] is not None:
                        onward[found] = None
            self.known[here] = mask, list(onward), list(refused)
        return self.known[here]

    def answer(
        self, here: Place, event: BoundEvent, choice: tuple[int, ...]
    ) -> tuple[int, Place | None] | None:
        """The rule that fires and what comes of it, None for a refusal.

        Rule -1 stands for a defect, and where nobody is asked for the event.
        """
        given = iter(choice)
        try:
            values = [
                next(given) if p.default is None else evaluate(self.bound, p.default, here, {})
                for p in event.parameters
            ]
        except Undefined:
            return -1, None
        for p, value in zip(event.parameters, values, strict=True):
            if not as_int(p.low) <= value <= as_int(p.high):
                return -1, None
        if not self.asked[event.name](here, *values):
            return -1, None
        if here[0] in self.bound.final:
            return None
        try:
            if event.observation and not self.possible[event.name](here, *values):
                return None
            hits = [
                r
                for r in self.bound.rules_of.get((here[0], event.name), ())
                if self.guards[r.number][0](here, *values)
            ]
            if len(hits) > 1:
                return -1, None
            if not hits:
                return None
            after = self.fire[event.name](here, *values)
        except Undefined:
            return -1, None
        if not isinstance(after, tuple):
            return hits[0].number, None
        for r in self.calendar.active(here):
            clock = None if r.clock is None else r.clock.offset
            if clock is not None and r.regimen.weekdays and not after[clock] and here[clock] % 7:
                # the next cycle would begin on another weekday
                return -1, None
        return hits[0].number, after


def reached(bound: Bound, suite: Suite) -> Reached:
    """What the vectors of a suite reach."""
    found, local = Reached(), Local(bound)
    for vector in suite.vectors:
        here, last = bound.initial(), -1
        for made in vector.steps:
            values = read_arguments(bound, made.event, made.arguments, here)
            if made.event == "elapse":
                here = elapse(bound, here, values["days"])
                continue
            event = bound.event[made.event]
            if made.answer == "refused":
                found.refused.add((here[0], local.at(here)[0], made.event))
                continue
            needed = tuple(values[p.name] for p in event.parameters if p.default is None)
            answer = local.answer(here, event, needed)
            assert answer is not None
            found.rules.add(answer[0])
            if last >= 0:
                found.pairs.add((last, answer[0]))
            last = answer[0]
            if answer[1] is not None:
                here = answer[1]
                found.states.add(here[0])
    return found


def everything(bound: Bound) -> Reached:
    """What any run of a machine without landmarks reaches, by looking at every place."""
    found, local = Reached(), Local(bound)
    todo = [bound.initial()]
    seen = set(todo)
    for here in todo:
        found.states.add(here[0])
        mask, onward, refused = local.at(here)
        found.rules |= {r.number for r in bound.rules if mask >> r.number & 1}
        found.refused |= {(here[0], mask, event) for event in refused}
        for after in [*(place for _, place in onward), elapse(bound, here, 1)]:
            if after not in seen:
                seen.add(after)
                todo.append(after)
    # the rules that can fire at a place or on any day after it
    waiting = {here: local.at(here)[0] for here in todo}
    settled = False
    while not settled:
        settled = True
        for here in reversed(todo):
            more = waiting[here] | waiting[elapse(bound, here, 1)]
            if more != waiting[here]:
                waiting[here], settled = more, False
    second = [r.number for r in bound.rules if isinstance(r.target, int)]
    first = {(rule, waiting[after]) for here in todo for rule, after in local.at(here)[1]}
    found.pairs = {(rule, other) for rule, mask in first for other in second if mask >> other & 1}
    return found
