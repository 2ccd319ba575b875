"""The example logs: that they are what their generators write, that the clean ones conform, that
what is planted in the others is found and nothing else, and that the re-tellings say the same."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import everolimus_logs
import pytest
from example_logs import LOGS, log_file
from retellings import RETOLD, machine_of, retold
from telling_logs import Row, Telling, tell
from trialspec.oracle.cli.main import main
from trialspec.spec.registry import names

FILES = {f.name: f for r in RETOLD for f in r.logs.files()}
SHIPPED = sorted(path.name for path in LOGS.glob("*.csv"))


def replay(name: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    machine = machine_of(name)
    alone = [] if machine == "study" else ["--machine", machine]
    code = main(["replay", retold(name).protocol, str(LOGS / name), "--json", *alone, *more])
    return code, json.loads(capsys.readouterr().out)


def cases(name: str) -> dict[str, list[tuple[int, Row]]]:
    """The rows of a shipped log by case, each with its number."""
    found: dict[str, list[tuple[int, Row]]] = {}
    with (LOGS / name).open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            found.setdefault(row["case"], []).append((number, row))
    return found


def test_every_protocol_has_logs_clean_and_not() -> None:
    assert {r.protocol for r in RETOLD} == set(names())
    assert set(FILES) <= set(SHIPPED)
    for known in RETOLD:
        mine = [name for name in SHIPPED if retold(name) is known]
        assert {name.split("-")[2] for name in mine} == {"clean.csv", "deviations.csv"}


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_files_are_those_that_are_made(name: str) -> None:
    """`python tests/plerixafor_logs.py`, for one, writes those of its protocol."""
    assert (LOGS / name).read_text(encoding="utf-8") == FILES[name].content


@pytest.mark.parametrize("name", [n for n in FILES if "clean" in n])
def test_clean_logs_conform(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay(name, capsys)
    assert (code, answer["deviations"], answer["order"]["pairs"]) == (0, [], 0)
    assert answer["events"] == FILES[name].content.count("\n") - 1
    assert answer["conforming_cases"] == answer["cases"] == len(cases(name))


@pytest.mark.parametrize("name", [n for n in FILES if "deviations" in n])
def test_what_is_planted_is_found_and_nothing_else(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = replay(name, capsys)
    found = [
        (d["row"], d["subject"] or d["case"], d["kind"], d["clause"]) for d in answer["deviations"]
    ]
    assert FILES[name].said
    assert sorted(found) == FILES[name].said
    assert code == 1


# ---- by the re-tellings


@pytest.mark.parametrize("name", SHIPPED)
def test_every_log_by_the_retelling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Row by row, without following what may have happened; clean logs have every dose on its day
    and none besides."""
    told, machine = retold(name).told, machine_of(name)
    wanted = []
    for case, rows in cases(name).items():
        for place, kind in tell(told, machine, [row for _, row in rows]):
            wanted.append((rows[place][0], case, kind))
    _, answer = replay(name, capsys, "--no-follow")
    found = [(d["row"], d["case"], d["kind"]) for d in answer["deviations"]]
    assert sorted(found) == sorted(wanted)
    assert ("clean" in name) == (wanted == [])


def course(name: str, case: str) -> tuple[Telling, list[Any]]:
    """A study as it is told, and what was known of its trial after each row."""
    telling = Telling(retold(name).told, "study")
    known = []
    for _, row in cases(name)[case]:
        assert telling.row(row) == []
        known.append(telling.track("").teller.known())
    return telling, known


def test_the_plerixafor_trial_ends_with_six_at_the_level_below_a_closed_one() -> None:
    _, known = course("plerixafor-study-clean.csv", "PLX")
    assert list(dict.fromkeys((k["level"], k["state"]) for k in known)) == [
        (1, "first_three"),
        (2, "first_three"),
        (2, "additional_three"),
        (3, "first_three"),
        (2, "mtd"),
    ]
    last = known[-1]
    assert (last["treated"], last["dlts"]) == ([3, 6, 3, 0], [0, 1, 2, 0])
    assert (last["lowest_closed"], last["pending"]) == (3, 0)


def test_the_everolimus_trial_goes_through_its_phases_and_every_end() -> None:
    telling, known = course("everolimus-study-clean.csv", "EVE")
    subjects = [track.teller for who, track in telling.tracks.items() if who]
    assert {s.place() for s in subjects} == {"follow_up", "dead", "lost", "withdrawn"}
    last = known[-1]
    assert (last["state"], last["enrolled"], last["first"], last["mtd"]) == ("phase2", 9, 3, 1)


def test_the_subjects_of_a_study_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """What an event tells the trial is no wrong argument of the subject's event of that name."""
    log = str(LOGS / "dextr-study-clean.csv")
    assert main(["replay", "dextr-mm", "--machine", "subject", log, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["cases"], answer["conforming_cases"], answer["deviations"]) == (5, 5, [])


@pytest.mark.parametrize("reading", ["any", "fixed"])
def test_everolimus_doses_are_missed_where_the_days_of_a_week_are_fixed(
    reading: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patients = {**everolimus_logs.clean_subjects(), "MISSED": everolimus_logs.missed()}
    log = log_file("log.csv", everolimus_logs.SUBJECTS, patients)
    path = tmp_path / log.name
    path.write_text(log.content, encoding="utf-8")
    argv = ["replay", "everolimus-cll", str(path), "--machine", "subject", "--json"]
    main([*argv, "--reading", f"EVE-A04={reading}"])
    answer = json.loads(capsys.readouterr().out)
    found = [(d["row"], d["case"], d["kind"], d["clause"]) for d in answer["deviations"]]
    assert len(log.said) == 2
    assert sorted(found) == (log.said if reading == "fixed" else [])
