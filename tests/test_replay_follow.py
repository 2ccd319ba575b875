"""What is reported after a deviation: one mistake once, and nothing that comes later is hidden."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import plerixafor_logs as made
import pytest
from example_logs import written
from plerixafor_logs import course
from study_mistakes import (
    ACCEPTED,
    C2,
    C5,
    COLUMNS,
    LEN,
    PLX,
    RTX,
    START,
    Found,
    Log,
    Row,
    courses,
    judged,
    more_reports,
    one_report,
)
from trialspec.oracle import json_lines, logs
from trialspec.oracle.cli.main import main
from trialspec.oracle.replay import Judge
from trialspec.oracle.rows import Row as LogRow
from trialspec.spec.protocols.antimag_lenalidomide import PROTOCOL as ANTIMAG
from trialspec.spec.protocols.everolimus_cll import PROTOCOL as EVEROLIMUS
from trialspec.statemachines.bind import bind
from trialspec.statemachines.step import observe

ONE, MORE = one_report(), more_reports()


def test_the_log_is_clean() -> None:
    assert judged(Log().rows) == []


@pytest.mark.parametrize("title", ONE)
def test_one_mistake_one_report(title: str) -> None:
    log = Log()
    ONE[title].make(log)
    assert judged(log.rows) == list(ONE[title].said)


@pytest.mark.parametrize("title", MORE)
def test_one_mistake_that_has_to_be_more_than_one_report(title: str) -> None:
    log = Log()
    MORE[title].make(log)
    assert judged(log.rows) == list(MORE[title].said)


# ---- what comes later is not hidden

C6, C7 = C5 + 28, C5 + 56
LATER: tuple[tuple[Callable[[Log], None], Found], ...] = (
    # in the course of the first subject
    (
        partial(Log.missing, named=f"P1 {C6} start_cycle"),
        (f"P1 {C6} {RTX}", ACCEPTED, "PLX-17"),
    ),
    (partial(Log.doubled, named=f"P1 {C7} start_cycle"), ("again", "extra_event", "PLX-12")),
    (
        partial(Log.missing, named=f"P1 {C7} {RTX}"),
        (f"P1 {C7 + 1} {LEN}", "missing_event", "PLX-17"),
    ),
    (
        partial(Log.cells, named=f"P1 {C7 + 2} {PLX}", amount="0.54"),
        (f"P1 {C7 + 2} {PLX}", ACCEPTED, "PLX-08"),
    ),
    # in that of another one, and in the trial
    (partial(Log.missing, named="P4 56 raise"), (f"P4 56 {LEN}", ACCEPTED, "PLX-04")),
    (
        partial(Log.dated, named="P4 98 evaluate", days=-1),
        ("P4 98 evaluate", ACCEPTED, "PLX-07"),
    ),
)


@pytest.mark.parametrize("title", ONE | MORE)
def test_later_mistakes_are_still_found(title: str) -> None:
    first = (ONE | MORE)[title]
    log = Log()
    for make, _ in LATER:
        make(log)
    first.make(log)
    assert sorted(judged(log.rows)) == sorted([*first.said, *(said for _, said in LATER)])


def test_two_mistakes_on_one_day() -> None:
    """A wrong dose of plerixafor, and lenalidomide given twice."""
    log = Log()
    log.cells(f"P1 30 {PLX}", amount="0.32")
    log.doubled(f"P1 30 {LEN}")
    found = [(f"P1 30 {PLX}", ACCEPTED, "PLX-08"), ("again", "extra_event", "PLX-13")]
    assert judged(log.rows) == found


def test_the_same_mistake_again_is_said_again() -> None:
    log = Log()
    days = (30, 32, 35)
    for day in days:
        log.cells(f"P1 {day} {PLX}", amount="0.32")
    assert judged(log.rows) == [(f"P1 {day} {PLX}", ACCEPTED, "PLX-08") for day in days]


# ---- trial and subjects


@pytest.mark.parametrize("toxic", [False, True])
def test_a_subject_too_many_is_said_once(toxic: bool) -> None:
    """Also if this one is evaluated before the three who were let in."""
    told = courses()
    told["P0"] = course(START + timedelta(7), 1, dlt_on=3 if toxic else 0, last=3 if toxic else 28)
    said = [("P0 35 start_combination", ACCEPTED, "PLX-07")]
    assert judged(Log(told).rows) == said


def test_a_subject_of_another_level_is_said_once() -> None:
    log = Log()
    log.cells("P4 70 start_combination", level="3")
    for row in log.rows:
        if row["subject"] == "P4" and row.get("drug") == PLX:
            row["amount"] = made.PLERIXAFOR[3]
    assert judged(log.rows) == [("P4 70 start_combination", ACCEPTED, "PLX-07")]


def test_of_a_subject_whom_the_trial_does_not_know_the_rest_is_judged() -> None:
    told = courses()
    told["P0"] = course(START + timedelta(7), 1)
    log = Log(told)
    log.cells(f"P0 37 {PLX}", amount="0.54")
    log.missing("P0 44 plerixafor")
    assert judged(log.rows) == [
        ("P0 35 start_combination", ACCEPTED, "PLX-07"),
        (f"P0 37 {PLX}", ACCEPTED, "PLX-08"),
        (f"P0 45 {LEN}", "missing_event", "PLX-08"),
    ]


def test_a_late_dose_is_not_said_to_be_off_its_weekday() -> None:
    """The row is dated on a Sunday; its cycle began on the Monday after."""
    log = Log()
    log.in_place(f"P1 {C2} {PLX}", -1)
    found = judged(log.rows)
    assert found[0] == (f"P1 {C2} {PLX}", "out_of_order", "")
    assert [kind for _, kind, _ in found[1:]] == ["missing_event"]


def test_that_a_subject_goes_on_after_the_end_is_said_once() -> None:
    """At the first dose: the least that explains the rest is that the end is somebody else's."""
    log = Log({"P1": course(START, 1, stage1=10, raises=(7, 14), cycles=0)})
    end = {"event": "withdraw_consent", "row": "end", "drug": "", "amount": ""}
    log.rows.insert(5, {**log.rows[4], **end})
    assert judged(log.rows) == [(f"P1 5 {LEN}", ACCEPTED, "PLX-13")]
    assert len(judged(log.rows, follow=False)) > 5


def test_a_log_sorted_by_subject_hides_nothing() -> None:
    """That its dates go back in the trial is said once; what is wrong in a subject's own course is
    said as ever, in that row too."""
    log = Log()
    log.rows.sort(key=lambda row: row["subject"])
    first = "P2 28 start_combination"
    log.cells(first, wbc="100.0")
    found = judged(log.rows)
    assert found[:2] == [(first, "out_of_order", ""), (first, ACCEPTED, "PLX-06b")]
    assert [kind for _, kind, _ in found].count("out_of_order") == 1


def test_what_was_refused_long_before_explains_nothing() -> None:
    """An assessment two cycles early is no assessment at the end of the fourth."""
    log = Log()
    log.dated(f"P1 {C5} assess", -56)
    assert judged(log.rows) == [
        (f"P1 {C5} assess", ACCEPTED, "PLX-14"),
        (f"P1 {C5} start_cycle", ACCEPTED, "PLX-14"),
    ]


def test_a_row_that_was_missed_long_before_explains_nothing() -> None:
    """A step of the titration that is told three weeks late, in Stage 2."""
    log = Log()
    log.dated("P1 14 raise", 21)
    assert judged(log.rows) == [
        (f"P1 14 {LEN}", ACCEPTED, "PLX-04"),
        ("P1 14 raise", ACCEPTED, "PLX-04"),
    ]


def test_two_doses_in_each_others_place_are_said_once() -> None:
    """Of which week a dose is depends on the dates: the row that is late may not have happened on
    the day of the row before it."""
    dates = ("2020-01-01", "2019-12-25", "2020-01-02", "2020-01-03")
    given = {"drug": "alemtuzumab", "amount": "30"}
    rows = [("enrol", "2019-12-24", {"level": "1", "phase": "1"})]
    rows += [("dose", day, given) for day in dates]
    judge = Judge(EVEROLIMUS, bind(EVEROLIMUS, "subject"))
    found = [
        (d.row, d.kind)
        for number, (event, day, cells) in enumerate(rows)
        for d in judge.row(LogRow("", number, "E", event, date.fromisoformat(day), cells, {}))
    ]
    assert found == [(2, "out_of_order")]


def test_a_way_the_protocol_never_goes_is_refused_not_a_defect() -> None:
    """One enrolment is missing. Had its outcome counted otherwise, a level would be eliminated that
    the rule of the design then selects."""
    rows = []
    for number, outcome in enumerate("NNTNTNNTNNNN"):
        if number != 4:
            rows.append(("enrol", {}))
        rows.append(("evaluate", {"dlt": str(outcome == "T").lower()}))
    rows.append(("select", {}))
    judge = Judge(ANTIMAG, bind(ANTIMAG, "trial"))
    found = [
        (d.row, d.kind)
        for number, (event, cells) in enumerate(rows)
        for d in judge.row(LogRow("", number, "M", event, date(2020, 1, 1 + number), cells, {}))
    ]
    assert found == [(8, ACCEPTED)]


def test_what_dates_bring_is_not_missing_from_a_log() -> None:
    """24 months would make the evaluation possible; they come with the dates, and haven't."""
    rows = [("enrol", {"level": "1"}), ("start", {"level": "1"}), ("evaluate", {"dlt": "false"})]
    judge = Judge(ANTIMAG, bind(ANTIMAG, "subject"))
    found = [
        d
        for number, (event, cells) in enumerate(rows)
        for d in judge.row(LogRow("", number, "M", event, date(2020, 1, 1 + number), cells, {}))
    ]
    assert [(d.row, d.kind) for d in found] == [(2, ACCEPTED)]
    assert "month_24" in found[0].because and "after month_24" not in found[0].because
    ways = judge.cases["M"].tracks[""].doubt
    assert ways is not None
    assert not {observe(judge.main.bound, w.track.configuration)["month_24"] for w in ways.ways} - {
        "running"
    }


# ---- without following


def test_without_following_a_refused_row_has_not_happened() -> None:
    """One step of the titration a day early: nothing goes up until the second step, which is then
    the first."""
    log = Log({"P1": course(START, 1, stage1=16, raises=(6, 14), cycles=0)})
    assert judged(log.rows) == [("P1 6 raise", ACCEPTED, "PLX-04")]
    assert judged(log.rows, follow=False) == [
        ("P1 6 raise", ACCEPTED, "PLX-04"),
        *((f"P1 {day} {LEN}", ACCEPTED, "PLX-03") for day in range(6, 14)),
        *((f"P1 {day} {LEN}", ACCEPTED, "PLX-04") for day in range(14, 16)),
    ]


# ---- the same answer from every way of reading


def spoilt() -> tuple[Log, list[Found]]:
    """A log with some mistakes of different subjects, and what is said of it."""
    log = Log()
    log.in_place("P4 49 raise", -1)
    for title in ("late P1 14 raise", "subject P3 66 progression"):
        ONE[title].make(log)
    log.doubled(f"P2 30 {LEN}")
    return log, judged(log.rows)


def as_csv(rows: list[Row]) -> str:
    return written(COLUMNS, rows)


def as_json_lines(rows: list[Row]) -> str:
    """As strings, which JSON may have for numbers too."""
    return "".join(json.dumps({k: v for k, v in row.items() if v}) + "\n" for row in rows)


@pytest.mark.parametrize(("ending", "write"), [("csv", as_csv), ("jsonl", as_json_lines)])
@pytest.mark.parametrize("parts", [1, 3, 40])
def test_any_format_and_any_number_of_files(
    ending: str,
    write: Callable[[list[Row]], str],
    parts: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log, said = spoilt()
    assert len(said) >= 4
    size = -(-len(log.rows) // parts)
    paths = []
    for n in range(parts):
        path = tmp_path / f"{n:02}.{ending}"
        path.write_text(write(log.rows[n * size : (n + 1) * size]), encoding="utf-8")
        paths.append(str(path))
    code = main(["replay", "plerixafor-cll", *paths, "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [(d["row"], d["kind"], d["clause"]) for d in answer["deviations"]] == said
    assert answer["events"] == len(log.rows)


@pytest.mark.parametrize("size", [64, 1_000, 20_000])
def test_any_chunking(
    size: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log, said = spoilt()
    path = tmp_path / "log.jsonl"
    path.write_text(as_json_lines(log.rows), encoding="utf-8")
    blocks: Callable[..., Any] = json_lines.blocks
    monkeypatch.setattr(logs, "blocks", partial(blocks, size=size))
    main(["replay", "plerixafor-cll", str(path), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert [(d["row"], d["kind"], d["clause"]) for d in answer["deviations"]] == said


def test_no_follow_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log({"P1": course(START, 1, stage1=16, raises=(6, 14), cycles=0)})
    path = tmp_path / "log.csv"
    path.write_text(as_csv(log.rows), encoding="utf-8")
    for argv, count in ((["--no-follow"], 11), ([], 1)):
        assert main(["replay", "plerixafor-cll", str(path), "--json", *argv]) == 1
        assert len(json.loads(capsys.readouterr().out)["deviations"]) == count
