"""What can happen next after a history."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main
from trialspec.spec.calendar import Regimen
from trialspec.spec.document import dump_json
from trialspec.spec.model import (
    Action,
    Machine,
    Protocol,
    Quantity,
    State,
    Transition,
    Whole,
)


def after(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, history: str | None, *argv: str
) -> tuple[int, Any]:
    if history is not None:
        path = tmp_path / "history.csv"
        path.write_text(history, encoding="utf-8")
        argv = (*argv, "--history", str(path))
    code = main(["next", *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_initial_situation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = after(capsys, tmp_path, None, "ibrutinib-mm")
    assert code == 0
    assert answer["format"] == "trialspec/next/1"
    assert answer["configuration"]["state"] == "first_three"
    assert answer["history"] == {"events": 0, "deviations": []}
    assert {"event": "evaluate", "arguments": {"dlt": True}, "clause": "IBR-05"} in (
        answer["possible"]
    )
    assert {
        "event": "close",
        "arguments": {},
        "because": "the state is first_three; close needs the state expansion",
        "clause": "IBR-15",
    } in answer["refused"]
    assert (answer["due"], answer["unspecified"]) == ([], [])


def test_after_a_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = "event,dlt\nevaluate,no\nevaluate,no\nevaluate,yes\n"
    code, answer = after(capsys, tmp_path, history, "ibrutinib-mm", "--set", "levels=2")
    assert code == 0
    assert answer["configuration"]["state"] == "additional_three"
    assert answer["configuration"]["treated"] == [3, 0]
    levels = [e["arguments"]["level"] for e in answer["possible"] if e["event"] == "register"]
    assert levels == [1]
    refused = {e["event"]: e for e in answer["refused"]}
    assert refused["register"]["because"] == (
        "event.level == level is false (register.level = 2, level = 1)"
    )
    assert [(u["event"], u["ambiguity"]) for u in answer["unspecified"]] == [("late_dlt", "X-A05")]
    assert answer["unspecified"][0]["question"]


def test_schedules_that_the_text_does_not_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = "event,level,time\nregister,2,2024-01-01\nfirst_dose,,2024-01-03\n"
    code, answer = after(capsys, tmp_path, history, "ibrutinib-mm", "--machine", "subject")
    assert (code, answer["due"]) == (0, [])
    schedules = [(u["drug"], u["ambiguity"]) for u in answer["unspecified"] if "drug" in u]
    assert schedules == [
        ("ibrutinib", "IBR-A31"),
        ("lenalidomide", "IBR-A31"),
        ("dexamethasone", "IBR-A11"),
    ]


def test_a_refused_history_names_the_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = "event,level,dlt\nevaluate,,0\nregister,3,\nevaluate,,1\nnonsense,,\n"
    code, answer = after(capsys, tmp_path, history, "ibrutinib-mm")
    assert code == 1
    found = answer["history"]["deviations"]
    assert [(d["row"], d["kind"], d["clause"]) for d in found] == [
        (3, "wrongly_accepted", "IBR-05")
    ]
    # the answer is for the moment before that row
    assert answer["configuration"]["treated"] == [1, 0, 0]
    assert main(["next", "ibrutinib-mm", "--history", str(tmp_path / "history.csv")]) == 1
    out = capsys.readouterr().out
    assert out.startswith("row 3: wrongly_accepted, IBR-05: event.level == level is false")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("nonsense,,", "ibrutinib-mm trial has no event 'nonsense'"),
        ("visit,,", "has no event 'visit'; its machine subject has"),
        ("evaluate,,soon", "dlt = 'soon' is not a truth value"),
        ("evaluate,,", "evaluate needs the argument 'dlt'"),
        ("evaluate,1,true", "evaluate has no argument 'level'"),
    ],
)
def test_a_row_that_means_nothing_is_bad_input(
    row: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "bad.csv"
    history.write_text(f"event,level,dlt\n{row}\n")
    assert main(["next", "ibrutinib-mm", "--history", str(history)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"spec-check: {history}: row 2: ")
    assert message in shown.err


def test_an_empty_row_is_no_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = after(capsys, tmp_path, "event,level,dlt\n,,\n", "ibrutinib-mm")
    assert (code, answer["history"]["deviations"]) == (0, [])


def test_an_unspecified_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = "event,dlt\nevaluate,0\nevaluate,1\nevaluate,1\nevaluate,0\n"
    code, answer = after(capsys, tmp_path, history, "ibrutinib-mm", "--reading", "strict")
    assert code == 3
    assert (answer["possible"], answer["refused"], answer["due"]) == ([], [], [])
    assert [(u["ambiguity"], u["row"]) for u in answer["unspecified"]] == [("IBR-A02", 4)]


def test_an_overdue_history_is_not_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = "event,level,time\nregister,2,2024-01-01\nfirst_dose,,2024-01-03\nvisit,,2024-03-03\n"
    code, answer = after(capsys, tmp_path, history, "ibrutinib-mm", "--machine", "subject")
    assert code == 0
    assert [(d["row"], d["kind"]) for d in answer["history"]["deviations"]] == [(4, "overdue")]
    assert answer["configuration"]["since_visit"] == 0


def test_a_history_is_of_one_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.csv"
    path.write_text("case,event,dlt\na,evaluate,0\nb,evaluate,0\n", encoding="utf-8")
    assert main(["next", "ibrutinib-mm", "--history", str(path)]) == 2
    err = capsys.readouterr().err
    assert "row 3: a history is of one case; here are 'a' and 'b'" in err
    assert main(["next", "ibrutinib-mm", "--day", "0"]) == 2


def test_history_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = b'{"event": "evaluate", "dlt": true}\n'
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
    monkeypatch.setattr(sys, "stdin", stream)
    assert main(["next", "ibrutinib-mm", "--history", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["configuration"]["dlts"] == [1, 0, 0]


def test_due_doses_and_wide_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    protocol = Protocol(
        "dosing",
        "",
        (
            Machine(
                "subject",
                variables=(Quantity("dose", "0", "25", "2.5", "mg", "5"),),
                states=(State("treated", initial=True),),
                events=(Action("weigh", grams=Whole(0, 1_000_000_000)),),
                transitions=(Transition("D-1", "treated", "weigh"),),
                regimens=(Regimen("D-2", "drug", "dose", "mg", ("treated",), (1, 15), 21),),
            ),
        ),
    )
    path = tmp_path / "dosing.json"
    path.write_text(dump_json(protocol), encoding="utf-8")
    code, answer = after(capsys, tmp_path, None, str(path))
    assert code == 0
    assert answer["due"] == [
        {"drug": "drug", "dose": "5", "unit": "mg", "day": day, "clause": "D-2"} for day in (1, 15)
    ]
    # a billion values are represented by three
    assert [p["arguments"]["grams"] for p in answer["possible"]] == [0, 500_000_000, 1_000_000_000]
    _, answer = after(capsys, tmp_path, None, str(path), "--day", "22")
    assert [d["day"] for d in answer["due"]] == [22]


def test_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", "ibrutinib-mm"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("now: first_three (level = 1, treated = [0, 0, 0], ")
    assert lines[1:3] == ["possible:", "  register(level=1)  [IBR-02]"]
    assert "refused:" in lines
