"""The library's state machine made from a table, and the automaton, as they are used by hand."""

from __future__ import annotations

import pytest
import transitions
from small import bound
from small import escalation as escalation_protocol
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Clock,
    Count,
    Observation,
    OneOf,
    Quantity,
    State,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.statemachines.automaton import REFUSED, UNSPECIFIED, automaton
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.proof.verify import verify_machine
from trialspec.statemachines.step import Accepted, Defect, Refused, Undecided
from trialspec.statemachines.view import view


def escalation(levels: int) -> Bound:
    return bind(escalation_protocol(), constants={"D": levels})


@pytest.fixture
def dosing() -> Bound:
    return bound(
        states=(State("on", initial=True), State("off", final=True)),
        variables=(
            Quantity("dose", "0", "10", "2.5", "mg", "5"),
            Count("n", 0, 3),
            Count("given", 0, 2, per="size"),
            Clock("rest", 4),
        ),
        constants={"size": 2},
        events=(
            Action("give", slot=Whole(1, "size"), grade=OneOf(("low", "high"))),
            Observation("visit", worse=Bool, possible="n > 0"),
            Action("states"),
        ),
        ambiguities=(Ambiguity("A-1", "?", {"a": ""}, "a"),),
        transitions=(
            Transition(
                "C-1",
                "on",
                "give",
                when="n < 3 and rest >= 1",
                then="n += 1; given[slot] += 1; rest = 0; dose = 2.5 if grade == 'low' else dose",
            ),
            Transition("C-2", "on", "visit", "off", "worse"),
            Transition("C-3", "on", "visit", Unspecified("A-1"), "not worse"),
            Transition("C-4", "on", "states"),
        ),
    )


def test_a_view_is_a_machine_of_the_library(dosing: Bound) -> None:
    machine = view(dosing)
    assert isinstance(machine, transitions.Machine)
    assert machine.state == "on"
    assert machine.is_on()
    assert machine.values == {"dose": "5", "n": 0, "given": [0, 0], "rest": 0}
    assert (machine.dose, machine.given) == ("5", [0, 0])


def test_triggers_answer_truth_and_leave_the_typed_answer(dosing: Bound) -> None:
    machine = view(dosing)
    assert machine.give(slot=2, grade="low") is False
    assert machine.answer == Refused("rest >= 1 is false (rest = 0)", "C-1")
    assert machine.may_give(slot=2, grade="low") is False
    assert machine.elapse(days=3) is True
    assert machine.may_give(slot=2, grade="low") is True
    assert machine.rest == 3
    assert machine.give(slot=2, grade="low") is True
    assert isinstance(machine.answer, Accepted)
    assert machine.answer.clause == "C-1"
    assert machine.values == {"dose": "2.5", "n": 1, "given": [0, 1], "rest": 0}
    assert machine.configuration == (0, 1, 1, 0, 1, 0)


def test_an_unspecified_outcome_changes_nothing(dosing: Bound) -> None:
    machine = view(dosing)
    machine.elapse()
    machine.give(slot=1, grade="high")
    before = machine.configuration
    assert machine.visit(worse=False) is False
    assert machine.answer == Undecided("A-1", "C-3")
    assert machine.configuration == before


def test_what_is_not_possible_or_final_is_refused(dosing: Bound) -> None:
    machine = view(dosing)
    assert machine.visit(worse=True) is False
    assert machine.answer.because == "visit is not possible: n > 0 is false (n = 0)"
    machine.elapse(days=1)
    machine.give(slot=1, grade="high")
    assert machine.visit(worse=True) is True
    assert machine.state == "off"
    assert machine.give(slot=1, grade="high") is False
    assert "final" in machine.answer.because
    assert machine.elapse(days=9) is True
    assert machine.rest == 0


def test_names_the_library_has_taken_are_triggered_by_name(dosing: Bound) -> None:
    machine = view(dosing)
    assert list(machine.states) == ["on", "off"]
    assert machine.trigger("states") is True
    assert machine.answer.clause == "C-4"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"slot": 3, "grade": "low"}, "outside"),
        ({"slot": 1}, "needs the argument 'grade'"),
        ({"slot": 1, "grade": "low", "x": 1}, "no argument 'x'"),
        ({"slot": 1.0, "grade": "low"}, "float"),
    ],
)
def test_bad_arguments_are_errors(dosing: Bound, given: dict[str, object], message: str) -> None:
    machine = view(dosing)
    before = machine.configuration
    with pytest.raises(SpecError, match=message):
        machine.give(**given)
    with pytest.raises(SpecError, match="by name"):
        machine.give(1, "low")
    assert machine.configuration == before


def test_effects_are_simultaneous() -> None:
    machine = view(
        bound(
            variables=(Count("a", 0, 9, 1), Count("b", 0, 9, 2)),
            events=(Action("swap"),),
            transitions=(Transition("C", "open", "swap", then="a = b; b = a"),),
        )
    )
    machine.swap()
    assert machine.values == {"a": 2, "b": 1}


def test_a_defect_of_the_table_is_raised_and_changes_nothing() -> None:
    machine = view(
        bound(
            variables=(Count("a", 0, 1), Count("b", 0, 9)),
            events=(Action("grow"),),
            transitions=(Transition("C", "open", "grow", "done", "True", "b += 1; a += 2"),),
        )
    )
    with pytest.raises(Defect, match="the value 2"):
        machine.grow()
    assert machine.state == "open"
    assert machine.values == {"a": 0, "b": 0}


def overlapping() -> Bound:
    return bound(
        variables=(Count("x", 0, 2),),
        events=(Action("go"),),
        transitions=(
            Transition("A", "open", "go", "done", "x > 0"),
            Transition("B", "open", "go", None, "x < 2", "x += 1"),
        ),
    )


def test_a_machine_with_two_rules_at_once_is_not_built() -> None:
    with pytest.raises(SpecError, match="A/open-go and B/open-go both apply"):
        view(overlapping())


def test_evidence_must_be_about_this_machine_and_prove_it() -> None:
    made = escalation(2)
    report = verify_machine(escalation_protocol(), constants={"D": 2})
    assert view(made, report).state == made.states[0]
    with pytest.raises(SpecError, match="another machine"):
        view(escalation(3), report)


def test_an_open_size_has_nothing_to_run() -> None:
    with pytest.raises(SpecError, match="has no value"):
        view(bind(escalation_protocol(), symbolic="D"))


# ---- the automaton


def test_the_automaton_of_the_escalation() -> None:
    made = escalation(3)
    table = automaton(made)
    assert len(table.configurations) == 753
    assert table.configurations[0] == made.initial()
    enroll = table.symbol("enroll")
    after = table.next(0, enroll)
    assert table.configurations[after][3] == 1
    here = 0
    for _ in range(3):
        here = table.next(here, enroll)
    assert table.next(here, enroll) == REFUSED


def test_unspecified_outcomes_have_codes_of_their_own(dosing: Bound) -> None:
    table = automaton(dosing)
    here = table.next(0, table.symbol("elapse", {"days": 1}))
    here = table.next(here, table.symbol("give", {"slot": 1, "grade": 0}))
    code = table.next(here, table.symbol("visit", {"worse": 0}))
    assert code == UNSPECIFIED
    assert table.ambiguities[UNSPECIFIED - code] == "A-1"


def test_values_of_one_class_have_one_symbol() -> None:
    made = bound(
        variables=(Count("x", 0, 2),),
        events=(Action("lab", value=Whole(0, 1000)),),
        transitions=(
            Transition("A", "open", "lab", "done", "value > 100 and value != 500"),
            Transition("B", "open", "lab", None, "value == 500 and x < 2", "x += 1"),
        ),
    )
    table = automaton(made)
    assert len(table.symbols) == 8
    numbers = [table.symbol("lab", {"value": v}) for v in range(1001)]
    assert len(set(numbers[:99])) == 1
    for value, symbol in enumerate(numbers):
        inside = value > 100 and value != 500
        code = table.next(0, symbol)
        if inside:
            assert table.configurations[code] == (1, 0)
        elif value == 500:
            assert table.configurations[code] == (0, 1)
        else:
            assert code == REFUSED


def test_symbols_that_are_none() -> None:
    table = automaton(escalation(2))
    with pytest.raises(SpecError, match="no symbol for 'nothing'"):
        table.symbol("nothing")
    with pytest.raises(SpecError, match="other arguments"):
        table.symbol("enroll", {"x": 1})
    with pytest.raises(SpecError, match="outside its range"):
        table.symbol("evaluate", {"dlt": 2})
    with pytest.raises(SpecError, match="no symbol for 'elapse'"):
        table.symbol("elapse")


def test_a_table_that_would_be_too_large_is_refused() -> None:
    with pytest.raises(SpecError, match="more than 100 entries"):
        automaton(escalation(3), limit=100)
