"""Shortest traces along contexts are those of the search event by event; quiet events are counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Clock,
    Count,
    Flag,
    Landmark,
    Machine,
    Observation,
    OneOf,
    Protocol,
    State,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.spec.registry import load
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.explore import explore
from trialspec.statemachines.reach import ending
from trialspec.statemachines.shortest import shortest
from trialspec.statemachines.trace import Runs
from trialspec.statemachines.walk import Walk


def plain(more: tuple[Transition, ...] | None = None) -> Bound:
    """A machine with a counter that a quiet event reads and nothing else does."""
    machine = Machine(
        name="trial",
        variables=(Count("n", 0, 3), Flag("on"), Clock("day", 2)),
        states=(State("open", initial=True), State("shut", final=True)),
        events=(
            Action("count", by=Whole(1, 2)),
            Action("turn", on=Bool),
            Action("look", what=OneOf(("n", "day", "none")), at=Whole(0, 99)),
            Observation("report", possible="n == 2"),
            Action("shut"),
        ),
        transitions=(
            Transition("", "open", "count", then="n += by", when="n + by <= 3"),
            Transition("", "open", "turn", then="on = event.on"),
            Transition("", "open", "look", when="what == 'n' and n >= at"),
            Transition("", "open", "look", when="what == 'day' and day >= 1 and at == 7"),
            *((Transition("", "open", "report", Unspecified("A1")),) if more is None else more),
            Transition("", "open", "shut", "shut", "on and day >= 2"),
        ),
    )
    gap = Ambiguity("A1", "?", {"a": "a", "b": "b"}, "a", "why")
    return bind(Protocol("p", "P", (machine,), ambiguities=(gap,)))


def machines() -> list[Bound]:
    small = {"levels": 1, "max_cycles": 5}
    return [
        plain(),
        bind(load("ibrutinib-mm"), constants={"levels": 2}),
        bind(load("plerixafor-cll"), constants={"levels": 2}),
        bind(load("plerixafor-cll"), "subject", constants=small),
    ]


def _at(configuration: Configuration) -> Callable[[Configuration], bool]:
    return lambda other: other == configuration


@pytest.mark.parametrize("bound", machines(), ids=lambda b: f"{b.protocol} {b.machine.name}")
def test_the_same_traces_as_event_by_event(bound: Bound) -> None:
    space, walk = explore(bound), Walk(bound)
    assert space.configurations == len(walk.nodes)
    goals = {str(i): _at(c) for i, (c, _) in list(enumerate(walk.nodes))[:: len(walk.nodes) // 12]}
    found = shortest(space, goals)
    assert found == Runs(bound).find(goals)
    assert set(found) == set(goals)


@pytest.mark.parametrize("bound", machines(), ids=lambda b: f"{b.protocol} {b.machine.name}")
def test_every_accepted_event_is_counted(bound: Bound) -> None:
    """Those that change nothing as well, for each choice of arguments and configuration."""
    space = explore(bound)
    accepted, fired = 0, set()
    for configuration, _ in Walk(bound).nodes:
        if configuration[0] in bound.final:
            continue
        accepted += bool(bound.clocks)
        for event in bound.events:
            for values in argument_values(bound, event):
                after = bound.compiled.fire[event.name](configuration, *values)
                accepted += isinstance(after, tuple)
                if after is not None:
                    fired |= {
                        r.number
                        for r in bound.rules_of[configuration[0], event.name]
                        if bound.compiled.rules[r.number][0](configuration, *values)
                    }
    assert (space.transitions, space.fired) == (accepted, fired)


def test_nothing_is_found_where_nothing_is() -> None:
    bound = plain()
    assert shortest(explore(bound), {"never": lambda _: False}) == {}


def test_a_quiet_event_that_nothing_answers_is_found() -> None:
    """It reads what no other event does, and moves nobody."""
    silent = plain(more=())
    space = explore(silent)
    finding = space.issues["totality", "open/report"]
    assert finding.configuration[silent.by_name["n"].offset] == 2
    doubled = (
        Transition("", "open", "report"),
        Transition("", "open", "report", when="on"),
    )
    overlapping = explore(plain(more=doubled))
    assert ("determinism", "open/report") in overlapping.issues


def test_a_run_may_end_with_a_quiet_event() -> None:
    """An unspecified answer is an end, in the configurations that give it alone."""
    only = Machine(
        name="trial",
        variables=(Count("n", 0, 2),),
        states=(State("open", initial=True), State("shut", final=True)),
        events=(Action("count"), Action("back"), Observation("report", possible="n == 2")),
        transitions=(
            Transition("", "open", "count", then="n += 1", when="n < 2"),
            Transition("", "open", "report", Unspecified("A1")),
        ),
    )
    gap = Ambiguity("A1", "?", {"a": "a", "b": "b"}, "a", "why")
    bound = bind(Protocol("p", "P", (only,), ambiguities=(gap,)))
    found = ending(explore(bound))
    assert (found.stuck, found.steps) == (None, 2)


EITHER, BOTH = "late == 'passed' or c == 20", "late == 'passed' and c == 20"


@pytest.mark.parametrize(
    ("days", "when", "events"),
    [
        (40, EITHER, ["go", "elapse", "end"]),
        (2, EITHER, ["go", "elapse", "late", "end"]),
        (2, BOTH, ["go", "elapse", "late", "elapse", "end"]),
        (40, BOTH, None),
    ],
)
def test_a_landmark_is_shown_with_the_days_that_it_takes(
    days: int, when: str, events: list[str] | None
) -> None:
    """One that makes for fewer events and more days is not shown."""
    machine = Machine(
        name="trial",
        variables=(Clock("c", 50),),
        states=(State("open", initial=True), State("run"), State("done", final=True)),
        events=(Action("go"), Action("end")),
        landmarks=(Landmark("late", after="go", days=days),),
        transitions=(
            Transition("", "open", "go", "run", then="c = 0"),
            Transition("", "run", "late"),
            Transition("", "run", "end", "done", when=when),
        ),
    )
    bound = bind(Protocol("p", "P", (machine,)))
    done = bound.states.index("done")
    goals = {"done": lambda configuration: configuration[0] == done}
    found = shortest(explore(bound, {}), goals)
    assert found == Runs(bound).find(goals)
    assert [[step.event for step in trace] for trace in found.values()] == (
        [events] if events else []
    )
