"""What can happen next after a history."""

from __future__ import annotations

import copy
import csv
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle import Study
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
    assert answer["history"] == {"events": 0, "stopped_at": None, "deviations": []}
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
        {"drug": "drug", "dose": "5", "unit": "mg", "day": day, "in_cycle": True, "clause": "D-2"}
        for day in (1, 15)
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


# ---- whole studies


def told(study: Study, rows: list[dict[str, str]]) -> date:
    """Lets the rows of a log happen; the last date."""
    now = date.fromisoformat(rows[0]["time"])
    for row in rows:
        day = date.fromisoformat(row["time"])
        study.elapse((day - now).days)
        now = day
        names = ("case", "time", "event", "subject")
        given = {k: v for k, v in row.items() if v and k not in names}
        assert study.apply(row["event"], row["subject"], **given).answer == "accepted", row
    return now


@pytest.mark.parametrize(
    "count", [12, *(pytest.param(n, marks=pytest.mark.slow) for n in (150, 400))]
)
def test_what_a_study_may_do_next_is_what_it_then_does(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each subject's possible events are accepted, the refused ones refused, by the whole study."""
    log = Path(__file__).parent.parent / "examples" / "logs" / "plerixafor-study-clean.csv"
    lines = log.read_text(encoding="utf-8").splitlines()[: count + 1]
    code, answer = after(capsys, tmp_path, "\n".join(lines) + "\n", "plerixafor-cll")
    assert code == 0
    study = Study("plerixafor-cll")
    told(study, list(csv.DictReader(lines)))
    assert set(answer["subjects"]) == set(study.subjects)
    shared = {id(part): part for part in (study.machines, study.protocol)}
    subjects = {**answer["subjects"], "somebody new": answer["new_subject"]}
    asked = 0
    for who, part in subjects.items():
        if who in study.subjects:
            seen = study.observe(who)
            # who has no row yet on the last date has lived until then
            assert part["configuration"] == {k: seen[k] for k in part["configuration"]}
        for key, expected in (("possible", "accepted"), ("refused", "refused")):
            for entry in part[key][:: 1 + len(part[key]) // 12]:
                trial = copy.deepcopy(study, dict(shared))
                found = trial.apply(entry["event"], who, **entry["arguments"])
                assert found.answer == expected, (who, entry)
                asked += 1
    assert asked > 20


def test_one_subject_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "history.csv"
    path.write_text("time,subject,event,response\n2024-01-01,P1,lost,\n2024-01-09,P2,dlt,\n")
    words = ["next", "plerixafor-cll", "--history", str(path), "--subject", "P1"]
    assert main(words) == 1, "no toxicity can limit the dose before there is one"
    text = capsys.readouterr().out
    assert "row 3, subject P2: wrongly_accepted" in text
    assert "now: first_three" in text and "subject P1: lost" in text
    assert "\nsubject P2:" not in text and "\npossible:" not in text
    assert main([*words[:-1], "P9"]) == 2
    assert "the history has no subject 'P9'\n  it has 'P1', 'P2'" in capsys.readouterr().err
    assert main(["next", "plerixafor-cll", "--machine", "trial", "--subject", "P1"]) == 2
    assert "in a study alone" in capsys.readouterr().err


def test_a_subject_that_the_text_leaves_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = "time,subject,event,tolerated\n2024-01-01,P2,lost,\n2024-01-02,P1,intolerance,\n"
    code, answer = after(capsys, tmp_path, history, "plerixafor-cll")
    assert code == 3
    (entry,) = answer["subjects"]["P1"]["unspecified"]
    assert (entry["ambiguity"], entry["row"], answer["subjects"]["P1"]["possible"]) == (
        "PLX-A05",
        3,
        [],
    )
    # the trial is not concerned
    assert entry not in answer["unspecified"] and answer["possible"]


def test_a_subject_enters_where_the_trial_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, answer = after(capsys, tmp_path, None, "everolimus-cll")
    fresh = answer["new_subject"]
    enrolled = [p["arguments"] for p in fresh["possible"] if p["event"] == "enrol"]
    assert enrolled and all(a["level"] == 1 for a in enrolled)
    assert any(r["event"] == "enrol" and "in the trial" in r["because"] for r in fresh["refused"])


def test_subjects_in_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["next", "dextr-mm"]) == 0
    assert "a new subject, possible:\n  enrol(consent=true, " in capsys.readouterr().out
    log = Path(__file__).parent.parent / "examples" / "logs" / "dextr-study-clean.csv"
    path = tmp_path / "history.csv"
    path.write_text("\n".join(log.read_text(encoding="utf-8").splitlines()[:5]) + "\n")
    assert main(["next", "dextr-mm", "--history", str(path)]) == 0
    text = capsys.readouterr().out
    assert "subject S1: induction" in text and "  due:\n    day 1: " in text
    assert text.endswith("--subject NAME shows what a subject may do next\n")
    # three months later the cycle is overdue
    late = (
        path.read_text()
        + "DTR,S2,2011-09-01,enrol,,,,,,,,,,true,true,true,true,true,true,true,true\n"
    )
    path.write_text(late)
    main(["next", "dextr-mm", "--history", str(path)])
    assert "subject S1: overdue, DTR-04" in capsys.readouterr().out


def test_doses_that_are_missing_or_doubled_do_not_end_a_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = "time,event,drug,amount,tolerated\n2024-01-01,dose,lenalidomide,5,\n"
    history += "2024-01-03,dose,lenalidomide,5,\n2024-01-03,dose,lenalidomide,5,\n"
    history += "2024-01-08,raise,,,true\n"
    code, answer = after(capsys, tmp_path, history, "plerixafor-cll", "--machine", "subject")
    assert code == 0 and answer["history"]["stopped_at"] is None
    kinds = [d["kind"] for d in answer["history"]["deviations"]]
    assert kinds == ["missing_event", "extra_event", "missing_event"]
    assert answer["configuration"]["len_dose"] == "7.5"
    # what was given today is not due any more
    assert [d["dose"] for d in answer["due"]] == ["7.5"]
    given = history + "2024-01-08,dose,lenalidomide,7.5,\n"
    _, answer = after(capsys, tmp_path, given, "plerixafor-cll", "--machine", "subject")
    assert answer["due"] == []
    # a row that is refused ends it, and the answer says so
    path = tmp_path / "refused.csv"
    path.write_text(history + "2024-01-09,raise,,,true\n2024-01-15,raise,,,true\n")
    words = ["next", "plerixafor-cll", "--machine", "subject", "--history", str(path)]
    assert main(words) == 1
    text = capsys.readouterr().out
    assert "row 6 has not happened, and the rows after it are not read\nnow: stage1" in text
    assert "\n  today: lenalidomide 7.5 mg\n" in text
