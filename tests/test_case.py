"""One case of a protocol by hand."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from trialspec.oracle import Case
from trialspec.spec.calendar import Regimen
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Bool,
    Count,
    Exact,
    Machine,
    Protocol,
    Quantity,
    State,
    Transition,
)


def test_a_trial_from_start_to_mtd() -> None:
    case = Case("ibrutinib-mm", constants={"levels": 1})
    for dlt in (False, False, False, True, False):
        assert case.apply("evaluate", dlt=dlt).answer == "accepted"
    answer = case.apply("evaluate", dlt=False)
    assert (answer.answer, answer.reason, answer.clause) == ("accepted", "", "IBR-11")
    assert answer.observe["state"] == "expansion"
    assert case.observe() == answer.observe
    assert case.observe()["treated"] == [6]


def test_a_refusal_gives_clause_and_numbers_and_changes_nothing() -> None:
    case = Case("ibrutinib-mm")
    before = case.observe()
    answer = case.apply("register", level=2)
    assert answer.answer == "refused"
    assert answer.clause == "IBR-05"
    assert answer.reason == "event.level == level is false (register.level = 2, level = 1)"
    assert case.observe() == before == answer.observe


def test_an_unspecified_answer_ends_the_case() -> None:
    case = Case("ibrutinib-mm", readings={"IBR-A03": "b"})
    case.apply("evaluate", dlt=True)
    answer = case.apply("evaluate", dlt=True)
    assert answer.answer == "unspecified"
    assert answer.reason.startswith("the text does not decide: IBR-A03, ")
    assert case.apply("register", level=1) == answer
    assert case.possible() == ()
    assert case.due(1) == ()
    assert case.observe()["unspecified"] == answer.reason


def test_possible_lists_each_choice_of_arguments_once() -> None:
    case = Case("ibrutinib-mm")
    found = [(p.event, dict(p.arguments), p.clause) for p in case.possible()]
    assert found == [
        ("register", {"level": 1}, "IBR-02"),
        ("first_dose", {}, "IBR-02"),
        ("evaluate", {"dlt": False}, "IBR-05"),
        ("evaluate", {"dlt": True}, "IBR-05"),
        ("not_evaluable", {"level": 1}, "IBR-03"),
    ]


def test_time_passes_by_elapse() -> None:
    case = Case("ibrutinib-mm", "subject")
    case.apply("register", level=3)
    case.apply("first_dose")
    assert case.apply("elapse", days=27).answer == "accepted"
    assert case.apply("start_cycle_2").answer == "refused"
    case.apply("elapse", days=1)
    assert case.apply("start_cycle_2").answer == "accepted"


@pytest.mark.parametrize(
    ("event", "arguments", "message"),
    [
        ("enrol", {}, "unknown event 'enrol'"),
        ("evaluate", {}, "evaluate needs the argument 'dlt'"),
        ("evaluate", {"dlt": True, "level": 1}, "evaluate has no argument 'level'"),
        ("evaluate", {"dlt": "perhaps"}, "dlt = 'perhaps' is not a truth value"),
        ("evaluate", {"dlt": 1.0}, "dlt = 1.0 is not a truth value"),
        ("register", {"level": 9}, "level = 9 is outside 1..3"),
        ("register", {"level": 1.0}, "level = 1.0 is a binary float"),
        ("register", {"level": True}, "level = True is not a number"),
        ("register", {"level": "1e0"}, "level = '1e0' is not a plain decimal number"),
        ("elapse", {"days": -1}, "elapse takes days, a whole number from 0 to 40000"),
    ],
)
def test_bad_events_and_arguments(event: str, arguments: dict[str, object], message: str) -> None:
    case = Case("ibrutinib-mm")
    with pytest.raises(SpecError) as error:
        case.apply(event, **arguments)
    assert error.value.message == message


DOSING = Protocol(
    "dosing",
    "a drug in milligrams",
    (
        Machine(
            "subject",
            constants={"cycle": 28},
            variables=(Quantity("dose", "0", "25", "2.5", "mg"), Count("cycle_number", 0, 9)),
            states=(State("waiting", initial=True), State("treated")),
            events=(Action("start", amount=Exact("2.5", "25", "2.5", "mg"), tolerated=Bool),),
            transitions=(
                Transition("D-1", "waiting", "start", "treated", "tolerated", "dose = amount"),
            ),
            regimens=(
                Regimen("D-2", "drug", "dose", "mg", ("treated",), (1, 8, 15), "cycle"),
                Regimen("D-3", "other", "2", "mg", ("treated",), (), 28, "dose > 5"),
            ),
        ),
    ),
)


@pytest.mark.parametrize("amount", ["7.5", Decimal("7.5")])
def test_quantities_are_exact(amount: object) -> None:
    case = Case(DOSING, "subject")
    assert case.apply("start", amount=amount, tolerated="yes").observe["dose"] == "7.5"


@pytest.mark.parametrize("amount", [7.5, "7.4", "7.50000000000000000000000001", "30", ""])
def test_inexact_quantities_are_refused(amount: object) -> None:
    with pytest.raises(SpecError):
        Case(DOSING, "subject").apply("start", amount=amount, tolerated=True)


def test_doses_due() -> None:
    case = Case(DOSING, "subject")
    assert case.due(1) == ()
    case.apply("start", amount="7.5", tolerated=True)
    due = [(d.drug, d.dose, d.unit, d.day, d.clause) for d in case.due(8)]
    assert due == [("drug", "7.5", "mg", 8, "D-2"), ("other", 2, "mg", 8, "D-3")]
    assert [d.drug for d in case.due(9)] == ["other"]
    assert [d.drug for d in case.due(29)] == ["drug", "other"]
    with pytest.raises(SpecError, match="a day is a whole number from 1"):
        case.due(0)


def test_unknown_protocols_machines_constants_and_readings() -> None:
    for arguments in (
        {"protocol": "ibrutinib-nn"},
        {"protocol": "ibrutinib-mm", "machine": "site"},
        {"protocol": "ibrutinib-mm", "constants": {"floors": 3}},
        {"protocol": "ibrutinib-mm", "readings": {"IBR-A05": "z"}},
        {"protocol": "ibrutinib-mm", "readings": {"IBR-A99": "a"}},
    ):
        with pytest.raises(SpecError):
            Case(**arguments)


def test_import_is_light() -> None:
    code = (
        "import sys; from trialspec.oracle import Case; Case('ibrutinib-mm').possible();"
        "print(sorted({'z3', 'numpy', 'hypothesis', 'pytest', 'rich', 'pyarrow', 'yaml',"
        " 'transitions'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    code = "import sys, trialspec.oracle; print('trialspec.oracle.case' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
