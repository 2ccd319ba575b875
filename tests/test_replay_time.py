"""Judging logs with dates: stays that last too long, landmarks, order within a day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from trialspec.oracle.cli.main import main
from trialspec.oracle.dates import landmark_date
from trialspec.oracle.replay import Judge
from trialspec.oracle.rows import Row
from trialspec.spec.document import dump_json
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Clock,
    Count,
    Landmark,
    Machine,
    Observation,
    Protocol,
    State,
    Transition,
    Unspecified,
)
from trialspec.statemachines.bind import bind

TIMED = Protocol(
    "timed",
    "visits and a two-month landmark",
    (
        Machine(
            "subject",
            variables=(
                Clock("since_visit", 11),
                Count("visits", 0, 9, saturates=True),
            ),
            states=(
                State("new", initial=True),
                State("treated", within="since_visit <= 10", within_clause="X-1"),
                State("month_two", within="since_visit <= 10", within_clause="X-1"),
                State("over", final=True),
            ),
            events=(
                Action("start"),
                Action("visit"),
                Action("double"),
                Action("ask"),
                Observation("end"),
            ),
            transitions=(
                Transition("X-2", "new", "start", "treated", then="since_visit = 0"),
                Transition(
                    "X-3",
                    ("treated", "month_two"),
                    "visit",
                    then="visits += 1; since_visit = 0",
                ),
                Transition("X-4", "treated", "double", when="visits == 1", then="visits = 3"),
                Transition("X-5", "treated", "two_months", "month_two"),
                Transition("X-6", ("new", "treated", "month_two"), "end", "over"),
                Transition("X-7", ("new", "treated", "month_two"), "ask", Unspecified("X-A1")),
            ),
            landmarks=(Landmark("two_months", "start", months=2),),
        ),
    ),
    ambiguities=(Ambiguity("X-A1", "who?", {"one": "", "other": ""}, "one"),),
)


def judged(*events: str) -> list[tuple[int | str, str, str]]:
    """Rows like ``2024-01-01 start`` through the judge; (row, kind, because) for each deviation."""
    judge = Judge(TIMED, bind(TIMED, "subject"))
    rows = []
    for number, text in enumerate(events):
        day, event = text.split()
        rows.append(Row("log", number, "a", event, date.fromisoformat(day), {}, {}))
    return [(d.row, d.kind, d.because) for d in judge.judge(rows)]


def test_a_stay_is_overdue_once() -> None:
    found = judged(
        "2024-01-01 start",
        "2024-01-11 visit",
        "2024-01-22 visit",
        "2024-02-05 ask",
    )
    because = (
        "the stay in treated lasts too long: since_visit <= 10 is false (since_visit = 11 or more)"
    )
    assert found == [
        (2, "overdue", because),
        (3, "overdue", because),
        (3, "unspecified", "the text does not decide: X-A1, who?"),
    ]
    late = judged("2024-01-01 start", "2024-01-20 start", "2024-02-20 start", "2024-02-21 visit")
    assert [(row, kind) for row, kind, _ in late] == [
        (1, "overdue"),
        (1, "wrongly_accepted"),
        (2, "wrongly_accepted"),
    ]


def test_a_landmark_comes_by_its_date() -> None:
    weekly = [f"2024-0{m}-{d:02d} visit" for m in (1, 2) for d in (5, 12, 19, 26)]
    start = ["2024-01-01 start", *weekly]
    before = judged(*start, "2024-02-29 two_months")
    assert before == []  # the log may say it itself
    after = judged(*start, "2024-03-01 double")
    assert [(row, kind) for row, kind, _ in after] == [(9, "wrongly_accepted")]
    assert after[0][2] == "the state is month_two; double needs the state treated"
    again = judged(*start, "2024-03-01 two_months")
    assert [(row, kind) for row, kind, _ in again] == [(9, "wrongly_accepted")]


@pytest.mark.parametrize(
    ("start", "months", "days", "end"),
    [
        ("2024-01-31", 1, 0, "2024-02-29"),
        ("2023-12-31", 14, 0, "2025-02-28"),
        ("2024-02-29", 12, 0, "2025-02-28"),
        ("2024-01-01", 24, 3, "2026-01-04"),
        ("9999-12-01", 1, 0, None),
        ("9999-12-31", 0, 1, None),
    ],
)
def test_landmark_dates(start: str, months: int, days: int, end: str | None) -> None:
    found = landmark_date(date.fromisoformat(start), months, days)
    assert found == (date.fromisoformat(end) if end else None)


def test_order_within_a_day_is_reported_where_it_matters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol, log = tmp_path / "timed.json", tmp_path / "log.csv"
    protocol.write_text(dump_json(TIMED), encoding="utf-8")
    log.write_text(
        "case,time,event\na,2024-01-01,start\na,2024-01-02,visit\na,2024-01-02,double\n"
        "b,2024-01-01,start\nb,2024-01-02,double\nb,2024-01-02,visit\n"
        "c,2024-01-01,start\nc,2024-01-02,visit\nc,2024-01-03,double\nc,2024-01-03,visit\n"
        "d,2024-01-01,start\nd,2024-01-02,visit\nd,2024-01-02,end\n"
        "e,2024-01-01,start\ne,2024-01-02,visit\ne,2024-01-02,visit\ne,2024-01-02,double\n",
        encoding="utf-8",
    )
    code = main(["replay", str(protocol), str(log), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == 1
    # b: refused before the visit of its date; e: refused after two visits, accepted between them
    assert [(d["case"], d["row"]) for d in answer["deviations"]] == [("b", 6), ("e", 18)]
    assert answer["deviations"][1]["because"] == (
        "visits == 1 is false (visits = 2); before row 17 of the same date it would be accepted"
    )
    assert [(n["case"], n["rows"]) for n in answer["order"]["first"]] == [("e", [17, 18])]
    log.write_text(
        "case,time,event\ne,2024-01-01,start\ne,2024-01-02T08:00,visit\n"
        "e,2024-01-02T09:00,visit\ne,2024-01-02T10:00,double\ne,2024-01-02T09:30,visit\n",
        encoding="utf-8",
    )
    main(["replay", str(protocol), str(log), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert [(d["row"], d["kind"]) for d in answer["deviations"]] == [
        (5, "wrongly_accepted"),
        (6, "out_of_order"),
    ]
    assert answer["order"]["pairs"] == 0


def test_judging_resumes_when_a_row_shows_everything() -> None:
    judge = Judge(TIMED, bind(TIMED, "subject"))
    day = date(2024, 1, 1)
    shown = {"state": "treated", "since_visit": "3", "visits": "1", "two_months": "running"}
    rows = [
        Row("log", 1, "a", "ask", day, {}, {}),
        Row("log", 2, "a", "start", day, {}, {}),
        Row("log", 3, "a", "visit", day, {}, {"state": "treated"}),
        Row("log", 4, "a", "visit", day, {}, shown),
        Row("log", 5, "a", "double", day, {}, {}),
        Row("log", 6, "a", "start", day, {}, {}),
    ]
    found = [(d.row, d.kind) for d in judge.judge(rows)]
    assert found == [(1, "unspecified"), (6, "wrongly_accepted")]
    assert judge.counts.undecided == 1
