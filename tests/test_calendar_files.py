"""Calendars as files: CSV for spreadsheets, ICS for calendar programs, written whole or not."""

from __future__ import annotations

import csv
import io
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from calendars import LOGS, Calendars, Event
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from trialspec.oracle.calendars.table import COLUMNS, safe
from trialspec.oracle.cli.main import main
from trialspec.spec.calendar import Regimen
from trialspec.spec.document import dump_json
from trialspec.spec.model import Action, Clause, Clock, Machine, Protocol, State, Transition

STUDY = ("plerixafor-cll", "--history", str(LOGS / "plerixafor-study-clean.csv"))
PLAN = ("dextr-mm", "--state", "induction", "--at", "cycle=1", "--at", "len_dose=25")
DATED = (*PLAN, "--start", "2024-03-04")


@pytest.fixture
def calendars(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Calendars:
    return Calendars(capsys, tmp_path)


def odd(drug: str, text: str = "Text.") -> Protocol:
    """A protocol with any text for a drug and its unit."""
    machine = Machine(
        "subject",
        variables=(Clock("day", 3),),
        states=(State("on", initial=True), State("off", final=True)),
        events=(Action("stop"),),
        transitions=(Transition("C-1", "on", "stop", "off", then="day = 0"),),
        regimens=(
            Regimen("C-1", drug, "1", "mg", ("on",), (1,), 2, clock="day"),
            Regimen("C-1", drug, "2", "mg", ("on",), (1,), 2, clock="day"),
        ),
    )
    return Protocol("odd", "Odd", (machine,), (Clause("C-1", text, "C"),))


@pytest.fixture
def small(calendars: Calendars) -> tuple[str, ...]:
    """The plan of a protocol of one drug, for what is the same of any."""
    path = calendars.folder / "small.json"
    path.write_text(dump_json(odd("tablet")))
    return (str(path), "--start", "2024-02-28")


def written(calendars: Calendars, *argv: str, code: int = 0) -> bytes:
    """The bytes of the file."""
    path = calendars.folder / "calendar.ics"
    assert main(["calendar", *argv, "-o", str(path)]) == code
    assert calendars.capsys.readouterr().out == ""
    return path.read_bytes()


def read(content: bytes) -> Calendar:
    """The calendar as another library reads it."""
    return IcsCalendarStream.calendar_from_ics(content.decode())


# ---- ICS


def test_the_events_are_the_doses(calendars: Calendars) -> None:
    made = read(written(calendars, *DATED))
    days = calendars.ask(*DATED)["days"]
    expected = [
        (d["date"], f"{x['drug']} {x['dose']} {x['unit']}") for d in days for x in d["doses"]
    ]
    events = [(e.dtstart.isoformat(), e.summary) for e in made.events]
    assert events == expected
    assert len(events) == 12 + 28 + 21
    assert events[:3] == [
        ("2024-03-04", "dexamethasone 40 mg"),
        ("2024-03-04", "thalidomide 50 mg"),
        ("2024-03-04", "lenalidomide 25 mg"),
    ]
    assert made.prodid == "-//trialspec//spec-check calendar//EN"
    assert {e.transparency for e in made.events} == {"TRANSPARENT"}
    assert {e.dtstamp for e in made.events} == {datetime(2024, 3, 4, tzinfo=UTC)}
    assert {e.duration for e in made.events} == {None}


def test_a_history_and_the_days_ahead(calendars: Calendars) -> None:
    made = read(written(calendars, *STUDY, "--subject", "S02"))
    days = calendars.ask(*STUDY, "--subject", "S02")["days"]
    expected = [
        (d["date"], f"{x['drug']} {x['dose']} {x['unit']}") for d in days for x in d["doses"]
    ]
    assert [(e.dtstart.isoformat(), e.summary) for e in made.events] == expected
    entry = next(e for e in made.events if e.summary.startswith("plerixafor"))
    assert entry.description is not None
    assert entry.description.startswith(
        "plerixafor-cll PLX/S02, combination, C1D1 [PLX-08]; given: 0.24\nIndependent of all"
    )
    lenalidomide = made.events[0].description
    assert lenalidomide is not None and "stage1, D1 [PLX-13]; given: 5\n" in lenalidomide


def test_the_bytes_follow_rfc_5545(calendars: Calendars) -> None:
    content = written(calendars, *STUDY, "--subject", "S01")
    assert content == written(calendars, *STUDY, "--subject", "S01")
    assert content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    unfolded = content.replace(b"\r\n ", b"").decode()
    notice = "Independent of all trials' sponsors\\; the protocols shipped are built from"
    for name in ("DESCRIPTION", "X-WR-CALDESC"):
        assert f"\r\n{name}:{notice} registry descriptions\\; not for " in unfolded
    events = unfolded.split("BEGIN:VEVENT")[1:]
    assert all("not for treatment decisions" in event for event in events)
    for event in events:
        names = [line.partition(":")[0].partition(";")[0] for line in event.strip().split("\r\n")]
        assert {"UID", "DTSTAMP", "DTSTART"} <= set(names)
        assert "\r\nDTSTART;VALUE=DATE:20" in event
    uids = [line for line in unfolded.split("\r\n") if line.startswith("UID:")]
    assert len(uids) == len(set(uids)) == len(events) == 365 + 108 + 8


def test_an_event_keeps_its_identity_when_the_history_goes_on(calendars: Calendars) -> None:
    """So that a calendar program replaces the dose, and doesn't add a second one."""
    begun: list[Event] = [(1, "dose", {"drug": "lenalidomide", "amount": 25})]
    reduced: list[Event] = [*begun, (5, "reduce_lenalidomide", {"new": 20})]
    argv = ("dextr-mm", "--history")
    before = read(written(calendars, *argv, calendars.log(begun, case="P1")))
    after = read(written(calendars, *argv, calendars.log(reduced, case="P1")))
    other = read(written(calendars, *argv, calendars.log(reduced, case="P2")))
    assert [e.uid for e in before.events] == [e.uid for e in after.events]
    changed = [
        (a.dtstart, a.summary, b.summary)
        for a, b in zip(before.events, after.events, strict=True)
        if a.summary != b.summary
    ]
    assert {(a, b) for _, a, b in changed} == {("lenalidomide 25 mg", "lenalidomide 20 mg")}
    assert min(day for day, _, _ in changed) == date(2024, 1, 5)
    assert {e.dtstamp.date() for e in after.events} == {date(2024, 1, 5)}
    assert not {e.uid for e in after.events} & {e.uid for e in other.events}


def test_plans_of_two_cases_are_two_calendars(calendars: Calendars) -> None:
    def uids(*argv: str) -> set[str]:
        return {e.uid for e in read(written(calendars, *argv)).events}

    one = uids(*DATED)
    assert not one & uids(*DATED[:-1], "2024-03-05")
    assert not one & uids(*DATED[:-3], "len_dose=20", "--start", "2024-03-04")


ODD = [
    "a, b; c\\d",
    "Ünïcödé " * 20,
    "line\nbreak\rand\tBEGIN:VEVENT",
    "x\r\nEND:VEVENT\r\nEND:VCALENDAR",
    '"quoted": %s {0}',
    "\u202eturned",
    "漢字" * 40,
]


@pytest.mark.parametrize("drug", ODD, ids=range(len(ODD)))
def test_any_name_stays_inside_its_event(calendars: Calendars, drug: str) -> None:
    path = calendars.folder / "odd.json"
    path.write_text(dump_json(odd(drug)), encoding="utf-8")
    content = written(calendars, str(path), "--start", "2024-01-01")
    made = read(content)
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert len(made.events) == 2 == len({e.uid for e in made.events})
    name = " ".join("".join(c if c.isprintable() else " " for c in drug).split())
    assert [e.summary for e in made.events] == [f"{name} {n} mg" for n in (1, 2)]
    rows = calendars.table(str(path), "--start", "2024-01-01")
    assert [r["dose"] for r in rows if r["kind"] == "dose"] == ["1", "2"]
    text = calendars.text(str(path))
    assert "\r" not in text and "\u202e" not in text


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("event,case\nlab,P1\n", "an ICS file needs dates\n  give that of the first day: --start"),
        ("event,time\nlab,2024-01-01\n", "needs a case\n  name it in a column case of the log"),
        ("event,time,case\ndeath,2024-01-01,P1\n", "no dose is due on any day"),
    ],
)
def test_what_no_calendar_can_be_made_of(calendars: Calendars, rows: str, message: str) -> None:
    log = calendars.folder / "log.csv"
    log.write_text(rows)
    assert message in calendars.refused("dextr-mm", "--history", str(log), "--format", "ics")


def test_a_refused_history_without_days_has_no_ics(calendars: Calendars) -> None:
    log = calendars.log([(1, "raise", {"tolerated": True})], case="P1")
    path = calendars.folder / "none.ics"
    assert main(["calendar", "plerixafor-cll", "--history", log, "-o", str(path)]) == 1
    shown = calendars.capsys.readouterr()
    assert shown.out == "" and "the calendar ends before row 2: wrongly_accepted" in shown.err
    assert not path.exists()


def test_a_plan_with_open_amounts_is_no_calendar(calendars: Calendars) -> None:
    argv = ("dextr-mm", "--start", "2024-03-04", "--format", "ics")
    message = calendars.refused(*argv)
    assert "5 cycles would begin on 2024-03-04\n  choose one with --state and --at: " in message
    message = calendars.refused(*argv, "--state", "maintenance")
    assert "lenalidomide has more than one amount here: 5 (maint_len = 5) is one" in message


# ---- CSV


def test_the_columns_of_a_plan(calendars: Calendars) -> None:
    rows = calendars.table(*DATED)
    assert tuple(rows[0]) == COLUMNS
    assert rows[1] == {
        **dict.fromkeys(COLUMNS, ""),
        "kind": "dose",
        "situation": "1",
        "state": "induction",
        "cycle_day": "1",
        "day": "1",
        "date": "2024-03-04",
        "weekday": "Mon",
        "drug": "thalidomide",
        "dose": "50",
        "unit": "mg",
        "clause": "DTR-06",
    }
    totals = [(r["drug"], r["doses"], r["total"], r["unit"]) for r in rows if r["kind"] == "total"]
    assert totals == [
        ("dexamethasone", "12", "480", "mg"),
        ("thalidomide", "28", "2450", "mg"),
        ("lenalidomide", "21", "525", "mg"),
    ]
    notes = [r["note"] for r in rows if r["kind"] == "note"]
    assert notes[0] == "readings: default"
    assert "not for treatment decisions" in notes[1]
    cases = [r for r in calendars.table("plerixafor-cll", "--state", "stage1") if r["total"]]
    assert [(r["when"], r["total"], r["note"]) for r in cases] == [
        ("len_dose = 5", "140", "if the dose stays the same"),
        ("len_dose = 7.5", "210", "if the dose stays the same"),
        ("len_dose = 10", "280", "if the dose stays the same"),
    ]


def test_the_columns_of_a_history(calendars: Calendars) -> None:
    rows = calendars.table(*STUDY, "--subject", "S01")
    first = next(r for r in rows if r["drug"] == "rituximab")
    assert first == {
        **dict.fromkeys(COLUMNS, ""),
        "kind": "dose",
        "state": "stage3",
        "cycle": "5",
        "cycle_day": "1",
        "day": "141",
        "date": "2019-05-27",
        "weekday": "Mon",
        "drug": "rituximab",
        "dose": "375",
        "unit": "mg/m2",
        "clause": "PLX-17",
        "given": "375",
        "ahead": "false",
    }
    totals = {
        (r["cycle"], r["state"], r["drug"]): (r["doses"], r["total"], r["given"])
        for r in rows
        if r["kind"] == "total"
    }
    assert totals["", "stage1", "lenalidomide"] == ("28", "227.5", "227.5")
    assert totals["12", "stage3", "plerixafor"] == ("9", "2.16", "2.16")
    assert totals["", "", "rituximab"] == ("8", "3000", "3000")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(calendars: Calendars, start: str) -> None:
    drug = f"{start}HYPERLINK(1)"
    path = calendars.folder / "odd.json"
    path.write_text(dump_json(odd(drug)), encoding="utf-8")
    for row in calendars.table(str(path)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    assert safe(drug).startswith("'")


def test_csv_ends_its_lines_as_rfc_4180_says(calendars: Calendars, small: tuple[str, ...]) -> None:
    path = calendars.folder / "plan.csv"
    assert main(["calendar", *small, "-o", str(path)]) == 0
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") == len(content.split(b"\r\n")) - 1
    assert next(csv.reader(io.StringIO(content.decode(), newline=""))) == list(COLUMNS)


# ---- files


def test_the_ending_chooses_the_format(calendars: Calendars, small: tuple[str, ...]) -> None:
    folder, table = calendars.folder, calendars.text(*small, "--format", "csv")
    for name, argv, expected in (
        ("a.CSV", (), table),
        ("a.txt", ("--format", "csv"), table),
        ("a.txt", (), calendars.text(*small)),
        ("a.ics", ("--format", "text"), calendars.text(*small)),
        ("deep/er/a.csv", (), table),
    ):
        path = folder / name
        assert main(["calendar", *small, *argv, "-o", str(path)]) == 0
        assert path.read_bytes().decode() == expected
    assert calendars.capsys.readouterr().out == ""
    ics = calendars.text(*small, "--format", "ics")
    assert read(ics.encode()).events


def test_json_beside_a_file(calendars: Calendars, small: tuple[str, ...]) -> None:
    path = calendars.folder / "a.csv"
    answer = calendars.ask(*small, "-o", str(path))
    assert answer["days"] and path.read_text().startswith("kind,")


def test_a_file_is_written_whole_or_not_at_all(
    calendars: Calendars, small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = calendars.folder / "plan.ics"
    path.write_text("before")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    message = calendars.refused(*small, "-o", str(path))
    assert message == f"spec-check: {path}: can't be written: No space left on device\n"
    assert path.read_text() == "before"
    assert sorted(p.name for p in calendars.folder.iterdir()) == ["plan.ics", "small.json"]


def test_same_input_same_bytes(calendars: Calendars, small: tuple[str, ...]) -> None:
    log = calendars.log([(1, "dose", {"drug": "lenalidomide", "amount": 5})], case="P1")
    for format in ("text", "csv", "ics"):
        for argv in (small, ("plerixafor-cll", "--history", log)):
            found = calendars.text(*argv, "--format", format)
            assert found == calendars.text(*argv, "--format", format)


def test_dates_over_a_leap_day(calendars: Calendars, small: tuple[str, ...]) -> None:
    rows = [r for r in calendars.table(*small[:2], "2024-02-29") if r["kind"] == "dose"]
    assert {r["date"] for r in rows} == {"2024-02-29"}
    days = calendars.ask(*small)["days"]
    assert [d["date"] for d in days] == ["2024-02-28", "2024-02-29"]
