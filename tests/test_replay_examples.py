"""The example logs of plerixafor-cll: what is said of them, and that they are what they claim."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import plerixafor_logs
import pytest
import retelling_plerixafor as retelling
from plerixafor_logs import LOGS, PLERIXAFOR, PLERIXAFOR_DAYS, Row
from trialspec.oracle.cli.main import main

FILES = {name: (content, said) for name, content, said in plerixafor_logs.files()}
KINDS = {"tolerated": bool, "dlt": bool, "inv_ok": bool, "subj_ok": bool, "level": int}


def replay(name: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    argv = ["replay", "plerixafor-cll", str(LOGS / name), "--json", *more]
    code = main([*argv, "--machine", "subject"] if "subjects" in name else argv)
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_files_are_those_that_are_made(name: str) -> None:
    """`python tests/plerixafor_logs.py` writes them."""
    assert (LOGS / name).read_text(encoding="utf-8") == FILES[name][0]


@pytest.mark.parametrize("name", [name for name in FILES if "clean" in name])
def test_clean_logs_conform(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay(name, capsys)
    assert (code, answer["deviations"], answer["order"]["pairs"]) == (0, [], 0)
    assert answer["events"] == FILES[name][0].count("\n") - 1
    assert answer["conforming_cases"] == answer["cases"]


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


def day_of(row: Row) -> date:
    return date.fromisoformat(row["time"])


def given(row: Row) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, text in row.items():
        if name not in ("case", "subject", "time", "event"):
            kind = KINDS.get(name, str)
            found[name] = text == "true" if kind is bool else kind(text)
    return found


def due(told: retelling.Subject) -> Iterator[tuple[str, Decimal]]:
    """The doses of today, from the text."""
    place = told.place()
    if place in ("unreported", "off", "dead", "lost", "withdrawn"):
        return
    yield "lenalidomide", told.lenalidomide
    day = told.today - told.cycles[-1] + 1 if told.cycles else 0
    if place in ("combination", "interim_due", "stage3") and day in PLERIXAFOR_DAYS:
        yield "plerixafor", Decimal(PLERIXAFOR[told.level])
    if place == "stage3" and day == 1 and len(told.cycles) > 4:
        yield "rituximab", Decimal(375)


def test_the_clean_trial_by_the_retelling() -> None:
    """What the log says of the trial, and that it ends with six at the level below a closed one."""
    rows = plerixafor_logs.merged(plerixafor_logs.clean_study(), "PLX")
    told, levels = retelling.Trial(), {r["subject"]: r["level"] for r in rows if r.get("level")}
    seen = []
    for row in rows:
        event = row["event"]
        if event == "start_combination":
            # no subject is let in at another level than the trial's
            assert told.apply(event, {"level": int(row["level"])}) == "accepted"
        elif event in ("evaluate", "not_evaluable"):
            assert int(levels[row["subject"]]) == told.level
            assert told.apply(event, given(row)) == "accepted"
        seen.append((told.level, told.known()["state"]))
    assert list(dict.fromkeys(seen)) == [
        (1, "first_three"),
        (2, "first_three"),
        (2, "additional_three"),
        (3, "first_three"),
        (2, "mtd"),
    ]
    known = told.known()
    assert (known["treated"], known["dlts"]) == ([3, 6, 3, 0], [0, 1, 2, 0])
    assert (known["lowest_closed"], known["pending"]) == (3, 0)


@pytest.mark.parametrize(
    "courses", [plerixafor_logs.clean_subjects(), plerixafor_logs.clean_study()]
)
def test_clean_subjects_by_the_retelling(courses: dict[str, plerixafor_logs.Course]) -> None:
    for name, made in courses.items():
        told = retelling.Subject()
        last = day_of(made.rows[-1])
        for n in range((last - made.start).days + 1):
            if n:
                told.apply("elapse", {"days": 1})
            doses = []
            for row in made.rows:
                if day_of(row) == made.start + timedelta(n):
                    assert told.apply(row["event"], given(row)) == "accepted", (name, row)
                    if row["event"] == "dose":
                        doses.append((row["drug"], Decimal(row["amount"])))
                    if row["drug"] == "plerixafor" if "drug" in row else False:
                        assert day_of(row).strftime("%a") in ("Mon", "Wed", "Fri")
            if made.start + timedelta(n) < last:
                assert sorted(doses) == sorted(due(told)), (name, n)
