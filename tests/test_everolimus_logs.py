"""The example logs of everolimus-cll: what is said of them, and that they are what they claim."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import everolimus_logs
import pytest
import retelling_everolimus as retelling
from everolimus_logs import LOGS
from trialspec.oracle.cli.main import main

FILES = {name: (content, said) for name, content, said in everolimus_logs.files()}
CLEAN, WRONG = FILES


def replay(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = main(["replay", "everolimus-cll", str(LOGS / name), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_files_are_those_that_are_made(name: str) -> None:
    """`python tests/everolimus_logs.py` writes them."""
    assert (LOGS / name).read_text(encoding="utf-8") == FILES[name][0]


def test_the_clean_log_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay(CLEAN, capsys)
    assert (code, answer["deviations"], answer["order"]["pairs"]) == (0, [], 0)
    assert answer["events"] == FILES[CLEAN][0].count("\n") - 1
    assert answer["conforming_cases"] == answer["cases"] == 1


def test_what_is_planted_is_found_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay(WRONG, capsys)
    found = [
        (d["row"], d["subject"] or d["case"], d["kind"], d["clause"]) for d in answer["deviations"]
    ]
    assert sorted(found) == FILES[WRONG][1]
    assert code == 1


def test_the_clean_log_by_the_retelling() -> None:
    trial, subjects = retelling.Trial(), {}
    today = everolimus_logs.MONDAY
    for row in everolimus_logs.merged(everolimus_logs.clean()):
        days = (date.fromisoformat(row["time"]) - today).days
        today = date.fromisoformat(row["time"])
        for told in subjects.values():
            told.apply("elapse", {"days": days})
        who, event = row.get("subject"), row["event"]
        given = {k: v for k, v in row.items() if k in ("level", "phase", "drug", "amount")}
        given = {k: int(v) if v.isdigit() else v for k, v in given.items()}
        if "clinical_cr" in row:
            given["clinical_cr"] = row["clinical_cr"] == "true"
        if who is None or event == "enrol":
            assert trial.apply(event, given) == "accepted"
        if who is not None:
            told = subjects.setdefault(who, retelling.Subject())
            assert told.apply(event, given) == "accepted", row
    assert {s.place() for s in subjects.values()} == {"follow_up", "dead", "lost", "withdrawn"}
    known = trial.known()
    assert (known["state"], known["enrolled"], known["first"], known["mtd"]) == ("phase2", 9, 3, 1)
