"""The smallest machines on which readings once disagreed, or one of them failed."""

from __future__ import annotations

import pytest
from small import bound, protocol
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Node
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Category,
    Clock,
    Count,
    Flag,
    Function,
    Invariant,
    Landmark,
    Lemma,
    Observation,
    Optional,
    Quantity,
    State,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.spec.resolve import Resolver
from trialspec.statemachines.arguments import read_arguments
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.explore import explore
from trialspec.statemachines.functions import function
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.step import Accepted, Refused, step

ONE = (State("only", initial=True),)


def verdicts(**parts: object) -> dict[str, str]:
    report = verify_machine(protocol(**parts))  # type: ignore[arg-type]
    return {r.obligation.id: r.verdict for r in report.results}


def condition(made: Bound, text: str) -> Node:
    return Resolver(made.scope).condition(text, "")


# ---- enumeration


def test_values_with_one_possibility_take_no_bits() -> None:
    made = bound(
        states=ONE,
        variables=(Count("same", 1, 1), Count("n", 0, 2)),
        events=(Action("go"),),
        transitions=(Transition("C", "only", "go", None, "n < 2", "n += same"),),
    )
    space = explore(made)
    assert (space.configurations, space.transitions) == (3, 2)


def test_no_end_is_missing_where_there_is_none() -> None:
    parts = {
        "states": ONE,
        "events": (Action("go"),),
        "transitions": (Transition("C", "only", "go"),),
    }
    assert explore(bound(**parts)).issues == {}
    assert "termination/final" not in verdicts(**parts)


@pytest.mark.parametrize("text", ["2 * n + x >= 0", "3 - n + x >= 0", "f if x > 0 else x == 0"])
def test_watched_properties_may_read_beyond_the_context(text: str) -> None:
    made = bound(
        variables=(Count("x", 0, 3), Count("n", 0, 3, 1), Flag("f", True)),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", None, "x < 3", "x += 1"),),
    )
    assert explore(made, {"p": condition(made, text)}).violations == {}


@pytest.mark.parametrize(
    "text", ["x == 0 and y == 0 or n[x] >= 0", "x > 0 and n[x] == 0 or x == 0"]
)
def test_disjunctions_stop_early_however_they_are_split(text: str) -> None:
    made = bound(
        constants={"size": 2},
        variables=(Count("x", 0, 2), Count("y", 0, 1), Count("n", 0, 1, per="size")),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", "done", "True", "x = 1"),),
    )
    assert explore(made, {"p": condition(made, text)}).violations == {}


def test_a_large_disjunction_of_conjunctions_is_not_multiplied_out() -> None:
    names = [f"f{i}" for i in range(20)]
    made = bound(
        variables=tuple(Flag(n, True) for n in (*names, "g")),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", "done"),),
    )
    text = " or ".join(f"({n} and g)" for n in names)
    assert explore(made, {"p": condition(made, text)}).violations == {}


# ---- induction against enumeration


def test_a_possible_observation_without_a_rule_is_no_deadlock() -> None:
    found = verdicts(
        variables=(Count("x", 0, 2),),
        events=(Observation("o"),),
        transitions=(Transition("C", "open", "o", None, "x < 2", "x += 1"),),
    )
    assert found["totality/open/o"] == "refuted"
    assert found["deadlock/open"] == "proved"
    assert found["termination/final"] == "refuted"


def test_a_variable_is_an_argument_value_only_within_its_range() -> None:
    found = verdicts(
        variables=(Count("v", 0, 5, 5),),
        events=(Action("go", x=Whole(1, 2)),),
        transitions=(Transition("C", "open", "go", "done", "x == v"),),
    )
    assert found["deadlock/open"] == "refuted"


def test_possible_is_not_assumed_where_it_has_no_value() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Count("k", 0, 2), Count("n", 0, 2, per="size")),
        events=(Observation("o", possible="n[k] == 0 and k == 1"),),
        transitions=(Transition("C", "open", "o", "done"),),
    )
    assert found["definedness/possible/o"] == "refuted"


def test_guards_without_a_value_are_a_matter_of_definedness() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Count("k", 0, 2), Count("n", 0, 2, per="size")),
        events=(Observation("o"),),
        transitions=(
            Transition("A", "open", "o", "done", "n[k] == 0"),
            Transition("B", "open", "o", "done", "n[k] > 0"),
        ),
    )
    assert found["definedness/A/open-o"] == found["definedness/B/open-o"] == "refuted"
    assert found["totality/open/o"] == found["deadlock/open"] == "proved"


def test_a_property_without_a_value_is_false_and_not_defined() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Count("k", 0, 2), Count("n", 0, 2, per="size")),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", "done"),),
        invariants=(Invariant("I", "any", "", "n[k] == 0 or n[k] > 0 or n[k] < 0"),),
    )
    assert found["I/any"] == found["definedness/I/any"] == "refuted"


def test_the_level_of_a_guard_is_not_the_level_of_the_goal() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Count("x", 0, 1), Count("n", 0, 1, per="size")),
        events=(Action("put", i=Whole(1, "size")), Action("go")),
        transitions=(
            Transition("A", "open", "put", None, "x == 0 and n[i] == 0", "n[i] = 1"),
            Transition("B", "open", "go", None, "x == 0 and any(n[k] == 1 for k in size)", "x = 1"),
            Transition("C", "open", "put", "done", "x == 1"),
        ),
        invariants=(Invariant("I", "all", "", "implies(x == 1, all(n[k] == 1 for k in size))"),),
    )
    assert found["I/all"] == "refuted"


def test_two_assumptions_have_levels_of_their_own() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Count("x", 0, 1), Count("n", 0, 1, per="size")),
        events=(
            Action("put", i=Whole(1, "size")),
            Observation("o", possible="any(n[k] == 1 for k in size)"),
        ),
        transitions=(
            Transition("A", "open", "put", None, "n[i] == 0", "n[i] = 1"),
            Transition("B", "open", "o", None, "any(n[k] == 0 for k in size)", "x = 1"),
            Transition("C", "open", "o", "done", "otherwise"),
        ),
        invariants=(Invariant("I", "x", "", "x == 0"),),
    )
    assert found["I/x"] == "refuted"


def test_two_rules_that_always_apply_are_never_deterministic() -> None:
    found = verdicts(
        variables=(Count("x", 0, 1),),
        events=(Action("go"),),
        transitions=(
            Transition("A", "open", "go"),
            Transition("B", "open", "go"),
            Transition("C", "open", "go", "done", "x == 1"),
        ),
        invariants=(Invariant("I", "x", "", "x == 0"),),
    )
    assert found["I/x"] == "proved"
    assert found["determinism/open/go"] == "refuted"


def test_a_saturating_count_with_an_open_bound_is_proved_at_its_size_alone() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Count("x", 0, "size", saturates=True), Count("n", 0, 1, per="size")),
        events=(Action("go"),),
        transitions=(Transition("A", "open", "go", None, "True", "x += 1"),),
        invariants=(Invariant("I", "x", "", "x <= 0"),),
    )
    assert found["I/x"] == "refuted"


def test_quantifiers_inside_terms_are_left_to_enumeration() -> None:
    found = verdicts(
        constants={"size": 2},
        variables=(Flag("f"), Count("n", 0, 1, per="size")),
        events=(Action("go"),),
        transitions=(
            Transition(
                "A",
                "open",
                "go",
                "done",
                "f == all(n[k] == 1 for k in size)",
                "f = any(n[k] == 0 for k in size); n[1 if any(n[k] == 0 for k in size) else 2] = 1",
            ),
        ),
        invariants=(Invariant("I", "f", "", "state == 'open' or f"),),
        lemmas=(Lemma("l", "f == any(n[k] == 1 for k in size)"),),
    )
    assert found["I/f"] == "proved"


@function("three")
def three(_: int) -> int:
    return 3


CALLED = {
    "functions": (Function("three", (Whole(0, 9),), Whole(0, 9), "result <= 1"),),
    "constants": {"size": 2},
    "variables": (Count("x", 0, 1), Count("k", 1, 2), Count("n", 0, 1, per="size")),
    "events": (Action("go"),),
}


def test_a_broken_contract_refutes_what_was_proved_by_it() -> None:
    found = verdicts(
        **CALLED,
        transitions=(Transition("A", "open", "go", "done", "n[k] == 0", "x = three(x)"),),
    )
    assert found["definedness/A/open-go"] == "refuted"
    found = verdicts(
        **CALLED,
        transitions=(Transition("A", "open", "go", "done", "True", "x = 1"),),
        invariants=(Invariant("I", "x", "", "three(x) <= 1"),),
    )
    assert found["I/x"] == "refuted"


# ---- the language


def test_a_sum_of_quantities_keeps_their_unit() -> None:
    made = bound(
        constants={"size": 2},
        variables=(Quantity("q", "0", "2", "0.5", "mg", "0.5", per="size"),),
        events=(Action("go"),),
        transitions=(Transition("A", "open", "go", None, "sum(q[k] for k in size) >= 2"),),
    )
    assert isinstance(step(made, made.initial(), "go", {}), Refused)
    assert isinstance(step(made, (0, 2, 2), "go", {}), Accepted)


def test_a_decimal_without_a_quantity_is_an_error() -> None:
    with pytest.raises(SpecError, match=r"0\.5 has nothing to be compared or combined with"):
        bound(
            variables=(Flag("f"),),
            events=(Action("go"),),
            transitions=(Transition("A", "open", "go", None, "f + 0.5 > 1"),),
        )


def test_the_least_of_two_literals_is_a_literal() -> None:
    made = bound(
        variables=(Quantity("q", "0", "2", "0.5", "mg", "0"),),
        events=(Action("go"),),
        transitions=(Transition("A", "open", "go", None, "True", "q = min(2, 1.5)"),),
    )
    answer = step(made, made.initial(), "go", {})
    assert isinstance(answer, Accepted)
    assert answer.configuration == (0, 3)


def test_an_unspecified_outcome_starts_no_landmark() -> None:
    made = bound(
        events=(Observation("dose"),),
        landmarks=(Landmark("late", "dose", months=6),),
        ambiguities=(Ambiguity("A-1", "?", {"a": ""}, "a"),),
        transitions=(Transition("A", "open", "dose", Unspecified("A-1")),),
    )
    assert made.rules[0].effects == ()


# ---- steps


def test_a_definition_that_is_a_label_can_be_explained() -> None:
    made = bound(
        variables=(Category("g", ("low", "high")),),
        definitions={"worst": "'high'"},
        events=(Action("go"),),
        transitions=(Transition("A", "open", "go", None, "g == worst"),),
    )
    answer = step(made, made.initial(), "go", {})
    assert answer == Refused("g == worst is false (g = low, worst = high)", "A")


def test_nothing_is_asked_of_possible_in_a_final_state() -> None:
    made = bound(
        constants={"size": 2},
        variables=(Count("k", 0, 2, 1), Count("n", 0, 2, per="size")),
        events=(Observation("o", possible="n[k] == 0"),),
        transitions=(Transition("A", "open", "o", "done", "True", "k = 0"),),
    )
    ended = (1, 0, 0, 0)
    assert isinstance(step(made, ended, "o", {}), Refused)
    assert Compiled(made).fire["o"](ended) is None


@pytest.mark.parametrize(("default", "message"), [("x + 1", "outside"), ("n[x - 2]", "outside")])
def test_a_default_must_be_in_range_and_have_a_value(default: str, message: str) -> None:
    made = bound(
        constants={"size": 2},
        variables=(Count("x", 0, 2, 2), Count("n", 0, 2, per="size"), Clock("days", 3)),
        events=(Action("go", level=Optional(Whole(1, "size"), default), f=Bool),),
        transitions=(Transition("A", "open", "go"),),
    )
    with pytest.raises(SpecError, match=message):
        read_arguments(made, "go", {"f": True}, made.initial())
