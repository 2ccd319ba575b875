"""Enumeration: every reachable configuration, every defect at its smallest depth."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from small import COUNTS, bound, escalation
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Node
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Category,
    Clock,
    Count,
    Exact,
    Flag,
    Function,
    Landmark,
    Observation,
    OneOf,
    Quantity,
    State,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.spec.resolve import Resolver
from trialspec.statemachines import explore as explore_module
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.classes import argument_values
from trialspec.statemachines.explore import Finding, Space, explore
from trialspec.statemachines.functions import function
from trialspec.statemachines.rank import find_rank
from trialspec.statemachines.step import Accepted, step

GO, NEXT, END = Action("go"), Action("next"), Action("end")


def rule(
    event: str = "go",
    when: str = "True",
    then: str = "",
    target: str | None = None,
    source: str = "open",
    clause: str = "C",
) -> Transition:
    return Transition(clause, source, event, target, when, then)


def watch(machine: Bound, **texts: str) -> dict[str, Node]:
    resolver = Resolver(machine.scope)
    return {name: resolver.condition(text, name) for name, text in texts.items()}


def plain_search(machine: Bound) -> tuple[int, int, int]:
    """Configurations, transitions and depth by the reference step, one configuration at a time."""
    seen, layer, edges, depth = {machine.initial()}, [machine.initial()], 0, -1
    while layer:
        depth += 1
        found = []
        for config in layer:
            tries = [
                (e.name, dict(zip((p.name for p in e.parameters), values, strict=True)))
                for e in machine.events
                for values in argument_values(machine, e)
            ]
            if machine.clocks and config[0] not in machine.final:
                tries.append(("elapse", {"days": 1}))
            for event, arguments in tries:
                answer = step(machine, config, event, arguments)
                if isinstance(answer, Accepted):
                    edges += 1
                    if answer.configuration not in seen:
                        seen.add(answer.configuration)
                        found.append(answer.configuration)
        layer = found
    return len(seen), edges, depth


def size(space: Space) -> tuple[int, int, int]:
    return space.configurations, space.transitions, space.depth


# ---- pieces


def test_a_rank_needs_changes_and_one_gain() -> None:
    assert find_rank([]) is None
    assert find_rank([(1, 0), (2, 0)]) is None
    rank = find_rank([(1, 0), (0, 2)])
    assert rank is not None
    assert (rank.weights, rank.gain) == ((2, 1), 2)
    assert rank.fits((0, 2))
    assert not rank.fits((1, 2))


# ---- the reference model


@pytest.mark.parametrize("levels", COUNTS)
def test_the_counts_that_other_checkers_agree_on(levels: int) -> None:
    machine = bind(escalation(), constants={"D": levels})
    properties = {f"{i.clause}/{i.slug}": node for i, node in machine.invariants}
    space = explore(machine, properties)
    assert (space.configurations, space.transitions) == COUNTS[levels]
    assert (space.issues, space.violations, space.complete) == ({}, {}, True)
    assert space.depth == 12 * levels
    assert space.ranked is (levels > 3)
    assert space.fired == {r.number for r in machine.rules}


@pytest.mark.parametrize("levels", [1, 2])
def test_one_and_two_levels_as_by_the_plain_search(levels: int) -> None:
    machine = bind(escalation(), constants={"D": levels})
    assert size(explore(machine)) == plain_search(machine)


def test_remembering_keeps_every_configuration_even_where_a_rank_is_found() -> None:
    machine = bind(escalation(), constants={"D": 4})
    space = explore(machine, remember=True)
    assert space.ranked
    assert (space.configurations, space.transitions) == COUNTS[4]
    assert sum(len(rests) for rests in space.groups.values()) == 2173
    assert explore(machine).groups == {}


def test_far_fewer_contexts_are_opened_than_there_are_configurations() -> None:
    space = explore(bind(escalation(), constants={"D": 8}))
    assert space.contexts < 2000 < space.configurations


# ---- shapes of machines

LONG = Count("n", 0, 4000)


@pytest.mark.parametrize(
    ("transitions", "ranked"),
    [
        # a counter, layered
        ((rule("go", "n < 4000", "n += 1"),), True),
        # one that jumps back late, after a rank was assumed: searched again without
        ((rule("go", "n < 4000", "n += 1"), rule("next", "n == 3000", "n = 0")), False),
        # one that jumps back early: never ranked
        ((rule("go", "n < 4000", "n += 1"), rule("next", "n == 5", "n = 0")), False),
        # two steps of different size have no common gain
        ((rule("go", "n < 4000", "n += 1"), rule("next", "n < 3999", "n += 2")), False),
    ],
)
def test_with_and_without_a_rank(transitions: tuple[Transition, ...], ranked: bool) -> None:
    machine = bound(variables=(LONG,), events=(GO, NEXT), transitions=transitions)
    space = explore(machine)
    assert space.ranked is ranked
    assert size(space) == plain_search(machine)


@pytest.mark.parametrize(
    ("parts"),
    [
        {},
        {
            "variables": (
                Count("n", 2, 2),
                Category("one", ("only",)),
                Quantity("q", "5", "5", "5", "mg"),
            ),
            "events": (GO,),
            "transitions": (rule(when="n == 2 and one == 'only' and q == 5"),),
        },
        {
            "states": (State("open", initial=True),),
            "variables": (Count("n", -3, 3),),
            "events": (GO,),
            "transitions": (rule(when="n < 3", then="n += 1"),),
        },
        {
            "constants": {"k": 1},
            "variables": (Count("n", 0, 3, per="k"), Flag("f", per="k")),
            "events": (GO,),
            "transitions": (
                rule(when="all(n[i] < 3 for i in k)", then="n[1] += 1; f[1] = not f[1]"),
            ),
        },
        {
            "constants": {"k": 3},
            "variables": (Count("i", 1, "k"), Count("a", 1, "k", per="k")),
            "events": (Action("go", x=Whole(1, "k")), NEXT),
            "transitions": (rule(then="a[x] = i"), rule("next", then="i = a[a[i]]; a[i] = a[1]")),
        },
        {
            "constants": {"k": 2, "t": (2, 1, 3)},
            "variables": (Count("i", 1, 3), Count("a", 0, 2, per="k")),
            "events": (GO, NEXT),
            "transitions": (
                rule(when="i < 3 and a[i] < 2", then="a[i] += 1; i = t[i]"),
                rule("next", then="i = t[i]"),
            ),
        },
        {
            "variables": (Clock("c", 5), Clock("d", 2), Flag("f")),
            "events": (GO, END),
            "transitions": (
                rule(when="d >= 2 and not f", then="c = 0; f = True"),
                rule("end", when="c >= 3 and f", target="done"),
            ),
        },
        {
            "variables": (Count("n", 0, 2, saturates=True),),
            "events": (GO, END),
            "transitions": (rule(then="n += 1"), rule("end", when="n >= 2", target="done")),
        },
        {
            "variables": (Quantity("q", "0", "5", "0.5", "mg"),),
            "events": (Action("go", to=Exact("0", "5", "0.5", "mg")),),
            "transitions": (rule(when="to <= q + 0.5", then="q = to"),),
        },
        {
            "variables": (Count("n", 0, 3),),
            "events": (Observation("see", x=Bool, y=OneOf(("a", "b"))),),
            "transitions": (
                rule("see", "x and n < 3", "n += 1"),
                rule("see", "not x and y == 'b'", "n = 0"),
                rule("see", "otherwise", target="done"),
            ),
        },
        {
            "states": (State("open", initial=True), State("run"), State("done", final=True)),
            "events": (GO, END),
            "landmarks": (Landmark("late", "go", days=2),),
            "transitions": (
                rule(target="run"),
                rule("end", "late == 'passed'", target="done", source="run"),
            ),
        },
        {
            "ambiguities": (Ambiguity("A", "?"),),
            "variables": (Flag("f"),),
            "events": (GO, NEXT),
            "transitions": (
                Transition("C", "open", "go", Unspecified("A"), "f"),
                rule("next", "not f", "f = True"),
            ),
        },
    ],
)
def test_small_machines_as_by_the_plain_search(parts: Mapping[str, Any]) -> None:
    machine = bound(**parts)
    space = explore(machine)
    assert size(space) == plain_search(machine)
    kept = explore(machine, remember=True)
    assert size(kept) == size(space)
    assert sum(len(rests) for rests in kept.groups.values()) == space.configurations


@function("where_is")
def _where_is(cells: tuple[int, ...], wanted: int) -> int:
    return next((i for i, v in enumerate(cells, 1) if v == wanted), 0)


def test_functions_read_whole_arrays() -> None:
    machine = bound(
        constants={"k": 3},
        variables=(Count("a", 0, 2, per="k"), Count("found", 0, "k")),
        functions=(
            Function(
                "where_is", (None, Whole(0, 2)), Whole(0, "k"), "result == 0 or a[result] > 0"
            ),
        ),
        events=(Action("go", x=Whole(1, "k")), NEXT),
        transitions=(
            rule(when="a[x] < 2", then="a[x] += 1"),
            rule("next", "where_is(a, 2) > 0", "found = where_is(a, 2)"),
        ),
    )
    space = explore(machine, watch(machine, right="found == 0 or a[found] == 2"))
    assert size(space) == plain_search(machine)
    assert space.violations == {}


@function("two_at_least")
@lru_cache
def _two_at_least(cells: tuple[int, ...]) -> int:
    return int(sum(abs(c) for c in cells) > 1)


def test_a_watched_function_is_called_with_known_values_alone() -> None:
    machine = bound(
        constants={"k": 3},
        variables=(Count("i", 1, "k"), Count("a", 0, 2, per="k")),
        functions=(Function("two_at_least", (None,), Whole(0, 1)),),
        events=(GO, NEXT),
        transitions=(
            rule(when="a[i] < 2", then="a[i] += 1"),
            rule("next", "i < k", "i += 1"),
        ),
    )
    space = explore(machine, watch(machine, few="i < 3 or two_at_least(a) == 0"))
    assert size(space) == plain_search(machine)
    assert space.violations["few"].depth == 4


def test_a_limit_on_configurations_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_module, "MAX_CONFIGURATIONS", 100)
    space = explore(bind(escalation(), constants={"D": 4}))
    assert not space.complete
    assert 100 < space.configurations < 2173


# ---- watched properties


def counting(**more: Any) -> Bound:
    return bound(
        constants={"k": 3},
        variables=(Count("i", 1, "k"), Count("a", 0, 2, per="k"), Flag("x")),
        events=(GO, NEXT),
        transitions=(
            rule(when="a[i] < 2", then="a[i] += 1"),
            rule("next", "i < k", "i += 1"),
        ),
        **more,
    )


def test_violations_are_found_at_their_smallest_depth() -> None:
    machine = counting()
    space = explore(
        machine,
        watch(
            machine,
            start="x",
            one="a[1] < 2",
            third="a[3] < 1",
            never="not x",
            whole="all(a[j] < 2 for j in k)",
            both="a[1] < 2 and a[2] < 2",
            either="a[1] < 2 or a[2] < 2",
            total="sum(a[j] for j in k) < 6",
            index="a[i] < 2",
            undefined="a[i + 1] < 3",
        ),
    )
    assert {name: f.depth for name, f in space.violations.items()} == {
        "start": 0,
        "one": 2,
        "third": 3,
        "whole": 2,
        "both": 2,
        "either": 5,
        "total": 8,
        "index": 2,
        "undefined": 2,
    }
    # one that fails at the start holds the start
    assert space.violations["start"] == Finding(0, machine.initial())
    assert space.violations["total"].configuration == (0, 3, 2, 2, 2, 0)
    assert space.violations["undefined"].configuration == (0, 3, 0, 0, 0, 0)


def test_a_property_that_reads_beyond_what_the_rules_see() -> None:
    # going never reads a[1] once i is 3: the sum must be checked on whole configurations
    machine = counting()
    texts = {
        f"sum {total}": f"sum(a[j] for j in k) != {total} or i < 3 or a[1] > 0"
        for total in range(1, 5)
    }
    space = explore(machine, watch(machine, **texts))
    assert {n: f.depth for n, f in space.violations.items()} == {
        "sum 1": 3,
        "sum 2": 4,
        "sum 3": 5,
        "sum 4": 6,
    }
    for name, finding in space.violations.items():
        assert finding.configuration[2] == 0
        assert sum(finding.configuration[2:5]) == int(name[-1])


def test_a_property_without_a_value_beyond_what_the_rules_see_is_violated() -> None:
    machine = bound(
        constants={"k": 3, "t": (1, 2)},
        variables=(Count("i", 1, "k"), Count("a", 0, 2, per="k")),
        events=(GO, NEXT),
        transitions=(
            rule(when="a[i] < 2", then="a[i] += 1"),
            rule("next", "i < k", "i += 1"),
        ),
    )
    space = explore(machine, watch(machine, table="i < 3 or t[a[1]] > 0"))
    found = space.violations["table"]
    assert (found.depth, found.configuration) == (2, (0, 3, 0, 0, 0))


def test_an_index_that_has_no_value_itself() -> None:
    machine = bound(
        constants={"k": 2, "t": (1, 2)},
        variables=(Count("i", 1, 3), Count("a", 0, 2, per="k")),
        events=(GO, NEXT),
        transitions=(
            rule(when="i < 3 and a[t[i]] < 2", then="a[t[i]] += 1; i += 1"),
            rule("next", "i == 3", "i = 1"),
        ),
    )
    space = explore(machine)
    assert {kind for kind, _ in space.issues} == {"deadlock", "termination"}
    assert size(space) == plain_search(machine)


def test_clocks_are_watched_too() -> None:
    machine = bound(
        variables=(Clock("c", 5), Flag("f")),
        events=(GO,),
        transitions=(rule(when="c >= 3", then="c = 0; f = True"),),
    )
    space = explore(machine, watch(machine, early="c < 4", late="not f or c < 2"))
    assert {n: (f.depth, f.configuration) for n, f in space.violations.items()} == {
        "early": (4, (0, 4, 0)),
        "late": (6, (0, 2, 1)),
    }


# ---- issues


def issues(machine: Bound) -> dict[tuple[str, str], tuple[int, str, tuple[int, ...], str]]:
    space = explore(machine)
    return {key: (f.depth, f.event, f.arguments, f.detail) for key, f in space.issues.items()}


def steps_to(bad: Transition, *more: Transition, **parts: Any) -> Bound:
    """A machine in which a counter must reach 2 before the bad rule can apply."""
    parts = {"variables": (Count("n", 0, 2),), "constants": {"k": 2}, **parts}
    events = parts.pop("events", (GO, Action("bad", x=Whole(0, 3)), END))
    table = (rule(when="n < 2", then="n += 1"), bad, rule("end", target="done"), *more)
    return bound(events=events, transitions=table, **parts)


def test_nothing_wrong() -> None:
    assert issues(steps_to(rule("bad", "n == 2"))) == {}


def test_a_range_that_is_left() -> None:
    machine = steps_to(rule("bad", "n == 2", "n += x"))
    assert issues(machine) == {("range", "n"): (2, "bad", (1,), "C/open-bad gives n the value 3")}


def test_an_index_outside_in_guard_effect_and_possible() -> None:
    cells = (Count("n", 0, 2), Count("a", 0, 3, per="k"))
    for when, then in [
        ("a[n + 1] > 0", ""),
        ("n == 2", "a[n + 1] = 1"),
        ("n == 2", "n = a[n + 1]"),
    ]:
        machine = steps_to(rule("bad", when, then), variables=cells)
        assert issues(machine) == {
            ("definedness", "C/open-bad"): (2, "bad", (0,), "a[3] is outside 1..2")
        }
    machine = steps_to(
        rule("see"), variables=cells, events=(GO, Observation("see", possible="a[n + 1] == 0"), END)
    )
    assert issues(machine) == {
        ("definedness", "possible/see"): (2, "see", (), "a[3] is outside 1..2")
    }
    machine = steps_to(rule("bad", "n == 2", "a[n] = 1; a[2] = 2"), variables=cells)
    assert issues(machine) == {
        ("definedness", "C/open-bad"): (2, "bad", (0,), "C/open-bad writes one cell twice")
    }


def test_two_rules_at_once() -> None:
    machine = steps_to(rule("bad", "n == x"), rule("bad", "n >= 2"), rule("bad", "x > 2"))
    assert issues(machine) == {
        ("determinism", "open/bad"): (
            2,
            "bad",
            (2,),
            "C/open-bad and C/open-bad-2 both apply",
        )
    }


def test_an_observation_that_nothing_answers() -> None:
    see = Observation("see", possible="n > 0", x=Bool)
    machine = steps_to(rule("see", "x or n == 1"), events=(GO, see, END))
    assert issues(machine) == {("totality", "open/see"): (2, "see", (0,), "no rule answers it")}
    # an action needs no answer, an impossible observation neither
    assert issues(steps_to(rule("bad", "False"))) == {}


def test_a_deadlock_and_no_way_to_the_end() -> None:
    states = (State("open", initial=True), State("stuck"), State("done", final=True))
    machine = steps_to(rule("bad", "n == 2", target="stuck"), states=states)
    assert issues(machine) == {
        ("deadlock", "stuck"): (3, "", (), ""),
        ("termination", "final"): (3, "", (), ""),
    }
    # time passing is no event that ends a deadlock
    machine = steps_to(
        rule("bad", "n == 2", target="stuck"),
        states=states,
        variables=(Count("n", 0, 2), Clock("c", 2)),
    )
    assert issues(machine)["deadlock", "stuck"] == (3, "", (), "")
    # an unspecified outcome is an end; a state that only stays is no deadlock
    machine = steps_to(
        rule("bad", "n == 2", target="stuck"),
        Transition("C", "stuck", "go", Unspecified("A")),
        states=states,
        ambiguities=(Ambiguity("A", "?"),),
    )
    assert issues(machine) == {}
    machine = steps_to(rule("bad", "n == 2", target="stuck"), rule(source="stuck"), states=states)
    assert issues(machine) == {("termination", "final"): (3, "", (), "")}


def test_without_a_final_state_no_end_is_asked_for() -> None:
    machine = bound(
        states=(State("open", initial=True),),
        variables=(Count("n", 0, 2),),
        events=(GO,),
        transitions=(rule(when="n < 2", then="n += 1"),),
    )
    assert issues(machine) == {("deadlock", "open"): (2, "", (), "")}


# ---- argument values


def chosen(event: Action, *transitions: Transition, **parts: Any) -> list[tuple[int, ...]]:  # type: ignore[valid-type]
    machine = bound(events=(event,), transitions=transitions, **parts)
    return argument_values(machine, machine.events[0])


def test_few_values_are_all_tried_in_order() -> None:
    assert chosen(Action("go", a=Bool, b=Whole(1, 3))) == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 1),
        (1, 2),
        (1, 3),
    ]
    assert chosen(Action("go", r=OneOf(("x", "y")))) == [(0,), (1,)]


def test_many_values_are_tried_around_the_constants_they_are_compared_with() -> None:
    many = Action("go", x=Whole(0, 1000))
    assert chosen(many) == [(0,), (1000,)]
    assert chosen(many, rule(when="x < 10"), rule(when="500 <= x")) == [
        (0,),
        (9,),
        (10,),
        (11,),
        (499,),
        (500,),
        (501,),
        (1000,),
    ]
    dose = Action("go", x=Exact("0", "100", "0.5", "mg"))
    assert chosen(dose, rule(when="x == 7.5")) == [(0,), (14,), (15,), (16,), (200,)]
    see = Observation("see", possible="x != 0", x=Whole(0, 100))
    assert chosen(see) == [(0,), (1,), (100,)]


@pytest.mark.parametrize(
    ("when", "then"),
    [("x < n", ""), ("True", "n = x"), ("x + 1 < 5", ""), ("True", "a[x] = True")],
)
def test_values_used_in_any_other_way_are_all_tried(when: str, then: str) -> None:
    many = Action("go", x=Whole(1, 70))
    variables = (Count("n", 0, 100), Flag("a", per="k"))
    found = chosen(many, rule(when=when, then=then), variables=variables, constants={"k": 70})
    assert found == [(x,) for x in range(1, 71)]


def test_too_many_combinations_are_refused() -> None:
    many = Action("go", x=Whole(1, 60), y=Whole(1, 60), z=Bool)
    with pytest.raises(SpecError) as caught:
        chosen(many)
    assert str(caught.value) == (
        "event go has 7200 combinations of argument values; at most 4096 are enumerated\n"
        "  narrow the ranges of its arguments"
    )
