"""Judging logs: the example logs, every kind of deviation, and what happens after one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trialspec.oracle.cli.main import main

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
    ("MTD-2", 42, "wrongly_accepted", "IBR-07", f"{LEVEL} (register.level = 3, level = 2)"),
    (
        "TOP",
        47,
        "wrongly_accepted",
        "IBR-03",
        "treated[event.level] + pending[event.level] < cap is false"
        " (treated[1] = 6, pending[1] = 0)",
    ),
    ("CONFIRMED-1", 62, "wrongly_accepted", "IBR-06", f"{LEVEL} (register.level = 2, level = 1)"),
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
        "the state is registered; dose needs the state treated; after first_dose it would be"
        " accepted",
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
        " (since_visit = 32 or more, tolerance = 3)",
    ),
]


def replay(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, Any]:
    code = main(["replay", *argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def brief(answer: Any) -> list[tuple[str, int, str, str, str]]:
    return [
        (d["case"], d["row"], d["kind"], d["clause"], d["because"]) for d in answer["deviations"]
    ]


# ---- one patient at a time


def test_whoever_is_registered_while_another_is_under_observation_is_reported(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"T,P{k},register,1,2024-01-0{k}\n" for k in range(1, 9))
    log = write(f"case,subject,event,level,time\n{rows}")
    code, answer = replay(capsys, "ibrutinib-mm", log)
    assert code == 1
    assert (answer["machine"], answer["conforming_cases"]) == ("study", 0)
    second = answer["deviations"][0]
    assert (second["subject"], second["row"], second["kind"]) == ("P2", 3, "wrongly_accepted")
    assert second["clause"] == "IBR-05"
    one_at_a_time = "X_A04 == 'overlapping' or pending[event.level] == 0 is false (pending[1] = 1)"
    assert one_at_a_time in second["because"]
    # the trial alone, and up to a cohort together
    _, answer = replay(capsys, "ibrutinib-mm", log, "--machine", "trial")
    assert answer["deviations"][0]["row"] == 3
    _, answer = replay(capsys, "ibrutinib-mm", log, "--reading", "X-A04=overlapping")
    assert answer["deviations"][0]["row"] == 5


def test_outcomes_alone_need_no_registrations(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write("case,event,level,dlt\n" + "T,evaluate,,no\n" * 3 + "T,not_evaluable,2,\n")
    code, answer = replay(capsys, "ibrutinib-mm", log)
    assert (code, answer["deviations"]) == (0, [])


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
    assert answer["by_clause"] == {"IBR-03": 1, "IBR-06": 1, "IBR-07": 1, "IBR-15": 5}
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
        "row 42 (2021-07-14 register), case MTD-2: wrongly_accepted, IBR-07: "
        "event.level == level is false (register.level = 3, level = 2)"
    )
    assert lines[3].endswith(" (treated[1] = 6, pending[1] = 0, cap = 6)")
    assert lines[-2] == "rows count from the header, which is row 1"
    assert lines[-1] == (
        "5 cases, 134 events: 0 conforming, 12 deviations (2 malformed, 7 wrongly_accepted, "
        "1 extra_event, 1 out_of_order, 1 unknown_event)"
    )


def test_what_rows_count_from_is_said_of_csv_with_deviations_alone(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    def last(path: str) -> str:
        main(["replay", "ibrutinib-mm", path])
        return capsys.readouterr().out.splitlines()[-2:][0]

    said = "rows count from the header, which is row 1"
    assert last(write("case,event\na,close\n")) == said
    assert last(write("case,event,row\na,close,7\n")).startswith("row 7 (close), case a: ")
    assert last(write('{"case": "a", "event": "close"}\n', "l.jsonl")).startswith("row 1 (close)")
    assert last(write("case,event,dlt\na,evaluate,0\n")).startswith("1 case, 1 event: ")


def test_a_log_without_rows_is_no_pass(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    log = write("case,event\n")
    assert main(["replay", "ibrutinib-mm", log]) == 3
    found = capsys.readouterr()
    assert found.out == "0 cases, 0 events: 0 conforming, 0 deviations\n"
    assert "no events" in found.err
    assert found.err.endswith("nothing was judged: this is no pass\n")
    assert main(["replay", "ibrutinib-mm", log, "--json", "--quiet"]) == 3
    found = capsys.readouterr()
    assert (json.loads(found.out)["events"], found.err) == (0, "")
    some = write("case,event,dlt\na,evaluate,0\n", "some.csv")
    assert main(["replay", "ibrutinib-mm", log, some]) == 0


@pytest.mark.parametrize(
    ("options", "event", "advice"),
    [
        ([], "visit", "subject: give --machine subject or map a column subject (--columns)"),
        (["--machine", "trial"], "visit", "subject: give --machine subject"),
        (["--machine", "subject"], "close", "trial: give --machine trial"),
        ([], "nonsense", ""),
    ],
)
def test_events_of_the_other_machine_bring_advice_once(
    options: list[str],
    event: str,
    advice: str,
    write: Write,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = write(f"case,event\na,{event}\na,{event}\nb,{event}\n")
    assert main(["replay", "ibrutinib-mm", log, *options]) == 1
    found = capsys.readouterr()
    assert found.out.count(": unknown_event: ") == 3
    said = f"spec-check replay: {event} is an event of the machine {advice}\n"
    assert found.err == (said if advice else "")
    main(["replay", "ibrutinib-mm", log, *options, "--quiet"])
    assert capsys.readouterr().err == ""


def test_an_end_before_the_last_row_is_refused(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(
        "case,time,event,drug,amount\na,2019-01-07,dose,lenalidomide,5\n"
        "a,2019-01-08,dose,lenalidomide,5\nb,2019-01-07,dose,lenalidomide,5\n"
        "b,2019-01-08,dose,lenalidomide,5\n"
    )
    argv = ["replay", "plerixafor-cll", "--machine", "subject", log, "--as-of"]
    assert main([*argv, "2019-01-07", "--json"]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert "--as-of: 2019-01-07 is before the last row, of 2019-01-08 (case 'b')" in found.err
    # of the day itself nothing is asked: it may not be over
    assert main([*argv, "2019-01-09"]) == 0
    capsys.readouterr()
    assert main([*argv, "2019-01-10"]) == 1
    assert "row end (2019-01-10), case a: missing_event, PLX-13: " in capsys.readouterr().out


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
    assert capsys.readouterr().out.startswith(f"{second}: row 3 (evaluate), case a: ")


def test_rows_of_the_other_machine_of_a_study(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    log = write(
        "case,subject,event,level,dlt\nT,P1,register,1,\nT,P1,first_dose,,\nT,,evaluate,,false\n"
        "T,P2,register,1,\nT,P2,first_dose,,\nT,P2,first_dose,,\n"
    )
    code, answer = replay(capsys, "ibrutinib-mm", log, "--machine", "trial")
    assert (code, answer["machine"], answer["cases"]) == (0, "trial", 1)
    assert answer["events"] + answer["skipped"] == 6
    code, answer = replay(capsys, "ibrutinib-mm", log)
    assert (code, answer["machine"], answer["cases"], answer["subjects"]) == (1, "study", 1, 2)
    assert (answer["events"], answer["skipped"]) == (6, 0)
    assert [(d["case"], d["subject"], d["row"]) for d in answer["deviations"]] == [("T", "P2", 7)]
    code, answer = replay(capsys, "ibrutinib-mm", log, "--machine", "subject")
    assert (code, answer["cases"], answer["events"], answer["skipped"]) == (1, 2, 5, 1)
    assert [(d["case"], d["row"]) for d in answer["deviations"]] == [("T/P2", 7)]


def test_a_duplicate_is_told_from_one_patient_too_many(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    overlapping = ["--reading", "X-A04=overlapping"]
    log = write("case,event,level\n" + "a,register,1\n" * 4 + "b,close,\nb,close,\n")
    _, answer = replay(capsys, "ibrutinib-mm", log, *overlapping)
    found = [(d["row"], d["kind"]) for d in answer["deviations"]]
    assert found == [(5, "wrongly_accepted"), (6, "wrongly_accepted"), (7, "extra_event")]
    patients = "".join(f"a,P{k},register,1\n" for k in (1, 2, 3, 4, 4))
    log = write(f"case,subject,event,level\n{patients}")
    _, answer = replay(capsys, "ibrutinib-mm", log, *overlapping)
    found = [(d["row"], d["kind"]) for d in answer["deviations"]]
    assert found == [(5, "wrongly_accepted"), (6, "extra_event")]
    dated = "".join(f"a,2024-01-0{k},register,1\n" for k in (1, 2, 3, 4, 4))
    log = write(f"case,time,event,level\n{dated}")
    _, answer = replay(capsys, "ibrutinib-mm", log, *overlapping)
    found = [(d["row"], d["kind"]) for d in answer["deviations"]]
    assert found == [(5, "wrongly_accepted"), (6, "extra_event")]


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
        "case,event,level,answer\na,register,2,refused\na,register,1,refused\n"
        "a,register,1,accepted\na,register,1,ignored\n"
    )
    _, answer = replay(capsys, "ibrutinib-mm", log)
    assert [(d["row"], d["kind"], d["clause"]) for d in answer["deviations"]] == [
        (3, "wrongly_refused", "IBR-02"),
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
