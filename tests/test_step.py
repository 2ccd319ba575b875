"""The reference step: accepted, refused with the reason and the numbers, or unspecified."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import OPEN_DONE, after, ask, bound, escalation, values
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Bool,
    Category,
    Clock,
    Count,
    Flag,
    Function,
    Observation,
    OneOf,
    Optional,
    Quantity,
    State,
    Transition,
    Unspecified,
    Whole,
)
from trialspec.spec.model import Exact as Dose
from trialspec.statemachines import functions
from trialspec.statemachines.arguments import read_arguments
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.compile import Compiled
from trialspec.statemachines.evaluate import Undefined
from trialspec.statemachines.functions import function
from trialspec.statemachines.step import (
    Accepted,
    Defect,
    Refused,
    Undecided,
    describe,
    observe,
    show_arguments,
    step,
)

EXAMPLE: dict[str, Any] = {
    "states": (
        State("open", initial=True),
        State("held"),
        State("done", final=True),
    ),
    "constants": {"levels": 3, "cap": 6, "least": (3, 3, 6)},
    "variables": (
        Count("level", 1, "levels"),
        Count("treated", 0, "cap", per="levels"),
        Count("pending", 0, 3),
        Flag("consent"),
        Category("best", ("none", "PR", "CR")),
        Quantity("dose", "0", "20", "2.5", "mg"),
    ),
    "definitions": {"room": "cap - treated[level]", "full": "treated[level] == cap"},
    "events": (
        Action("register", level=Whole(1, "levels")),
        Observation("evaluate", possible="pending > 0", dlt=Bool),
        Action("give", amount=Dose("0", "20", "2.5", "mg"), route=OneOf(("iv", "oral"))),
        Action("finish"),
        Action("swap"),
        Observation("relapse"),
    ),
    "transitions": (
        Transition(
            "C-1",
            "open",
            "register",
            None,
            "event.level == level and treated[level] + pending < cap",
            "pending += 1",
            requires=(("C-9", "consent"),),
        ),
        Transition("C-2", "open", "evaluate", None, "dlt", "pending -= 1; treated[level] += 1"),
        Transition("C-3", "open", "evaluate", "held", "not dlt", "pending -= 1"),
        Transition("C-4", ("open", "held"), "give", None, "amount <= 10", "dose = amount"),
        Transition(
            "C-5", "held", "finish", "done", "room < 3 and any(treated[k] == cap for k in levels)"
        ),
        Transition(
            "C-6", "held", "finish", "done", "least[level] == 3 and best != 'none' and full"
        ),
        Transition("C-7", "open", "swap", None, "True", "level = pending; pending = level"),
        Transition("C-8", ("open", "held"), "relapse", Unspecified("C-A1"), "consent"),
        Transition("C-8", ("open", "held"), "relapse", "done", "otherwise"),
    ),
    "ambiguities": (Ambiguity("C-A1", "?"),),
}
MACHINE = bound(**EXAMPLE)


def at(**changes: object) -> tuple[int, ...]:
    """The configuration with some places set, by name or by name and index."""
    places = {"state": 0, "level": 1, "treated1": 2, "treated2": 3, "treated3": 4, "pending": 5}
    places |= {"consent": 6, "best": 7, "dose": 8}
    found = list(MACHINE.initial())
    for name, value in changes.items():
        found[places[name]] = int(value)  # type: ignore[call-overload]
    return tuple(found)


def test_accepted_with_the_clause_and_all_effects_at_once() -> None:
    answer = ask(MACHINE, at(consent=1), "register", level=1)
    assert answer == Accepted(at(consent=1, pending=1), "C-1", MACHINE.rules[0])
    answer = ask(MACHINE, at(pending=2, level=2), "evaluate", dlt="yes")
    assert isinstance(answer, Accepted)
    assert (answer.configuration, answer.clause) == (at(pending=1, level=2, treated2=1), "C-2")
    # right-hand sides and indices read the old configuration
    answer = ask(MACHINE, at(pending=3, level=1), "swap")
    assert isinstance(answer, Accepted)
    assert answer.configuration == at(pending=1, level=3)


@pytest.mark.parametrize(
    ("changes", "event", "arguments", "because", "clause"),
    [
        ({}, "register", {"level": 1}, "consent is false (consent = False)", "C-9"),
        (
            {"consent": 1},
            "register",
            {"level": 2},
            "event.level == level is false (register.level = 2, level = 1)",
            "C-1",
        ),
        (
            {"consent": 1, "treated1": 5, "pending": 1},
            "register",
            {"level": 1},
            "treated[level] + pending < cap is false (treated[1] = 5, pending = 1)",
            "C-1",
        ),
        (
            {},
            "evaluate",
            {"dlt": 0},
            "evaluate is not possible: pending > 0 is false (pending = 0)",
            "C-2",
        ),
        (
            {"pending": 1, "state": 1},
            "evaluate",
            {"dlt": 0},
            "the state is held; evaluate needs the state open",
            "C-2",
        ),
        (
            {},
            "finish",
            {},
            "the state is open; finish needs the state held",
            "C-5",
        ),
        (
            {},
            "give",
            {"amount": "12.5", "route": "iv"},
            "amount <= 10 is false (amount = 12.5)",
            "C-4",
        ),
        # of several rules the one with the fewest failing conditions, then the first
        (
            {"state": 1, "treated1": 4},
            "finish",
            {},
            "any(treated[k] == cap for k in levels) is false (treated = [4, 0, 0])",
            "C-5",
        ),
        ({"state": 1, "treated2": 6}, "finish", {}, "room < 3 is false (room = 6)", "C-5"),
        (
            {"state": 1, "treated2": 6, "level": 2},
            "finish",
            {},
            None,
            None,
        ),
        (
            {"state": 1, "treated2": 2, "best": 1},
            "finish",
            {},
            "full is false (treated[1] = 0)",
            "C-6",
        ),
        (
            {"state": 1, "level": 3, "best": 1, "treated3": 6},
            "swap",
            {},
            "the state is held; swap needs the state open",
            "C-7",
        ),
        ({"state": 2}, "finish", {}, "the state done is final and accepts nothing", "C-5"),
        (
            {"state": 2},
            "evaluate",
            {"dlt": 1},
            "the state done is final and accepts nothing",
            "C-2",
        ),
    ],
)
def test_refused_with_the_failing_condition_its_numbers_and_its_clause(
    changes: dict[str, int],
    event: str,
    arguments: dict[str, object],
    because: str | None,
    clause: str | None,
) -> None:
    answer = ask(MACHINE, at(**changes), event, **arguments)
    if because is None:
        assert isinstance(answer, Accepted)
    else:
        assert answer == Refused(because, clause or "")


def test_a_table_in_a_reason() -> None:
    machine = bound(
        constants={"least": (3, 6)},
        variables=(Count("n", 1, 2), Flag("ok")),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", when="least[n] == 3 and ok"),),
    )
    assert ask(machine, (0, 2, 1), "go") == Refused("least[n] == 3 is false (n = 2)", "C")


def test_a_reading_in_a_reason_adds_no_numbers() -> None:
    machine = bound(
        ambiguities=(Ambiguity("C-A1", "?", {"a": "", "b": ""}, "a"),),
        variables=(Flag("ok"),),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", when="ok or C_A1 == 'b'"),),
    )
    assert ask(machine, (0, 0), "go") == Refused("ok or C_A1 == 'b' is false (ok = False)", "C")


def test_an_event_that_no_rule_mentions() -> None:
    machine = bound(events=(Action("go"),))
    assert ask(machine, (0,), "go") == Refused("the state is open; no rule allows it", "")


def test_when_only_otherwise_is_left_the_rule_that_applies_is_another() -> None:
    machine = bound(
        variables=(Flag("ok"), Count("n", 0, 3)),
        events=(Action("go"),),
        transitions=(
            Transition("C-1", "open", "go", when="n < 1 and ok", requires=(("C-3", "n < 2"),)),
            Transition("C-2", "open", "go", when="otherwise", requires=(("C-4", "ok"),)),
        ),
    )
    # C-1 applies nowhere near; C-2 fails on its requirement alone
    assert ask(machine, (0, 0, 3), "go") == Refused("ok is false (ok = False)", "C-4")


def test_a_value_that_means_or_more_says_so() -> None:
    machine = bound(
        variables=(Clock("c", 5), Category("r", ("a", "b"))),
        constants={"best": "b"},
        events=(Action("go"),),
        definitions={"wanted": "best", "half": "1.5", "both": "c < 3 and r == wanted"},
        transitions=(Transition("C", "open", "go", when="both"),),
    )
    assert ask(machine, (0, 5, 1), "go") == Refused(
        "both is false (c = 5 or more, r = b, wanted = b)", "C"
    )
    machine = bound(
        variables=(Clock("c", 5), Category("r", ("a", "b"))),
        constants={"best": "b"},
        events=(Action("go"),),
        definitions={"wanted": "best"},
        transitions=(Transition("C", "open", "go", when="c < 3 and r == wanted"),),
    )
    assert ask(machine, (0, 5, 1), "go") == Refused("c < 3 is false (c = 5 or more)", "C")
    assert ask(machine, (0, 1, 0), "go") == Refused("r == wanted is false (r = a, wanted = b)", "C")


def test_when_only_otherwise_fails_another_rule_applies() -> None:
    # three conditions fail nearby, one of the rest: the rest is explained by what applies instead
    machine = bound(
        constants={"k": 1},
        variables=(Count("n", 0, 3), Flag("a", per="k")),
        events=(Observation("see", possible="n > 0"), Action("go")),
        transitions=(
            Transition("C-1", "open", "go", when="n < 1 and n < 2 and a[n]"),
            Transition("C-2", "open", "go", when="otherwise"),
        ),
    )
    assert isinstance(ask(machine, (0, 3, 0), "go"), Accepted)


def test_unspecified_names_the_ambiguity() -> None:
    assert ask(MACHINE, at(consent=1), "relapse") == Undecided("C-A1", "C-8")
    answer = ask(MACHINE, at(), "relapse")
    assert isinstance(answer, Accepted)
    assert answer.configuration == at(state=2)


def test_a_condition_that_is_undefined_in_a_reason_counts_as_failing() -> None:
    machine = bound(
        constants={"k": 2},
        variables=(Count("n", 0, 3), Flag("a", per="k")),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", when="n > 0 and n < 3 and a[n]"),),
    )
    assert ask(machine, (0, 0, 1, 1), "go") == Refused("n > 0 is false (n = 0)", "C")
    assert ask(machine, (0, 3, 1, 1), "go") == Refused("n < 3 is false (n = 3)", "C")
    assert ask(machine, (0, 2, 1, 0), "go") == Refused("a[n] is false (a[2] = False)", "C")


# ---- time


def test_every_clock_advances_and_is_held_at_its_horizon() -> None:
    machine = bound(
        variables=(Clock("a", 10), Count("n", 0, 3), Clock("b", 3)),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", when="b >= 3", then="a = 0"),),
    )
    assert ask(machine, (0, 0, 1, 0), "elapse") == Accepted((0, 1, 1, 1), "", None)
    assert ask(machine, (0, 0, 1, 0), "elapse", days=5) == Accepted((0, 5, 1, 3), "", None)
    assert ask(machine, (0, 9, 1, 3), "elapse", days="40000") == Accepted((0, 10, 1, 3), "", None)
    assert ask(machine, (1, 9, 1, 3), "elapse", days=5) == Accepted((1, 9, 1, 3), "", None)
    assert values(machine, after(machine, ("elapse", {"days": 4}), "go", "elapse")) == {
        "state": "open",
        "a": 1,
        "n": 0,
        "b": 3,
    }
    assert ask(machine, (0, 0, 0, 2), "go") == Refused("b >= 3 is false (b = 2)", "C")


@pytest.mark.parametrize(
    "given",
    [
        {"days": -1},
        {"days": "1.5"},
        {"days": 1.5},
        {"days": True},
        {"days": ""},
        {"n": 1},
        {"days": 40_001},
        {"days": "9" * 5000},
        {"days": "٣"},
        {"days": None},
    ],
)
def test_elapse_takes_a_whole_number_of_days(given: dict[str, object]) -> None:
    with pytest.raises(SpecError, match=r"^elapse takes days, a whole number from 0 to 40000$"):
        read_arguments(MACHINE, "elapse", given, MACHINE.initial())


def test_time_passes_by_one_day_unless_it_is_said() -> None:
    machine = bound(variables=(Clock("a", 10),))
    assert step(machine, (0, 4), "elapse", {}) == Accepted((0, 5), "", None)
    assert step(machine, (0, 4), "elapse", {"days": 2}) == Accepted((0, 6), "", None)


def test_time_without_clocks_changes_nothing() -> None:
    assert ask(MACHINE, at(), "elapse", days=3) == Accepted(at(), "", None)


def test_a_saturating_count_stays_at_or_more() -> None:
    machine = bound(
        variables=(Count("visits", 0, 2, saturates=True),),
        events=(Action("go"),),
        transitions=(Transition("C", "open", "go", then="visits += 1"),),
    )
    assert after(machine, "go", "go", "go", "go") == (0, 2)


# ---- defects of the specification


def defect(machine: Bound, configuration: tuple[int, ...], event: str, **arguments: object) -> str:
    with pytest.raises(Defect) as caught:
        ask(machine, configuration, event, **arguments)
    return str(caught.value)


def _small(*table: Transition, **parts: Any) -> Bound:
    parts = {
        "constants": {"k": 2, "t": (1, 2)},
        "variables": (Count("n", 0, 3), Count("a", 0, 3, per="k")),
        "events": (Action("go", x=Whole(0, 9)), Observation("see", possible="a[n] == 0")),
        **parts,
    }
    return bound(transitions=table, **parts)


@pytest.mark.parametrize(
    ("when", "then", "configuration", "message"),
    [
        ("True", "n += 1", (0, 3, 0, 0), "C/open-go gives n the value 4, outside 0..3"),
        ("True", "n -= 1", (0, 0, 0, 0), "C/open-go gives n the value -1, outside 0..3"),
        ("True", "n = event.x", (0, 0, 0, 0), "C/open-go gives n the value 9, outside 0..3"),
        ("True", "a[2] = n + 3", (0, 1, 0, 0), "C/open-go gives a[2] the value 4, outside 0..3"),
        ("True", "a[n] = 1", (0, 0, 0, 0), "a[0] is outside 1..2"),
        ("True", "a[n] = 1", (0, 3, 0, 0), "a[3] is outside 1..2"),
        ("True", "a[n] += 1", (0, 3, 0, 0), "a[3] is outside 1..2"),
        ("a[n] > 0", "", (0, 3, 0, 0), "a[3] is outside 1..2"),
        ("t[n] > 0", "", (0, 3, 0, 0), "t[3] is outside 1..2"),
        ("a[a[1]] > 0", "", (0, 3, 0, 0), "a[0] is outside 1..2"),
        ("True", "a[n] = 1; a[1] = 2", (0, 1, 0, 0), "a[1] is written twice by C/open-go"),
        ("True", "a[n] = 1; a[3 - n] = 2", (0, 3, 0, 0), "a[3] is outside 1..2"),
    ],
)
def test_a_defect_of_a_rule(
    when: str, then: str, configuration: tuple[int, ...], message: str
) -> None:
    machine = _small(Transition("C", "open", "go", when=when, then=then))
    shown = f"n = {configuration[1]}, a = {list(configuration[2:])}"
    assert defect(machine, configuration, "go", x=9) == (
        f"small trial: go in open ({shown}): {message}"
    )
    # the compiled step fails in the same places
    with pytest.raises(Undefined):
        Compiled(machine).fire["go"](configuration, 9)


def test_two_rules_at_once_are_a_defect() -> None:
    machine = _small(
        Transition("C-1", "open", "go", when="n > 0"), Transition("C-2", "open", "go", when="n < 2")
    )
    assert defect(machine, (0, 1, 0, 0), "go", x=1) == (
        "small trial: go in open (n = 1, a = [0, 0]): two rules apply: C-1/open-go and C-2/open-go"
    )


def test_a_possible_that_has_no_value_is_a_defect() -> None:
    machine = _small(Transition("C", "open", "see"))
    assert defect(machine, (0, 0, 0, 0), "see") == (
        "small trial: see in open (n = 0, a = [0, 0]): a[0] is outside 1..2"
    )
    # where nothing happens any more it is not asked
    assert isinstance(ask(machine, (1, 0, 0, 0), "see"), Refused)
    assert Compiled(machine).fire["see"]((1, 0, 0, 0)) is None


@pytest.mark.parametrize(
    ("when", "accepted"),
    [
        ("n > 2 or a[n] == 0", True),
        ("n < 3 and a[n] == 0", False),
        ("implies(n < 3, a[n] == 1)", True),
        ("a[n if n < 3 else 1] == 0", True),
        ("(a[n] if n < 3 else 7) == 7", True),
    ],
)
def test_only_what_is_evaluated_must_be_defined(when: str, accepted: bool) -> None:
    machine = _small(Transition("C", "open", "go", when=when))
    assert isinstance(ask(machine, (0, 3, 0, 0), "go", x=1), Accepted) is accepted


def test_a_defect_is_a_spec_error() -> None:
    assert issubclass(Defect, SpecError)


# ---- functions


@function("lowest_with")
def _lowest_with(cells: tuple[int, ...], wanted: int) -> int:
    return next((i for i, v in enumerate(cells, 1) if v == wanted), 0)


@function("seven_more")
def _seven_more(n: int) -> int:
    return n + 7


def _calling(when: str = "True", then: str = "") -> Bound:
    return bound(
        constants={"k": 3},
        variables=(Count("a", 0, 3, per="k"), Count("n", 0, 3)),
        events=(Action("go"),),
        functions=(
            Function("lowest_with", (None, Whole(0, 3)), Whole(0, "k")),
            Function("seven_more", (Whole(0, 3),), Whole(0, 8), "result < 8 or n == 3"),
            Function("not_there", (), Bool),
        ),
        transitions=(Transition("C", "open", "go", None, when, then),),
    )


def test_a_function_sees_whole_arrays_and_values() -> None:
    machine = _calling("lowest_with(a, n) > 0", "n = lowest_with(a, n)")
    assert after(machine)[-1] == 0
    answer = ask(machine, (0, 3, 2, 2, 2), "go")
    assert isinstance(answer, Accepted)
    assert answer.configuration == (0, 3, 2, 2, 2)
    answer = ask(machine, (0, 3, 1, 2, 3), "go")
    assert isinstance(answer, Accepted)
    assert answer.configuration == (0, 3, 1, 2, 1)
    assert Compiled(machine).fire["go"]((0, 3, 1, 2, 3)) == (0, 3, 1, 2, 1)
    assert isinstance(ask(machine, (0, 3, 1, 2, 0), "go"), Refused)


def test_a_broken_contract_is_a_defect() -> None:
    machine = _calling("seven_more(n) > 7")
    assert isinstance(ask(machine, (0, 0, 0, 0, 0), "go"), Refused)
    said = "seven_more answers 8, which its contract does not allow"
    assert defect(machine, (0, 0, 0, 0, 1), "go").endswith(said)
    # outside the declared values of the result, whatever the contract says
    assert defect(machine, (0, 0, 0, 0, 3), "go").endswith(
        "seven_more answers 10, which its contract does not allow"
    )
    with pytest.raises(Undefined, match=said):
        Compiled(machine).fire["go"]((0, 0, 0, 0, 1))


def test_functions_of_installed_packages_are_found_by_entry_point(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "their_functions.py").write_text("def one() -> int:\n    return 1\n")
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text(
        "[console_scripts]\nx = y:z\n\n[trialspec.functions]\nthere = their_functions:one\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert functions.call("there", ()) == 1
    functions._REGISTRY.pop("there")


def test_the_name_of_a_function_is_an_identifier() -> None:
    with pytest.raises(
        SpecError, match=r"^machine trial: 'os\.remove' is not a lower-case identifier$"
    ):
        bound(functions=(Function("os.remove", (), Bool),))


def test_a_function_that_nobody_registered() -> None:
    machine = _calling("not_there()")
    with pytest.raises(SpecError) as caught:
        ask(machine, machine.initial(), "go")
    assert str(caught.value) == (
        "no function 'not_there' is registered\n"
        "  packages register them under the entry-point group trialspec.functions"
    )


# ---- arguments


def read(event: str, **given: object) -> dict[str, int]:
    return read_arguments(MACHINE, event, given, MACHINE.initial())


@pytest.mark.parametrize("word", [True, 1, "1", "TRUE", " Yes ", "true"])
def test_truth_values_true(word: object) -> None:
    assert read("evaluate", dlt=word) == {"dlt": 1}


@pytest.mark.parametrize("word", [False, 0, "0", "False", "no "])
def test_truth_values_false(word: object) -> None:
    assert read("evaluate", dlt=word) == {"dlt": 0}


@pytest.mark.parametrize(
    ("event", "given", "message"),
    [
        (
            "registre",
            {},
            "unknown event 'registre'\n  events: register, evaluate, give, finish, swap, relapse",
        ),
        ("evaluate", {}, "evaluate needs the argument 'dlt'"),
        ("evaluate", {"dlt": ""}, "evaluate needs the argument 'dlt'"),
        ("evaluate", {"dlt": None}, "evaluate needs the argument 'dlt'"),
        ("evaluate", {"dlt": 1, "n": 2}, "evaluate has no argument 'n'\n  it takes dlt"),
        ("finish", {"n": 2}, "finish has no argument 'n'\n  it takes no arguments"),
        ("evaluate", {"dlt": 2}, "dlt = 2 is not a truth value\n  write true or false"),
        ("evaluate", {"dlt": 1.0}, "dlt = 1.0 is not a truth value\n  write true or false"),
        ("evaluate", {"dlt": "maybe"}, "dlt = 'maybe' is not a truth value\n  write true or false"),
        ("register", {"level": 4}, "level = 4 is outside 1..3"),
        ("register", {"level": "0"}, "level = 0 is outside 1..3"),
        ("register", {"level": "1.5"}, "level: 1.5 is not a whole number of steps of 1"),
        ("register", {"level": True}, "level = True is not a number"),
        ("register", {"level": [1]}, "level = [1] is not a number"),
        ("register", {"level": "one"}, "level = 'one' is not a plain decimal number"),
        ("register", {"level": "1e0"}, "level = '1e0' is not a plain decimal number"),
        ("register", {"level": "--1"}, "level = '--1' is not a number"),
        ("register", {"level": "9" * 26}, f"level = '{'9' * 26}' is not a plain decimal number"),
        (
            "give",
            {"amount": 7.5, "route": "iv"},
            'amount = 7.5 is a binary float\n  pass the decimal as text: "7.5"',
        ),
        (
            "give",
            {"amount": "7.4", "route": "iv"},
            "amount: 7.4 is not a whole number of steps of 2.5 mg",
        ),
        ("give", {"amount": "22.5", "route": "iv"}, "amount = 22.5 is outside 0..20"),
        ("give", {"amount": "5", "route": "im"}, "route = 'im' is not one of iv, oral"),
        ("give", {"amount": "5", "route": 0}, "route = 0 is not one of iv, oral"),
    ],
)
def test_arguments_that_do_not_fit(event: str, given: dict[str, object], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(event, **given)
    assert str(caught.value) == message


def test_quantities_and_labels_are_stored_as_integers_and_shown_as_they_were() -> None:
    stored = read("give", amount="7.50", route="oral")
    assert stored == {"amount": 3, "route": 1}
    assert show_arguments(MACHINE.event["give"], stored) == {"amount": "7.5", "route": "oral"}


def test_a_default_that_looks_outside_an_array() -> None:
    machine = bound(
        constants={"k": 2},
        variables=(Count("n", 0, 3), Count("a", 0, 3, per="k")),
        events=(Action("go", x=Optional(Whole(0, 3), "a[n]")),),
        transitions=(Transition("C", "open", "go", when="x == 0"),),
    )
    with pytest.raises(SpecError) as caught:
        ask(machine, machine.initial(), "go")
    assert str(caught.value) == "the default of x: a[0] is outside 1..2"
    assert isinstance(ask(machine, (0, 2, 3, 0), "go"), Accepted)


# ---- what is seen


def test_a_configuration_is_shown_with_its_names() -> None:
    config = at(state=1, treated2=3, best=2, dose=3)
    assert observe(MACHINE, config) == {
        "state": "held",
        "level": 1,
        "treated": [0, 3, 0],
        "pending": 0,
        "consent": False,
        "best": "CR",
        "dose": "7.5",
    }
    assert describe(MACHINE, config) == (
        "held (level = 1, treated = [0, 3, 0], pending = 0, consent = False, best = CR, dose = 7.5)"
    )
    assert describe(bound(states=OPEN_DONE), (0,)) == "open"


def test_arithmetic_of_every_kind_means_the_same_when_compiled() -> None:
    machine = bound(
        constants={"k": 2, "t": (0, 3, 5)},
        variables=(Count("n", 0, 5), Count("m", -5, 5), Count("a", 0, 5, per="k")),
        events=(Action("go", x=Whole(1, "k")), Action("next"), Action("up")),
        transitions=(
            Transition("C", "open", "go", when="a[x] < 5", then="a[x] = max(n - 2, 0)"),
            Transition("C", "open", "next", then="a[min(n + 1, 2)] = n; n = min(2 * n, 5); m = -n"),
            Transition("C", "open", "up", when="m != 0 - n * 1", then="n = t[max(1, min(n, 3))]"),
            Transition("C", "open", "up", when="m == 0 - n and not n > 4", then="n = n + 1"),
        ),
    )
    fire = Compiled(machine).fire
    for n in range(6):
        for m in range(-5, 6):
            for event, arguments in (("go", {"x": 2}), ("next", {}), ("up", {})):
                config = (0, n, m, 1, 4)
                answer = step(machine, config, event, arguments)
                expected = answer.configuration if isinstance(answer, Accepted) else None
                assert fire[event](config, *arguments.values()) == expected


# ---- the compiled step is another reading of the same table


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_the_compiled_step_agrees_along_random_runs(choices: list[tuple[bool, bool]]) -> None:
    machine = bind(escalation(), constants={"D": 3})
    fire = Compiled(machine).fire
    config = machine.initial()
    for enroll, dlt in choices:
        event, arguments = ("enroll", {}) if enroll else ("evaluate", {"dlt": int(dlt)})
        answer = step(machine, config, event, arguments)
        found = fire[event](config, *arguments.values())
        assert found == (answer.configuration if isinstance(answer, Accepted) else None)
        config = answer.configuration if isinstance(answer, Accepted) else config
