"""The example logs of dextr-mm: what is said of them, and that they are what they claim."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import dextr_logs
import pytest
import retelling_dextr as retelling
from dextr_logs import LOGS, Course, Row
from trialspec.oracle.cli.main import main

FILES = {name: (content, said) for name, content, said in dextr_logs.files()}


def replay(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    argv = ["replay", "dextr-mm", str(LOGS / name), "--json"]
    code = main([*argv, "--machine", "subject"] if "subjects" in name else argv)
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_files_are_those_that_are_made(name: str) -> None:
    """`python tests/dextr_logs.py` writes them."""
    assert (LOGS / name).read_text(encoding="utf-8") == FILES[name][0]


@pytest.mark.parametrize("name", [name for name in FILES if "clean" in name])
def test_clean_logs_conform(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay(name, capsys)
    assert (code, answer["deviations"], answer["order"]["pairs"]) == (0, [], 0)
    assert answer["events"] == FILES[name][0].count("\n") - 1
    assert answer["conforming_cases"] == answer["cases"]


def test_the_subjects_of_a_study_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """What an event tells the trial is no wrong argument of the subject's event of that name."""
    log = str(LOGS / "dextr-study-clean.csv")
    assert main(["replay", "dextr-mm", "--machine", "subject", log, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["cases"], answer["conforming_cases"], answer["deviations"]) == (5, 5, [])


@pytest.mark.parametrize("name", [name for name in FILES if "deviations" in name])
def test_what_is_planted_is_found_and_nothing_else(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = replay(name, capsys)
    found = [
        (d["row"], d["subject"] or d["case"], d["kind"], d["clause"]) for d in answer["deviations"]
    ]
    assert sorted(found) == FILES[name][1]
    assert code == 1


def given(row: Row) -> dict[str, object]:
    """The arguments of a row."""
    named = {k: v for k, v in row.items() if k not in ("case", "subject", "time", "event")}
    return {k: v == "true" if v in ("true", "false") else v for k, v in named.items()}


@pytest.mark.parametrize("courses", [dextr_logs.clean_subjects(), dextr_logs.clean_study()])
def test_clean_subjects_by_the_retelling(courses: dict[str, Course]) -> None:
    """Every row is accepted, and every dose of the schedule is there until the last day."""
    for name, made in courses.items():
        told = retelling.Subject()
        last = date.fromisoformat(made.rows[-1]["time"])
        for n in range((last - made.start).days + 1):
            today = made.start + timedelta(n)
            told.apply("elapse", {"days": int(n > 0)})
            doses = {}
            for row in made.rows:
                if row["time"] != today.isoformat():
                    continue
                arguments = given(row) if row["event"] != "enrol" else {}
                assert told.apply(row["event"], arguments) == "accepted", (name, row)
                if row["event"] == "dose":
                    doses[row["drug"]] = int(row["amount"])
            if today < last and told.place() != "enrolled":
                assert doses == {d: a for d, a in told.schedule().items() if a}, (name, n)
