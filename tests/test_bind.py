"""Machine, constants and readings become one bound table, or one clear error."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from small import OPEN_DONE, after, ask, bound, escalation, protocol, values
from trialspec.spec.errors import SpecError
from trialspec.spec.expression import Node
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Argument,
    Bool,
    Category,
    Clock,
    Count,
    Days,
    Event,
    Exact,
    Flag,
    Function,
    Invariant,
    Landmark,
    Lemma,
    Machine,
    Observation,
    Optional,
    Protocol,
    Quantity,
    State,
    Transition,
    Unspecified,
    Variable,
    Whole,
)
from trialspec.spec.readings import parse_readings, profile, resolve_readings
from trialspec.statemachines.bind import bind, sizes
from trialspec.statemachines.step import Accepted, Refused, Undecided

GO = Action("go")


def rule(
    when: str = "True", then: str = "", target: str | Unspecified | None = None, **more: Any
) -> Transition:
    """A rule of clause C-1 for go in open."""
    return Transition("C-1", "open", "go", target, when, then, **more)


def error(**parts: Any) -> str:
    """The error of a machine that can't be bound."""
    with pytest.raises(SpecError) as caught:
        bound(**parts)
    return str(caught.value)


# ---- names


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"states": (State("open"), State("done", final=True))},
            "machine trial: exactly one state must be initial",
        ),
        (
            {"states": (State("open", initial=True), State("shut", initial=True))},
            "machine trial: exactly one state must be initial",
        ),
        (
            {"states": (State("open", initial=True), State("open"))},
            "machine trial: two states are called 'open'",
        ),
        (
            {"states": (State("Open", initial=True),)},
            "machine trial: 'Open' is not a lower-case identifier",
        ),
        (
            {"states": (State("first three", initial=True),)},
            "machine trial: 'first three' is not a lower-case identifier",
        ),
        ({"events": (GO, GO)}, "machine trial: two events are called 'go'"),
        ({"events": (Action("Go"),)}, "machine trial: 'Go' is not a lower-case identifier"),
        (
            {"events": (Action("elapse"),)},
            "machine trial: 'elapse' is built in; choose another name",
        ),
        ({"events": (Action("state"),)}, "machine trial: 'state' is built in; choose another name"),
        (
            {"variables": (Flag("a"), Count("a", 0, 1))},
            "machine trial: two names are called 'a'",
        ),
        (
            {"variables": (Flag("a"),), "constants": {"a": 1}},
            "machine trial: two names are called 'a'",
        ),
        (
            {"variables": (Flag("a"),), "definitions": {"a": "True"}},
            "machine trial: two names are called 'a'",
        ),
        ({"variables": (Flag("state"),)}, "machine trial: two names are called 'state'"),
        (
            {"events": (GO,), "variables": (Flag("late"),), "landmarks": (Landmark("late", "go"),)},
            "machine trial: two names are called 'late'",
        ),
        ({"constants": {"a b": 1}}, "machine trial: 'a b' is not a lower-case identifier"),
        (
            {"invariants": (Invariant("C", "i", "", "True"), Invariant("C", "i", "", "True"))},
            "machine trial: two invariants are called 'C/i'",
        ),
        (
            {"lemmas": (Lemma("a", "True"), Lemma("a", "True"))},
            "machine trial: two lemmas are called 'a'",
        ),
        (
            {"functions": (Function("f", (), Bool), Function("f", (), Bool))},
            "machine trial: two functions are called 'f'",
        ),
        (
            {"ambiguities": (Ambiguity("A", "?"), Ambiguity("A", "?"))},
            "machine trial: two ambiguities are called 'A'",
        ),
        (
            {"events": (GO,), "transitions": (rule(target="shut"),)},
            "machine trial: C-1 (open on go): there is no state 'shut'",
        ),
        (
            {"events": (GO,), "transitions": (Transition("C-1", ("open", "shut"), "go"),)},
            "machine trial: C-1 (open, shut on go): there is no state 'shut'",
        ),
        ({"transitions": (rule(),)}, "machine trial: C-1 (open on go): there is no event 'go'"),
        (
            {"events": (GO,), "transitions": (rule(target=Unspecified("A-9")),)},
            "machine trial: C-1 (open on go): there is no ambiguity 'A-9'",
        ),
        (
            {"landmarks": (Landmark("late", "start"),)},
            "machine trial: landmark late: there is no event 'start'",
        ),
        (
            {"events": (GO,), "transitions": (Transition("C-1", "done", "go"),)},
            "machine trial: C-1: state 'done' is final and accepts nothing",
        ),
        (
            {"events": (Event("go", False, (Argument("x", Bool), Argument("x", Bool))),)},
            "machine trial: event go: two arguments are called 'x'",
        ),
        (
            {"events": (Action("go", x=Days(3)),)},
            "machine trial: event go: an argument can't be a clock",
        ),
    ],
)
def test_names_that_do_not_fit(parts: Mapping[str, Any], message: str) -> None:
    assert error(**parts).splitlines()[0] == message


def test_a_machine_that_the_protocol_does_not_have() -> None:
    with pytest.raises(SpecError) as caught:
        bind(protocol(), "subject")
    assert str(caught.value) == "small has no machine 'subject'\n  it has: trial"


# ---- ranges


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        (Count("n", 3, 1), "variable n: the range 3..1 is empty"),
        (Count("n", 0, "k"), "variable n: unknown name 'k'"),
        (Count("n", 1, 3, initial=4), "variable n: initial value 4 is outside its range"),
        (
            Count("n", 1, 3, initial="True"),
            "variable n: a number is needed here, this is a truth value",
        ),
        (Clock("c", -1), "variable c: initial value 0 is outside its range"),
        (Quantity("q", "5", "1", "1", "mg"), "variable q: the range 5..1 is empty"),
        (
            Quantity("q", "0", "5", "2", "mg"),
            "variable q: 5 is not a whole number of steps of 2 mg",
        ),
        (
            Quantity("q", "0", "4", "2", "mg", "3"),
            "variable q: 3 is not a whole number of steps of 2 mg",
        ),
        (Category("s", ("a", "b"), "c"), "variable s: 'c' is not one of a, b"),
        (Category("s", ("a", "a")), "variable s: a category needs labels, each once"),
        (Variable("f", Bool, "2"), "variable f: a truth value is needed here, this is a number"),
        (
            Count("n", 0, 1, per="k"),
            "variable n: 'k' must be a constant, a whole number from 1 to 5000",
        ),
        (
            Count("n", 0, 1, per="no"),
            "variable n: 'no' must be a constant, a whole number from 1 to 5000",
        ),
        (
            Count("n", 0, 1, per="zero"),
            "variable n: 'zero' must be a constant, a whole number from 1 to 5000",
        ),
        (Count("n", 0, 1, per="many"), "variable n: more than 5000 values in a configuration"),
    ],
)
def test_ranges_that_do_not_fit(variable: Variable, message: str) -> None:
    constants = {"zero": 0, "no": True, "many": 5000}
    found = error(variables=(variable,), constants=constants)
    assert found.splitlines()[0] == f"machine trial: {message}"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Whole(2, 1), "the range 2..1 is empty"),
        (Exact("2", "1", "1", "mg"), "the range 2..1 is empty"),
        (Whole(0, "n"), "unknown name 'n'"),
    ],
)
def test_ranges_of_arguments_that_do_not_fit(kind: Any, message: str) -> None:
    found = error(events=(Action("go", x=kind),), variables=(Count("n", 0, 1),))
    assert found.splitlines()[0] == f"machine trial: event go: argument x: {message}"


def test_floats_are_refused_for_exact_quantities() -> None:
    with pytest.raises(SpecError) as caught:
        Quantity("q", "0", 5.0, "1", "mg")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "quantity in mg: the high of a quantity must be a decimal written as text, not float 5.0\n"
        '  write "5.0"'
    )
    assert error(constants={"d": 1.5}) == (
        "constant d is 1.5, a float\n  write a decimal as Decimal with a text"
    )


@pytest.mark.parametrize("step", ["0", "-1", "x", "1e3", "1" * 30, "NaN", "", "1_0", "٣"])
def test_steps_are_plain_positive_decimals(step: str) -> None:
    with pytest.raises(
        SpecError, match=r"^quantity in mg: the step of a quantity is .* not a positive"
    ):
        Quantity("q", "0", "5", step, "mg")


# ---- constants


def test_constants_can_be_set_to_values_of_their_own_kind() -> None:
    parts: dict[str, Any] = {
        "constants": {"k": 2, "on": True, "best": "CR", "d": Decimal("2.5"), "t": (1, 2)},
        "variables": (Count("n", 0, "k"), Quantity("q", "0", "10", "0.5", "mg", per="k")),
    }
    machine = bound(**parts, given={"k": 3, "d": 2, "t": (1, 2, 3)})
    assert machine.constants == {"k": 3, "on": True, "best": "CR", "d": Decimal(2), "t": (1, 2, 3)}
    assert [f.cells for f in machine.fields] == [1, 3]
    assert machine.tables == {"t": (1, 2, 3)}
    for given, message in [
        ({"x": 1}, "machine trial has no constant 'x'\n  its constants: k, on, best, d, t"),
        ({"k": "3"}, "constant k is 2; '3' is of another kind"),
        ({"k": True}, "constant k is 2; True is of another kind"),
        ({"on": 1}, "constant on is True; 1 is of another kind"),
        ({"d": Decimal("NaN")}, "constant d can't be NaN"),
        ({"d": Decimal("-Infinity")}, "constant d can't be -Infinity"),
        ({"t": 1}, "constant t is (1, 2); 1 is of another kind"),
    ]:
        assert error(**parts, given=given) == message
    assert error(given={"x": 1}) == "machine trial has no constant 'x'\n  its constants: none"


def test_a_constant_sizes_every_array_and_range() -> None:
    machine = bind(escalation(), constants={"D": 7})
    assert machine.width == 1 + 3 + 7 + 7
    assert values(machine, machine.initial()) == {
        "state": "escalating",
        "cur": 1,
        "tox": 8,
        "pend": 0,
        "n": [0] * 7,
        "d": [0] * 7,
    }
    with pytest.raises(SpecError, match=r"the range 1..0 is empty"):
        bind(escalation(), constants={"D": 0})


def test_a_symbolic_size_stays_open() -> None:
    assert sizes(escalation().machine("trial")) == ("D",)
    machine = bind(escalation(), symbolic="D")
    field = machine.by_name["n"]
    assert (field.size, machine.by_name["cur"].high) == (Node("size", "D"), Node("size", "D"))
    assert str(machine.by_name["tox"].initial) == "D + 1"
    assert machine.symbolic == "D"
    found = error(constants={"D": "no"}, events=(GO,), transitions=(rule("all(True for k in D)"),))
    assert found.splitlines()[0] == (
        "C-1 (open on go): 'D' is not a whole-number constant to range over"
    )


# ---- rules


def test_rules_are_numbered_and_named_by_clause_state_and_event() -> None:
    machine = bound(
        states=(State("open", initial=True), State("held"), State("done", final=True)),
        variables=(Count("n", 0, 3),),
        events=(GO,),
        transitions=(
            Transition("C-1", ("open", "held"), "go", None, "n < 2", "n += 1"),
            Transition("C-1", "open", "go", "done", "n == 2"),
            Transition("C-2", "open", "go", "held", "n == 3"),
        ),
    )
    assert [(r.number, r.name, r.target) for r in machine.rules] == [
        (0, "C-1/open-go", 0),
        (1, "C-1/open-go-2", 2),
        (2, "C-2/open-go", 1),
        (3, "C-1/held-go", 1),
    ]
    assert machine.rules[0].text == "n < 2 / n += 1"
    assert [r.number for r in machine.rules_of[0, "go"]] == [0, 1, 2]


def test_a_rule_that_can_never_apply_is_left_out() -> None:
    machine = bound(
        constants={"on": False},
        events=(GO,),
        transitions=(rule("on", target="done"), rule("not on")),
    )
    assert [str(r.guard) for r in machine.rules] == ["True"]


def test_otherwise_is_the_rest_whatever_the_order() -> None:
    table = (rule("otherwise", target="done"), rule("n < 1"), rule("n > 2 and n < 4"))
    machine = bound(variables=(Count("n", 0, 9),), events=(GO,), transitions=table)
    last = machine.rules[-1]
    assert str(last.guard) == "not (n < 1 or n > 2 and n < 4)"
    assert [p.text for p in last.parts] == ["otherwise"]
    assert last.target == 1
    assert (
        error(
            events=(GO,),
            transitions=(rule("otherwise"), Transition("C-2", "open", "go", when="otherwise")),
        )
        == "machine trial: C-2: two rules for 'go' in 'open' say otherwise"
    )


def test_otherwise_may_have_requirements_of_its_own() -> None:
    machine = bound(
        variables=(Count("n", 0, 9),),
        events=(GO,),
        transitions=(
            rule("n < 1 and n + 1 < 2"),
            rule("otherwise", requires=(("C-5", "n < 5"),)),
        ),
    )
    assert str(machine.rules[1].guard) == "n < 5 and not (n < 1 and n + 1 < 2)"
    config = (0, 6)
    assert ask(machine, config, "go") == Refused("n < 5 is false (n = 6)", "C-5")


def test_requirements_come_first_and_cite_their_own_clauses() -> None:
    machine = bound(
        variables=(Flag("consent"), Count("n", 0, 9)),
        events=(GO,),
        transitions=(rule("n < 5", requires=(("C-8", "consent"), ("C-9", "n != 3"))),),
    )
    assert [(p.clause, p.text) for p in machine.rules[0].parts] == [
        ("C-8", "consent"),
        ("C-9", "n != 3"),
        ("C-1", "n < 5"),
    ]
    assert str(machine.rules[0].guard) == "consent and n != 3 and n < 5"


@pytest.mark.parametrize(
    ("then", "cell"),
    [
        ("n = 1; n = 2", "n"),
        ("n += 1; n -= 1", "n"),
        ("a[1] = 1; a[1] = 2", "a[1]"),
        ("a[n] = 1; a[n] += 2", "a[n]"),
    ],
)
def test_one_rule_writes_a_cell_once(then: str, cell: str) -> None:
    found = error(
        constants={"k": 3},
        variables=(Count("n", 1, 3), Count("a", 0, 3, per="k")),
        events=(GO,),
        transitions=(rule(then=then),),
    )
    assert found == (
        f"C-1 (open on go): {cell} is written twice by one rule\n  effects are simultaneous"
    )


def test_a_landmark_can_not_be_written_by_the_event_that_starts_it() -> None:
    found = error(
        events=(GO,),
        landmarks=(Landmark("late", "go", days=3),),
        transitions=(rule(then="late = 'passed'"),),
    )
    assert found.startswith("C-1 (open on go): late is written twice by one rule")


def test_an_unspecified_outcome_has_no_effects() -> None:
    found = error(
        variables=(Count("n", 0, 3),),
        ambiguities=(Ambiguity("A-1", "?"),),
        events=(GO,),
        transitions=(rule(then="n += 1", target=Unspecified("A-1")),),
    )
    assert found == "C-1 (open on go): an unspecified outcome has no effects"


def test_a_clock_is_a_field_that_time_advances() -> None:
    machine = bound(constants={"h": 5}, variables=(Clock("c", "h"), Count("n", 0, 2)))
    assert [f.name for f in machine.clocks] == ["c"]
    assert ask(machine, (0, 3, 1), "elapse", days=9) == Accepted((0, 5, 1), "", None)
    assert ask(machine, (1, 3, 1), "elapse", days=9) == Accepted((1, 3, 1), "", None)


def test_defaults_of_arguments_are_checked_against_their_kind() -> None:
    machine = bound(
        variables=(Count("n", 1, 3),),
        events=(Action("go", level=Optional(Whole(1, 3), "n + 1")),),
        transitions=(rule("event.level == n + 1"),),
    )
    assert isinstance(ask(machine, (0, 2), "go"), Accepted)
    assert isinstance(ask(machine, (0, 2), "go", level=1), Refused)
    with pytest.raises(SpecError, match=r"^level is 4 by default, outside its range$"):
        ask(machine, (0, 3), "go")
    found = error(events=(Action("go", level=Optional(Whole(1, 3), "True")),))
    assert found.splitlines()[0] == (
        "machine trial: event go: a number is needed here, this is a truth value"
    )


def test_a_contract_calls_no_functions() -> None:
    found = error(functions=(Function("f", (), Bool, "f() == result"),))
    assert found == (
        "function f: ensures: unknown function 'f'\n  f() == result\n  ^\n"
        "  known: min, max, implies"
    )


# ---- landmarks

FOLLOWED = (State("open", initial=True), State("run"), State("done", final=True))


def test_a_landmark_is_a_variable_and_an_observation() -> None:
    machine = bound(
        states=FOLLOWED,
        events=(GO, Action("end")),
        landmarks=(Landmark("month_3", "go", months=3),),
        transitions=(
            rule(target="run"),
            Transition("C-2", "run", "go"),
            Transition("C-3", "run", "end", "done", "month_3 == 'passed'"),
        ),
    )
    assert values(machine, machine.initial()) == {"state": "open", "month_3": "waiting"}
    assert ask(machine, machine.initial(), "month_3") == Refused(
        "month_3 is not possible: month_3 == 'running' is false (month_3 = waiting)", ""
    )
    running = after(machine, "go")
    assert values(machine, running) == {"state": "run", "month_3": "running"}
    # the first acceptance starts it, later ones don't
    assert values(machine, after(machine, "go", "month_3", "go"))["month_3"] == "passed"
    assert ask(machine, running, "end") == Refused(
        "month_3 == 'passed' is false (month_3 = running)", "C-3"
    )
    assert values(machine, after(machine, "go", "month_3", "end"))["state"] == "done"


def test_a_landmark_can_start_with_the_first_of_several_events() -> None:
    machine = bound(
        states=FOLLOWED,
        events=(GO, Action("leave")),
        landmarks=(Landmark("late", ("go", "leave"), days=10),),
        transitions=(
            Transition("C-1", "open", "go"),
            Transition("C-2", "open", "leave", "run"),
            Transition("C-3", "run", "late", "done"),
        ),
    )
    assert values(machine, after(machine, "leave"))["late"] == "running"
    assert values(machine, after(machine, "go", "leave", "late"))["late"] == "passed"


def test_a_landmark_starts_with_an_event() -> None:
    with pytest.raises(SpecError, match="late: a landmark needs an event that starts it"):
        Landmark("late", ())


def test_a_landmark_may_have_rules_and_the_rest_is_added() -> None:
    parts: dict[str, Any] = {
        "states": FOLLOWED,
        "events": (GO,),
        "variables": (Flag("held"),),
        "landmarks": (Landmark("late", "go", days=10),),
    }
    rules = (rule(target="run"), Transition("C-4", "run", "late", "done", "not held"))
    machine = bound(**parts, transitions=rules)
    assert [(r.name, str(r.guard)) for r in machine.rules if r.event == "late"] == [
        ("built-in/open-late", "True"),
        ("C-4/run-late", "not held"),
        ("built-in/run-late", "held"),
    ]
    assert values(machine, after(machine, "go", "late")) == {
        "state": "done",
        "held": False,
        "late": "passed",
    }


def test_a_landmark_whose_rules_say_otherwise_gets_no_more() -> None:
    machine = bound(
        states=FOLLOWED,
        events=(GO,),
        variables=(Flag("held"),),
        landmarks=(Landmark("late", "go", days=10),),
        transitions=(
            rule(target="run"),
            Transition("C-4", "run", "late", "done", "not held"),
            Transition("C-5", "run", "late", None, "otherwise"),
        ),
    )
    assert [(r.name, str(r.guard)) for r in machine.rules if r.event == "late"] == [
        ("built-in/open-late", "True"),
        ("C-4/run-late", "not held"),
        ("C-5/run-late", "held"),
    ]


# ---- readings

A1 = Ambiguity(
    "P-A1", "?", {"open": "it opens", "close": "it closes"}, "open", literal="silent", gap=True
)
A2 = Ambiguity("P-A2", "?", {"yes": "", "no": ""}, "no")
NOTE = Ambiguity("P-A3", "?", kind="note")
GAP = Ambiguity("P-A4", "?", {"low": "", "high": ""}, "low", literal="silent", gap=True)


def test_profiles_and_names_of_readings() -> None:
    whole = protocol(ambiguities=(A1, A2, NOTE))
    assert profile(whole, "default") == {"P-A1": "open", "P-A2": "no"}
    assert profile(whole, "literal") == {"P-A1": "silent", "P-A2": "no"}
    assert profile(whole, "strict") == {"P-A1": "unspecified", "P-A2": "no"}
    for options, expected in [
        ([], {"P-A1": "open", "P-A2": "no"}),
        (["P-A1=b"], {"P-A1": "close", "P-A2": "no"}),
        (["P-A1=B", "P-A2=a"], {"P-A1": "close", "P-A2": "yes"}),
        (["P-A2=yes", "P-A2=b"], {"P-A1": "open", "P-A2": "no"}),
        (["P-A2=yes", "strict"], {"P-A1": "unspecified", "P-A2": "no"}),
        (["strict", "P-A1=silent"], {"P-A1": "silent", "P-A2": "no"}),
    ]:
        assert parse_readings(whole, options) == expected
    assert resolve_readings(whole, {"P-A1": "b"}) == {"P-A1": "close", "P-A2": "no"}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("lax", "unknown profile 'lax'\n  profiles: default, literal, strict"),
        ("P-A9=a", "small has no ambiguity 'P-A9'\n  spec-check show small lists them"),
        ("P-A3=a", "P-A3 is a note: there is nothing to choose"),
        (
            "P-A1=c",
            "P-A1 has no reading 'c'\n  its readings: a (open), b (close), silent, unspecified",
        ),
        ("P-A2=silent", "P-A2 has no reading 'silent'\n  its readings: a (yes), b (no)"),
        ("P-A2=", "P-A2 has no reading ''\n  its readings: a (yes), b (no)"),
    ],
)
def test_readings_that_there_are_not(option: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_readings(protocol(ambiguities=(A1, A2, NOTE)), [option])
    assert str(caught.value) == message


def _gap(
    *more: Transition,
    readings: Mapping[str, str],
    ambiguities: tuple[Ambiguity, ...] = (A1, A2, GAP),
) -> Any:
    return bound(
        variables=(Count("n", 0, 5),),
        ambiguities=ambiguities,
        events=(Observation("go", x=Bool),),
        transitions=(
            rule("n < 2", "n += 1"),
            Transition("C-2", "open", "go", None, "n == 2 and x and P_A1 == 'open'"),
            Transition("C-2", "open", "go", "done", "n == 2 and x and P_A1 == 'close'"),
            *more,
        ),
        readings=readings,
    )


def test_each_reading_of_a_gap_and_the_two_that_add_no_rule() -> None:
    config = (0, 2)
    assert ask(_gap(readings={}), config, "go", x=True) == Accepted(
        (0, 2), "C-2", _gap(readings={}).rules[1]
    )
    closed = ask(_gap(readings={"P-A1": "close"}), config, "go", x=True)
    assert isinstance(closed, Accepted)
    assert closed.configuration == (1, 2)
    assert ask(_gap(readings={"P-A1": "silent"}), config, "go", x=True) == Refused(
        "n < 2 is false (n = 2)", "C-1"
    )
    strict = _gap(readings={"P-A1": "unspecified"})
    assert ask(strict, config, "go", x=True) == Undecided("P-A1", "P-A1")
    # elsewhere nothing is decided by any reading, and nothing changes
    assert isinstance(ask(strict, config, "go", x=False), Refused)
    assert isinstance(ask(strict, (0, 1), "go", x=True), Accepted)
    outcome = strict.rules[-1]
    assert outcome.target == Unspecified("P-A1")
    assert (outcome.clause, outcome.text) == ("P-A1", "a reading of P-A1 decides here")
    assert str(outcome.guard) == "n >= 2 and n == 2 and event.x"


def test_a_gap_named_through_a_definition_is_found() -> None:
    machine = bound(
        definitions={"closing": "P_A1 == 'close' and n > 1", "deep": "closing or n > 4"},
        variables=(Count("n", 0, 5),),
        ambiguities=(A1,),
        events=(GO,),
        transitions=(rule("deep", target="done"), rule("n == 0")),
        readings={"P-A1": "unspecified"},
    )
    assert ask(machine, (0, 2), "go") == Undecided("P-A1", "P-A1")
    assert isinstance(ask(machine, (0, 5), "go"), Accepted)
    assert isinstance(ask(machine, (0, 1), "go"), Refused)


def test_two_gaps_at_once_are_answered_by_the_first_declared() -> None:
    more = (
        Transition("C-3", "open", "go", None, "n >= 2 and P_A4 == 'low' and P_A1 == 'close'"),
        Transition("C-3", "open", "go", "done", "n >= 2 and P_A4 == 'high' and x"),
    )
    both = {"P-A1": "unspecified", "P-A4": "unspecified"}
    machine = _gap(*more, readings=both)
    # at n = 2 either gap may act: the first declared is named; at n = 3 both can, by C-3
    assert ask(machine, (0, 2), "go", x=True) == Undecided("P-A1", "P-A1")
    assert ask(machine, (0, 3), "go", x=False) == Undecided("P-A1", "P-A1")
    assert ask(machine, (0, 3), "go", x=True) == Undecided("P-A1", "P-A1")
    turned = _gap(*more, readings=both, ambiguities=(GAP, A2, A1))
    assert ask(turned, (0, 2), "go", x=True) == Undecided("P-A4", "P-A4")
    # with one of them decided, only what the other would still do is open
    low = _gap(*more, readings={"P-A1": "open", "P-A4": "unspecified"})
    assert isinstance(ask(low, (0, 3), "go", x=False), Refused)
    assert ask(low, (0, 3), "go", x=True) == Undecided("P-A4", "P-A4")
    # where a rule without a gap answers already, nothing is open
    assert isinstance(ask(machine, (0, 0), "go", x=True), Accepted)


def test_a_rule_may_answer_unspecified_by_itself() -> None:
    machine = bound(
        variables=(Count("n", 0, 5),),
        ambiguities=(A2,),
        events=(GO,),
        transitions=(rule("n < 3"), rule("otherwise", target=Unspecified("P-A2"))),
    )
    assert ask(machine, (0, 4), "go") == Undecided("P-A2", "C-1")


def test_two_bindings_of_one_machine_are_equal() -> None:
    assert bind(escalation()) == bind(escalation())
    assert bind(escalation(), constants={"D": 3}) != bind(escalation())


def test_the_machine_is_found_by_its_name() -> None:
    two = Protocol(
        "two", "", (Machine("trial", OPEN_DONE, (), ()), Machine("subject", OPEN_DONE, (GO,), ()))
    )
    assert [e.name for e in bind(two, "subject").events] == ["go"]
