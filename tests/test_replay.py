"""Judging logs: the example logs, every kind of deviation, and what happens after one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

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

LOGS = Path(__file__).parents[1] / "examples" / "logs"
Write = Callable[..., str]

LEVEL = "event.level == level is false"
TRIAL = [
    ("NO-MTD", 33, "malformed", "", "evaluate has no argument 'level'"),
    (
        "NO-MTD",
        34,
        "wrongly_accepted",
        "IBR-15",
        "the state no_mtd is final and accepts nothing",
    ),
    ("MTD-2", 42, "wrongly_accepted", "IBR-05", f"{LEVEL} (register.level = 3, level = 2)"),
    (
        "TOP",
        47,
        "wrongly_accepted",
        "IBR-03",
        "treated[event.level] + pending[event.level] < cap is false"
        " (treated[1] = 6, pending[1] = 0)",
    ),
    ("CONFIRMED-1", 62, "wrongly_accepted", "IBR-05", f"{LEVEL} (register.level = 2, level = 1)"),
    (
        "CONFIRMED-1",
        87,
        "wrongly_accepted",
        "IBR-15",
        "expanded == expansion_size is false (expanded = 6)",
    ),
    (
        "MTD-2",
        102,
        "wrongly_accepted",
        "IBR-15",
        "expanded < expansion_size is false (expanded = 10)",
    ),
    ("MTD-2", 105, "extra_event", "IBR-15", "the state complete is final and accepts nothing"),
    (
        "TOP",
        115,
        "wrongly_accepted",
        "IBR-15",
        f"{LEVEL} (register_expansion.level = 2, level = 3)",
    ),
    ("RUNNING", 129, "out_of_order", "", "the row before it in this case is of 2022-10-31"),
    ("RUNNING", 132, "unknown_event", "", "ibrutinib-mm trial has no event 'enrol'"),
    ("RUNNING", 135, "malformed", "", "dlt = 'unclear' is not a truth value"),
]

RAISED = "amount <= dose_level is false (amount = 2, dose_level = 1)"
SUBJECT = [
    ("P01", 18, "wrongly_accepted", "IBR-04", RAISED),
    ("P05", 33, "out_of_order", "", "the row before it in this case is of 2021-02-25"),
    ("P06", 43, "unknown_event", "", "ibrutinib-mm subject has no event 'infusion'"),
    (
        "P07",
        45,
        "extra_event",
        "IBR-02",
        "the state is treated; first_dose needs the state registered",
    ),
    ("P04", 59, "wrongly_accepted", "IBR-04", RAISED),
    (
        "P10",
        69,
        "wrongly_accepted",
        "IBR-13",
        "the state is registered; dose needs the state treated",
    ),
    ("P02", 93, "malformed", "", "9 cells where the header has 7"),
    ("P09", 112, "malformed", "", "amount = 'two' is not a plain decimal number"),
    (
        "P13",
        128,
        "wrongly_accepted",
        "IBR-14",
        "event.level < dose_level is false (retreat.level = 2, dose_level = 2)",
    ),
    (
        "P12",
        136,
        "wrongly_accepted",
        "IBR-12",
        "window >= first_cycle_days is false (window = 21, first_cycle_days = 28)",
    ),
    ("P03", 197, "wrongly_accepted", "IBR-14", "not progressed is false (progressed = True)"),
    (
        "P14",
        283,
        "unspecified",
        "IBR-16",
        "the text does not decide: IBR-A11, Part 2 gives dexamethasone at the dose of part 1,"
        " and part 1 names none.",
    ),
    (
        "P11",
        284,
        "overdue",
        "IBR-12",
        "the stay in treated lasts too long: since_visit <= visit_days + tolerance is false"
        " (since_visit = 32, tolerance = 3)",
    ),
]


def replay(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, Any]:
    code = main(["replay", *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def brief(answer: Any) -> list[tuple[str, int, str, str, str]]:
    return [
        (d["case"], d["row"], d["kind"], d["clause"], d["because"]) for d in answer["deviations"]
    ]


# ---- the example logs


@pytest.mark.parametrize(
    ("name", "machine", "cases", "events"),
    [
        ("ibrutinib-trial-clean.csv", "trial", 5, 122),
        ("ibrutinib-subjects-clean.csv", "subject", 36, 558),
    ],
)
def test_clean_logs_conform(
    name: str, machine: str, cases: int, events: int, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = replay(capsys, "ibrutinib-mm", str(LOGS / name), "--machine", machine)
    assert code == 0
    assert answer["format"] == "trialspec/replay/1"
    assert (answer["cases"], answer["events"], answer["conforming_cases"]) == (cases, events, cases)
    assert (answer["deviations"], answer["by_clause"], answer["undecided"]) == ([], {}, 0)


def test_planted_deviations_of_trials(capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = replay(capsys, "ibrutinib-mm", str(LOGS / "ibrutinib-trial-deviations.csv"))
    assert code == 1
    assert brief(answer) == TRIAL
    assert answer["by_clause"] == {"IBR-03": 1, "IBR-05": 2, "IBR-15": 5}
    assert (answer["cases"], answer["events"], answer["conforming_cases"]) == (5, 134, 0)
    assert answer["deviations"][3]["expected"] == {"answer": "refused", "state": "first_three"}
    assert answer["deviations"][3]["observed"] == {
        "answer": "accepted",
        "event": "register",
        "arguments": {"level": 1},
        "time": "2021-08-07",
    }


def test_planted_deviations_of_subjects(capsys: pytest.CaptureFixture[str]) -> None:
    log = str(LOGS / "ibrutinib-subjects-deviations.csv")
    code, answer = replay(capsys, "ibrutinib-mm", log, "--machine", "subject")
    assert code == 1
    assert brief(answer) == SUBJECT
    assert (answer["cases"], answer["conforming_cases"], answer["undecided"]) == (36, 23, 1)


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    log = str(LOGS / "ibrutinib-trial-deviations.csv")
    assert main(["replay", "ibrutinib-mm", log]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == (
        "row 42, case MTD-2: wrongly_accepted, IBR-05: "
        "event.level == level is false (register.level = 3, level = 2)"
    )
    assert lines[-1] == (
        "5 cases, 134 events: 0 conforming, 12 deviations (2 malformed, 7 wrongly_accepted, "
        "1 extra_event, 1 out_of_order, 1 unknown_event)"
    )


def test_the_answer_is_the_same_every_time(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["replay", "ibrutinib-mm", str(LOGS / "ibrutinib-trial-deviations.csv"), "--json"]
    main(argv)
    first = capsys.readouterr().out
    main(argv)
    assert capsys.readouterr().out == first


# ---- readings, constants, several logs


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str, name: str = "log.csv") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def test_readings_and_constants_change_the_judgement(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write("case,event,dlt\na,evaluate,0\na,evaluate,1\na,evaluate,1\na,evaluate,0\n")
    assert replay(capsys, "ibrutinib-mm", log)[0] == 1
    assert replay(capsys, "ibrutinib-mm", log, "--reading", "IBR-A02=expand")[0] == 0
    code, answer = replay(capsys, "ibrutinib-mm", log, "--reading", "strict")
    assert code == 3
    assert [(d["row"], d["kind"]) for d in answer["deviations"]] == [(4, "unspecified")]
    assert (answer["undecided"], answer["conforming_cases"]) == (1, 0)
    expanded = write("case,event,level\na,register,4\n", "four.csv")
    _, answer = replay(capsys, "ibrutinib-mm", expanded, "--set", "levels=4")
    assert [d["kind"] for d in answer["deviations"]] == ["wrongly_accepted"]


def test_a_case_goes_on_in_the_next_log(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    first = write("case,event,dlt\na,evaluate,1\n", "one.csv")
    second = write("case,event,dlt\na,evaluate,1\na,evaluate,1\n", "two.csv")
    code, answer = replay(capsys, "ibrutinib-mm", first, second)
    assert (code, answer["cases"]) == (1, 1)
    assert [(d["log"], d["row"]) for d in answer["deviations"]] == [(second, 3)]
    main(["replay", "ibrutinib-mm", first, second])
    assert capsys.readouterr().out.startswith(f"{second}: row 3, case a: ")


def test_rows_of_the_other_machine_of_a_study(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(
        "case,subject,event,level,dlt\nT,P1,register,1,\nT,P1,first_dose,,\nT,P2,register,1,\n"
        "T,,evaluate,,false\nT,P2,first_dose,,\nT,P2,first_dose,,\n"
    )
    code, answer = replay(capsys, "ibrutinib-mm", log)
    assert (code, answer["events"], answer["skipped"]) == (0, 3, 3)
    code, answer = replay(capsys, "ibrutinib-mm", log, "--machine", "subject")
    assert (code, answer["cases"], answer["events"], answer["skipped"]) == (1, 2, 5, 1)
    assert [(d["case"], d["row"]) for d in answer["deviations"]] == [("T/P2", 7)]


def test_terminal_control_characters_are_not_printed(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write("case,event,\x1b[2J\na\x1b[31m,regi\x1bster,\n")
    assert main(["replay", "ibrutinib-mm", log]) == 1
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err


def test_wrong_usage(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    log = write("case,event\na,close\n")
    for argv, message in (
        (["ibrutinib-mm", log, "--cluster", "localhost"], "unrecognized arguments: --cluster"),
        (["ibrutinib-mm"], "the following arguments are required: log"),
        (["ibrutinib-mm", log, "--machine", "site"], "has no machine 'site'"),
        (["ibrutinib-nn", log], "there is no protocol 'ibrutinib-nn'"),
        (["ibrutinib-mm", log, "--set", "floors=3"], "has no constant 'floors'"),
        (["ibrutinib-mm", log, "--columns", "none.toml"], "none.toml: can't be read"),
    ):
        assert main(["replay", *argv]) == 2
        assert message in capsys.readouterr().err


# ---- refusals and observations in the log


def test_a_log_that_records_refusals(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    log = write(
        "case,event,level,answer\na,register,1,accepted\na,register,2,refused\n"
        "a,register,1,refused\na,register,1,ignored\n"
    )
    _, answer = replay(capsys, "ibrutinib-mm", log)
    assert [(d["row"], d["kind"], d["clause"]) for d in answer["deviations"]] == [
        (4, "wrongly_refused", "IBR-02"),
        (5, "malformed", ""),
    ]
    assert answer["deviations"][0]["because"].startswith("IBR-02 allows it in first_three (level")


def test_an_observed_state_is_compared_and_taken_over(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(
        "case,event,dlt,state\na,evaluate,0,first_three\na,evaluate,0,expansion\n"
        "a,evaluate,0,\na,close,,complete\na,register_expansion,,\na,close,,nowhere\n"
    )
    _, answer = replay(capsys, "ibrutinib-mm", log)
    found = [(d["row"], d["kind"], d["expected"], d["observed"]) for d in answer["deviations"]]
    assert found[0] == (3, "wrong_state", {"state": "first_three"}, {"state": "expansion"})
    assert [f[:2] for f in found[1:]] == [
        (4, "wrongly_accepted"),  # the state is taken over: no evaluation in the expansion
        (5, "wrongly_accepted"),
        (6, "wrongly_accepted"),  # complete is taken over, though close was refused
        (7, "malformed"),
    ]


# ---- a machine with time: overdue stays, landmarks, order within a day

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
    because = "the stay in treated lasts too long: since_visit <= 10 is false (since_visit = 11)"
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
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol = write(dump_json(TIMED), "timed.json")
    log = write(
        "case,time,event\na,2024-01-01,start\na,2024-01-02,visit\na,2024-01-02,double\n"
        "b,2024-01-01,start\nb,2024-01-02,double\nb,2024-01-02,visit\n"
        "c,2024-01-01,start\nc,2024-01-02,visit\nc,2024-01-03,double\nc,2024-01-03,visit\n"
        "d,2024-01-01,start\nd,2024-01-02,visit\nd,2024-01-02,end\n"
        "e,2024-01-01,start\ne,2024-01-02,visit\ne,2024-01-02,visit\ne,2024-01-02,double\n"
    )
    code, answer = replay(capsys, protocol, log)
    assert code == 1
    # b: refused before the visit of its date; e: refused after two visits, accepted between them
    assert [(d["case"], d["row"]) for d in answer["deviations"]] == [("b", 6), ("e", 18)]
    assert answer["deviations"][1]["because"] == (
        "visits == 1 is false (visits = 2); before row 17 of the same date it would be accepted"
    )
    assert [(n["case"], n["rows"]) for n in answer["order"]["first"]] == [("e", [17, 18])]
    timed = log.replace("log", "timed-log")
    Path(timed).write_text(
        "case,time,event\ne,2024-01-01,start\ne,2024-01-02T08:00,visit\n"
        "e,2024-01-02T09:00,visit\ne,2024-01-02T10:00,double\ne,2024-01-02T09:30,visit\n",
        encoding="utf-8",
    )
    _, answer = replay(capsys, protocol, timed)
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
