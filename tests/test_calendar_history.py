"""The calendar of a history: what was due day by day, what comes after, and the sums."""

from __future__ import annotations

import io
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from calendars import LOGS, MONDAY, Calendars, Event, given, written
from trialspec.spec.calendar import WEEKDAYS, Regimen
from trialspec.spec.document import dump_json
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Clause,
    Clock,
    Exact,
    Landmark,
    Machine,
    OneOf,
    Protocol,
    State,
    Transition,
    Unspecified,
)

RAISES: tuple[Event, ...] = ((8, "raise", {"tolerated": True}), (15, "raise", {"tolerated": True}))
ENTRY: Event = (29, "start_combination", {"wbc": "41.5", "weekday": "Mon", "level": 2})


@pytest.fixture
def calendars(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Calendars:
    return Calendars(capsys, tmp_path)


def first_dose(drug: str = "lenalidomide", amount: int = 5) -> Event:
    return 1, "dose", {"drug": drug, "amount": amount}


def of(answer: Any, drug: str, cycle: int | None = None, state: str | None = None) -> Any:
    """The total of a drug in a cycle or a state, or in all."""
    found = [
        t
        for t in answer["totals"]
        if (t["drug"], t["cycle"]) == (drug, cycle) and state in (None, t["state"])
    ]
    return found[-1]


def total(answer: Any, drug: str, cycle: int | None = None) -> str:
    entry = of(answer, drug, cycle)
    return f"{entry['doses']}: {entry['total']} {entry['unit']}"


# ---- plerixafor


def test_the_titration_of_28_days(calendars: Calendars) -> None:
    log = calendars.log([first_dose(), *RAISES])
    answer = calendars.ask("plerixafor-cll", "--history", log, "--days", "13")
    assert given(answer["days"], "lenalidomide") == {
        **dict.fromkeys(range(1, 8), "5"),
        **dict.fromkeys(range(8, 15), "7.5"),
        **dict.fromkeys(range(15, 29), "10"),
    }
    assert total(answer, "lenalidomide") == "28: 227.5 mg"
    entry = of(answer, "lenalidomide")
    assert (entry["state"], entry["first"], entry["last"]) == (None, 1, 28)
    assert of(answer, "lenalidomide", state="stage1")["total"] == "227.5"


def test_cycles_of_the_combination(calendars: Calendars) -> None:
    later = [(29 + 28 * n, "start_cycle", {}) for n in range(1, 4)]
    log = calendars.log([first_dose(), *RAISES, ENTRY, *later])
    answer = calendars.ask("plerixafor-cll", "--history", log)
    for cycle in range(1, 5):
        assert total(answer, "lenalidomide", cycle) == "28: 280 mg"
        assert total(answer, "plerixafor", cycle) == "9: 2.88 mg/kg"
    assert total(answer, "plerixafor") == "36: 11.52 mg/kg"
    days = answer["days"]
    assert [d["day"] for d in days] == list(range(1, 29 + 4 * 28))
    assert [d["day"] for d in days if d["ahead"]] == list(range(114, 141))
    assert answer["ahead"] == {"days": 27, "because": "to the end of the cycle"}
    doses = [(d, x) for d in days for x in d["doses"] if x["drug"] == "plerixafor"]
    assert {d["weekday"] for d, _ in doses} == {"Mon", "Wed", "Fri"}
    assert [x["cycle_day"] for _, x in doses if x["cycle"] == 3] == [1, 3, 5, 8, 10, 12, 15, 17, 19]
    assert [d["state"] for d in days if d["day"] in (1, 29, 113)] == [
        "stage1",
        "combination",
        "interim_due",
    ]


def test_a_cycle_that_begins_late_shifts_what_follows(calendars: Calendars) -> None:
    on_time = [first_dose(), *RAISES, ENTRY, (57, "start_cycle", {})]
    late = [first_dose(), *RAISES, ENTRY, (64, "start_cycle", {})]
    right = calendars.ask("plerixafor-cll", "--history", calendars.log(on_time))
    answer = calendars.ask("plerixafor-cll", "--history", calendars.log(late))
    plerixafor = given(answer["days"], "plerixafor")
    earlier = given(right["days"], "plerixafor")
    assert [d if d < 57 else d + 7 for d in earlier] == list(plerixafor)
    # lenalidomide has no rest, and the first cycle lasts until the second begins
    assert total(answer, "lenalidomide", 1) == "35: 350 mg"
    assert total(answer, "plerixafor", 1) == "9: 2.88 mg/kg"
    assert (of(answer, "plerixafor", 2)["first"], of(answer, "plerixafor", 2)["last"]) == (64, 91)
    kinds = {d["kind"] for d in answer["history"]["deviations"]}
    assert kinds == {"overdue", "missing_event"}


def test_rituximab_from_the_fifth_cycle_and_the_end(calendars: Calendars) -> None:
    start = "2019-01-07"
    argv = ("plerixafor-cll", "--history", str(LOGS / "plerixafor-study-clean.csv"))
    answer = calendars.ask(*argv, "--subject", "S01")
    assert answer["case"] == "PLX/S01"
    assert (answer["days"][0]["date"], answer["days"][-1]["state"]) == (start, "off")
    assert {d["day"]: d["weekday"] for d in answer["days"] if d["day"] == 29} == {29: "Mon"}
    assert total(answer, "plerixafor") == "108: 25.92 mg/kg"
    assert total(answer, "rituximab") == "8: 3000 mg/m2"
    assert [of(answer, "rituximab", n)["doses"] for n in range(5, 13)] == [1] * 8
    # the dose of the last day stands in no cycle
    assert of(answer, "lenalidomide", state="mono")["total"] == "10"
    assert answer["history"]["records_doses"] is True
    given_all = of(answer, "plerixafor")["given"]
    assert given_all == {"doses": 108, "total": "25.92"}
    text = calendars.text(*argv, "--subject", "S01")
    assert "no days after it: no drug is due in off\n" in text
    assert "\nplerixafor-cll subject, case PLX/S01: what was and is due\n" in f"\n{text}"


def test_a_complete_response_leaves_lenalidomide(calendars: Calendars) -> None:
    later = [(29 + 28 * n, "start_cycle", {}) for n in range(1, 4)]
    events = [first_dose(), *RAISES, ENTRY, *later, (141, "assess", {"response": "CR"})]
    answer = calendars.ask("plerixafor-cll", "--history", calendars.log(events))
    after = [d for d in answer["days"] if d["day"] >= 141]
    assert len(after) == 29 and after[0]["state"] == "mono"
    assert {x["drug"] for d in after for x in d["doses"]} == {"lenalidomide"}
    assert answer["ahead"]["because"] == "no cycle runs in mono: 28 days are shown"
    assert total(answer, "plerixafor") == "36: 11.52 mg/kg"


def test_waiting_for_a_decision_is_no_cycle(calendars: Calendars) -> None:
    later = [(29 + 28 * n, "start_cycle", {}) for n in range(1, 4)]
    events = [
        first_dose(),
        *RAISES,
        ENTRY,
        *later,
        (141, "assess", {"response": "SD"}),
        (144, "choose_sd", {"inv_ok": True, "subj_ok": True}),
        (148, "start_cycle", {}),
    ]
    answer = calendars.ask("plerixafor-cll", "--history", calendars.log(events))
    states = {d["day"]: d["state"] for d in answer["days"]}
    assert [states[d] for d in (140, 141, 143, 144, 147, 148)] == [
        "interim_due",
        "sd_choice",
        "sd_choice",
        "stage3",
        "stage3",
        "stage3",
    ]
    # after the decision the fourth cycle is still the last that has begun
    assert of(answer, "lenalidomide", 4)["doses"] == 28 + 4
    assert of(answer, "lenalidomide", state="sd_choice")["doses"] == 3
    assert total(answer, "rituximab", 5) == "1: 375 mg/m2"
    assert given(answer["days"], "rituximab") == {148: "375"}


def test_weekdays_that_choose_among_days_need_dates(calendars: Calendars) -> None:
    argv = ("plerixafor-cll", "--reading", "PLX-A10=weekdays")
    entry = (30, "start_combination", {"wbc": "41.5", "weekday": "Wed", "level": 2})
    log = calendars.log([first_dose(), *RAISES, entry], MONDAY + timedelta(1))
    answer = calendars.ask(*argv, "--history", log)
    found = {d["day"]: d["weekday"] for d in answer["days"] if len(d["doses"]) == 2}
    assert set(found.values()) == {"Mon", "Wed", "Fri"}
    assert list(found) == [30, 32, 35, 37, 39, 42, 44, 46, 49]
    assert total(answer, "plerixafor") == "9: 2.88 mg/kg"
    undated = undated_history(calendars, [first_dose(), *RAISES, entry])
    answer = calendars.ask(*argv, "--history", undated)
    assert of(answer, "plerixafor") | {"given": None} == {
        "cycle": None,
        "state": None,
        "first": 1,
        "last": 57,
        "drug": "plerixafor",
        "unit": "mg/kg",
        "doses": None,
        "total": None,
        "ahead": {"doses": 20, "total": None},
        "given": None,
    }
    assert "by weekday" in calendars.text(*argv, "--history", undated)
    dated = calendars.ask(*argv, "--history", undated, "--start", "2024-01-02")
    assert total(dated, "plerixafor") == "9: 2.88 mg/kg"


def undated_history(calendars: Calendars, events: list[Event]) -> str:
    """The same history, in which days pass by elapse."""
    rows, today = ["event,days,drug,amount,tolerated,wbc,weekday,level"], 1
    names = rows[0].split(",")
    for day, event, arguments in events:
        if day > today:
            rows.append(f"elapse,{day - today},,,,,,")
        today = day
        cells: dict[str, object] = {"event": event, **arguments}
        rows.append(",".join(str(cells.get(name, "")) for name in names))
    path = calendars.folder / "undated.csv"
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def test_days_without_dates(calendars: Calendars) -> None:
    log = undated_history(calendars, [first_dose(), *RAISES, ENTRY])
    dated = calendars.ask(
        "plerixafor-cll", "--history", calendars.log([first_dose(), *RAISES, ENTRY])
    )
    answer = calendars.ask("plerixafor-cll", "--history", log)
    keep = ("day", "doses", "state", "ahead", "given")
    # the row of a recorded dose is another one
    same = [{k: d[k] for k in keep if k != "given"} for d in answer["days"]]
    assert same == [{k: d[k] for k in keep if k != "given"} for d in dated["days"]]
    assert all("date" not in d for d in answer["days"])
    assert "\nday  state        cycle  lenalidomide mg" in calendars.text(
        "plerixafor-cll", "--history", log
    )
    started = calendars.ask("plerixafor-cll", "--history", log, "--start", "2024-01-01")
    assert [d["date"] for d in started["days"]] == [d["date"] for d in dated["days"]]


# ---- dextr


def dextr(*more: Event) -> list[Event]:
    """Four cycles and the assessment that leads to maintenance."""
    ends = [(28 * n, "assess", {"ifx_negative": n == 4, **NO}) for n in range(1, 5)]
    begins = [(28 * n + 1, "start_cycle", {}) for n in range(1, 4)]
    events = [(1, "lab", {}), *ends, *begins, *more]
    return sorted(events, key=lambda e: e[0])


NO = {"progression": False, "unchanged": False, "toxicity": False}


def test_four_cycles_and_maintenance_from_day_113(calendars: Calendars) -> None:
    log = calendars.log(dextr((113, "begin_maintenance", {"crcl": 39})))
    answer = calendars.ask("dextr-mm", "--history", log)
    assert total(answer, "thalidomide", 1) == "28: 2450 mg"
    assert [total(answer, "thalidomide", n) for n in (2, 3, 4)] == ["28: 2800 mg"] * 3
    assert total(answer, "dexamethasone", 4) == "12: 480 mg"
    induction = [d for d in answer["days"] if d["day"] < 113]
    assert sum(int(a) for a in given(induction, "dexamethasone").values()) == 1920
    assert sum(int(a) for a in given(induction, "lenalidomide").values()) == 2100
    assert total(answer, "thalidomide") == "112: 10850 mg"
    first = next(d for d in answer["days"] if d["state"] == "maintenance")
    assert (first["day"], first["date"]) == (113, "2024-04-22")
    assert first["doses"] == [
        {
            "drug": "dexamethasone",
            "dose": "20",
            "unit": "mg",
            "clause": "DTR-14",
            "cycle": 5,
            "cycle_day": 1,
        },
        {
            "drug": "lenalidomide",
            "dose": "15",
            "unit": "mg",
            "clause": "DTR-16",
            "cycle": 5,
            "cycle_day": 1,
        },
    ]
    assert total(answer, "lenalidomide", 5) == "21: 315 mg"
    assert total(answer, "dexamethasone", 5) == "4: 80 mg"


def test_a_reduction_counts_from_its_day(calendars: Calendars) -> None:
    log = calendars.log(dextr((36, "reduce_lenalidomide", {"new": 20})))
    answer = calendars.ask("dextr-mm", "--history", log)
    doses = given(answer["days"], "lenalidomide")
    assert (doses[35], doses[36], doses[57]) == ("25", "20", "20")
    assert total(answer, "lenalidomide", 2) == f"21: {7 * 25 + 14 * 20} mg"
    assert total(answer, "lenalidomide", 3) == "21: 420 mg"


def test_a_dose_that_is_recorded_is_that_of_its_moment(calendars: Calendars) -> None:
    events: list[Event] = [
        (1, "dose", {"drug": "lenalidomide", "amount": 25}),
        (1, "reduce_lenalidomide", {"new": 20}),
        (2, "lab", {}),
    ]
    answer = calendars.ask("dextr-mm", "--history", calendars.log(events))
    doses = given(answer["days"], "lenalidomide")
    assert (doses[1], doses[2]) == ("25", "20")


def test_what_is_given_by_count_is_counted_ahead(calendars: Calendars) -> None:
    """Under DTR-A20 doses, seven doses of 50 mg come first, however late."""
    events: list[Event] = [
        (day, "dose", {"drug": "thalidomide", "amount": 50}) for day in (1, 2, 5)
    ]
    argv = ("dextr-mm", "--reading", "DTR-A20=doses", "--history", calendars.log(events))
    answer = calendars.ask(*argv)
    doses = given(answer["days"], "thalidomide")
    assert [d for d, amount in doses.items() if amount == "50"] == list(range(1, 10))
    assert set(list(doses.values())[9:]) == {"100"}


# ---- antimag


def test_toxicity_a_reduction_and_a_delay(calendars: Calendars) -> None:
    events: list[Event] = [
        (1, "enrol", {"level": 2}),
        (1, "start", {"level": 2}),
        (10, "unacceptable_ae", {}),
        (14, "reduce", {"level": 1}),
        (29, "evaluate", {"dlt": False}),
        (29, "hold", {}),
        (36, "resume", {}),
        (36, "start_cycle", {}),
    ]
    answer = calendars.ask("antimag-lenalidomide", "--history", calendars.log(events))
    assert answer["history"]["ended"] is None
    second = range(36, 57)
    assert given(answer["days"], "lenalidomide") == {
        **dict.fromkeys(range(1, 10), "15"),
        **dict.fromkeys(range(14, 22), "10"),
        **dict.fromkeys(second, "10"),
    }
    assert list(given(answer["days"], "dexamethasone")) == [1, 8, 15, 22, 36, 43, 50, 57]
    assert total(answer, "lenalidomide", 1) == f"17: {9 * 15 + 8 * 10} mg"
    assert total(answer, "lenalidomide", 2) == "21: 210 mg"
    assert total(answer, "dexamethasone", 2) == "4: 80 mg"
    states = {d["day"]: d["state"] for d in answer["days"]}
    assert [states[d] for d in (9, 10, 14, 29, 36)] == [
        "treated",
        "toxicity_hold",
        "treated",
        "delayed",
        "treated",
    ]


# ---- what was given


def test_doses_given_stand_beside_those_due(calendars: Calendars) -> None:
    events = [(day, "dose", {"drug": "lenalidomide", "amount": 5}) for day in (1, 2, 4)]
    log = calendars.log([*events, (4, "dose", {"drug": "lenalidomide", "amount": 5})])
    argv = ("plerixafor-cll", "--history", log, "--days", "1")
    answer = calendars.ask(*argv)
    assert [[g["amount"] for g in d["given"]] for d in answer["days"]] == [
        ["5"],
        ["5"],
        [],
        ["5", "5"],
        [],
    ]
    assert answer["days"][3]["given"][0] == {"drug": "lenalidomide", "amount": "5", "row": 4}
    kinds = [d["kind"] for d in answer["history"]["deviations"]]
    assert kinds == ["missing_event", "extra_event"]
    assert of(answer, "lenalidomide")["given"] == {"doses": 4, "total": "20"}
    lines = calendars.text(*argv).splitlines()
    cells = [line.split("  ")[-1].strip() for line in lines if line[:1].isdigit()]
    assert cells == ["5, given", "5, given", "5, not given", "5, given 5 and 5", "5"]
    assert "if nothing else happens and what is due is given:" in lines
    assert lines[-1] == "all       1-5   lenalidomide  5 doses  25 mg  5 mg         4 doses  20 mg"
    rows = [r for r in calendars.table(*argv) if r["kind"] == "dose"]
    assert [(r["day"], r["given"], r["ahead"]) for r in rows] == [
        ("1", "5", "false"),
        ("2", "5", "false"),
        ("3", "", "false"),
        ("4", "5 and 5", "false"),
        ("5", "", "true"),
    ]


def test_doses_of_a_drug_without_a_schedule_are_shown(calendars: Calendars) -> None:
    events: list[Event] = [
        (1, "register", {"level": 2}),
        (4, "first_dose", {}),
        (4, "dose", {"drug": "ibrutinib", "amount": 2}),
    ]
    argv = ("ibrutinib-mm", "--history", calendars.log(events))
    answer = calendars.ask(*argv)
    assert [d["doses"] for d in answer["days"]] == [[]] * 4
    assert answer["days"][3]["given"] == [{"drug": "ibrutinib", "amount": "2", "row": 4}]
    assert (answer["totals"], answer["ahead"]["because"]) == ([], "no drug is due in treated")
    assert [u["ambiguity"] for u in answer["unspecified"]] == ["IBR-A31", "IBR-A31", "IBR-A11"]
    text = calendars.text(*argv)
    assert "4    2024-01-04  Thu      treated            -, given 2\n" in text
    assert "no schedule of ibrutinib is stated [IBR-15], IBR-A31: " in text
    records = [r for r in calendars.table(*argv) if r["kind"] == "record"]
    assert [(r["day"], r["drug"], r["given"]) for r in records] == [("4", "ibrutinib", "2")]


def test_courses_that_count_their_days_apart(calendars: Calendars) -> None:
    events: list[Event] = [
        (1, "enrol", {"level": 1, "phase": 1}),
        (3, "dose", {"drug": "everolimus", "amount": 1}),
        (17, "dose", {"drug": "alemtuzumab", "amount": 30}),
    ]
    readings = ("--reading", "EVE-A04=fixed", "--reading", "EVE-A03=end_together")
    argv = ("everolimus-cll", *readings, "--history", calendars.log(events))
    answer = calendars.ask(*argv)
    assert answer["ahead"] == {"days": 48, "because": "to the end of the cycle"}
    first = next(d for d in answer["days"] if d["day"] == 17)
    assert [(x["drug"], x["cycle"], x["cycle_day"]) for x in first["doses"]] == [
        ("everolimus", 1, 15),
        ("alemtuzumab", 1, 1),
    ]
    assert "C1D15, C1D1" in calendars.text(*argv)
    assert [of(answer, drug)["doses"] for drug in ("everolimus", "alemtuzumab")] == [27, 21]
    assert of(answer, "everolimus")["total"] is None
    assert (of(answer, "everolimus", 1)["first"], of(answer, "alemtuzumab", 1)["first"]) == (3, 17)


# ---- a machine with a hold


def holding(**changes: Any) -> Protocol:
    """A drug on the first three days of a cycle of ten; a hold stops it, a month ends it."""
    drugs = OneOf(("tablet",))
    machine: dict[str, Any] = {
        "variables": (Clock("day", 14),),
        "states": (
            State("on", initial=True, within="day <= 12", within_clause="C-1"),
            State("hold"),
            State("off", final=True),
        ),
        "events": (
            Action("hold"),
            Action("resume"),
            Action("restart"),
            Action("ask"),
            Action("dose", drug=drugs, amount=Exact("0", "10", "0.5", "mg")),
        ),
        "transitions": (
            Transition("C-1", "on", "hold", "hold"),
            Transition("C-1", "hold", "resume", "on"),
            Transition("C-1", ("on", "hold"), "restart", "on", then="day = 0"),
            Transition("C-1", "on", "dose", when="amount == 2.5 and day in (0, 1, 4)"),
            Transition("C-1", "on", "ask", Unspecified("C-A01")),
            Transition("C-1", ("on", "hold"), "over", "off", then="day = 0"),
        ),
        "landmarks": (Landmark("over", "restart", months=1),),
        "regimens": (Regimen("C-1", "tablet", "2.5", "mg", ("on",), (1, 2, 5), 10, clock="day"),),
        **changes,
    }
    ambiguity = Ambiguity("C-A01", "What then?", {"a": "one", "b": "other"}, "a", "why")
    return Protocol(
        "holding",
        "Holding",
        (Machine("subject", **machine),),
        (Clause("C-1", "Text.", "C"),),
        (ambiguity,),
    )


@pytest.fixture
def hold(calendars: Calendars) -> str:
    path = calendars.folder / "holding.json"
    path.write_text(dump_json(holding()))
    return str(path)


def test_a_hold_stops_doses_and_shifts_the_next_cycle(calendars: Calendars, hold: str) -> None:
    events: list[Event] = [
        (1, "restart", {}),
        (2, "hold", {}),
        (5, "resume", {}),
        (8, "hold", {}),
        (15, "restart", {}),
    ]
    answer = calendars.ask(hold, "--history", calendars.log(events))
    assert list(given(answer["days"], "tablet")) == [1, 5, 15, 16, 19]
    cycles = [(x["cycle"], x["cycle_day"]) for d in answer["days"] for x in d["doses"]]
    # the clock runs on through a hold: what comes after it is the same cycle
    assert cycles == [(1, 1), (1, 5), (2, 1), (2, 2), (2, 5)]
    assert [total(answer, "tablet", n) for n in (1, 2)] == ["2: 5 mg", "3: 7.5 mg"]
    assert total(answer, "tablet") == "5: 12.5 mg"
    assert answer["ahead"] == {"days": 9, "because": "to the end of the cycle"}


def test_nothing_is_due_while_on_hold(calendars: Calendars, hold: str) -> None:
    log = calendars.log([(1, "restart", {}), (2, "hold", {})])
    answer = calendars.ask(hold, "--history", log)
    assert answer["ahead"] == {"days": 0, "because": "no drug is due in hold"}
    assert [d["day"] for d in answer["days"]] == [1, 2]
    later = calendars.ask(hold, "--history", log, "--days", "20")
    assert len(later["days"]) == 22 and list(given(later["days"], "tablet")) == [1]


def test_the_end_of_a_cycle_and_of_a_stay(calendars: Calendars, hold: str) -> None:
    log = calendars.log([(1, "restart", {}), (10, "restart", {}), (20, "ask", {})])
    path = Path(log)
    path.write_text(path.read_text().replace("2024-01-20,ask", "2024-01-19,elapse"))
    assert "use one of the two" in calendars.refused(hold, "--history", log)
    path.write_text(
        "\n".join(path.read_text().splitlines()[:-1]) + "\n2024-01-20,hold\n2024-01-20,resume\n"
    )
    answer = calendars.ask(hold, "--history", log)
    assert answer["ahead"] == {"days": 0, "because": "the cycle is over"}
    late = calendars.ask(hold, "--history", log, "--days", "3")
    assert late["notes"] == [
        "from 2024-01-23: the stay in on lasts too long: day <= 12 is false (day = 13) [C-1]"
    ]


def test_a_landmark_ends_the_days_ahead(calendars: Calendars, hold: str) -> None:
    log = calendars.log([(1, "restart", {}), (28, "restart", {})])
    answer = calendars.ask(hold, "--history", log, "--days", "10")
    states = {d["date"]: d["state"] for d in answer["days"]}
    assert (states["2024-01-31"], states["2024-02-01"]) == ("on", "off")
    assert list(given(answer["days"], "tablet"))[-2:] == [28, 29]


def test_without_dates_no_landmark_comes(calendars: Calendars, hold: str) -> None:
    log = calendars.folder / "undated.csv"
    log.write_text("event,days\nrestart,\nelapse,27\nrestart,\n")
    answer = calendars.ask(hold, "--history", str(log), "--days", "14")
    assert {d["state"] for d in answer["days"]} == {"on"}
    assert [note[:27] for note in answer["notes"]] == ["from day 41: the stay in on"]


def test_a_schedule_without_a_clock_is_named(calendars: Calendars) -> None:
    regimen = Regimen("C-1", "tablet", "2.5", "mg", ("on",), (1, 2, 5), 10)
    path = calendars.folder / "uncounted.json"
    path.write_text(dump_json(holding(regimens=(regimen,))))
    answer = calendars.ask(str(path), "--history", calendars.log([(1, "restart", {})]))
    assert answer["notes"] == [
        "no clock counts the days of tablet [C-1]: its doses are in the plan alone"
    ]
    assert answer["totals"] == []


def test_doses_are_due_where_nothing_records_them(calendars: Calendars) -> None:
    """A machine without an event for doses: its calendar alone says what is due."""
    machine = holding().machines[0]
    events = tuple(e for e in machine.events if e.name != "dose")
    rules = tuple(t for t in machine.transitions if t.event != "dose")
    path = calendars.folder / "silent.json"
    path.write_text(dump_json(holding(events=events, transitions=rules)))
    answer = calendars.ask(str(path), "--history", calendars.log([(1, "restart", {})]))
    assert list(given(answer["days"], "tablet")) == [1, 2, 5]


def test_a_dose_of_another_form_is_no_record(calendars: Calendars) -> None:
    machine = holding().machines[0]
    events = tuple(e for e in machine.events if e.name != "dose")
    rules = tuple(t for t in machine.transitions if t.event != "dose")
    changed = holding(
        events=(*events, Action("dose")), transitions=(*rules, Transition("C-1", "on", "dose"))
    )
    path = calendars.folder / "bare.json"
    path.write_text(dump_json(changed))
    log = calendars.log([(1, "restart", {}), (1, "dose", {})])
    answer = calendars.ask(str(path), "--history", log)
    assert answer["history"]["records_doses"] is False
    assert list(given(answer["days"], "tablet")) == [1, 2, 5]


def test_a_dose_that_asks_for_its_weekday_is_recorded(calendars: Calendars) -> None:
    """The judge takes it from the date, where the log doesn't say it."""
    machine = holding().machines[0]
    events = [e for e in machine.events if e.name != "dose"]
    drugs, amount = OneOf(("tablet",)), Exact("0", "10", "0.5", "mg")
    events.append(Action("dose", drug=drugs, amount=amount, weekday=OneOf(WEEKDAYS)))
    path = calendars.folder / "asking.json"
    path.write_text(dump_json(holding(events=tuple(events))))
    dose = {"drug": "tablet", "amount": "2.5"}
    log = calendars.log([(1, "restart", {}), (1, "dose", dose), (2, "dose", dose)])
    answer = calendars.ask(str(path), "--history", log, "--days", "0")
    assert [[g["amount"] for g in d["given"]] for d in answer["days"]] == [["2.5"], ["2.5"]]


def test_days_that_fall_off_their_weekdays_are_named(calendars: Calendars) -> None:
    regimen = Regimen(
        "C-1",
        "tablet",
        "2.5",
        "mg",
        ("on",),
        (1, 3, 5),
        10,
        clock="day",
        weekdays=("Mon", "Wed", "Fri"),
    )
    path = calendars.folder / "weekdays.json"
    path.write_text(
        dump_json(
            holding(
                regimens=(regimen,),
                events=(Action("hold"), Action("resume"), Action("restart"), Action("ask")),
                transitions=tuple(
                    t for t in holding().machines[0].transitions if t.event != "dose"
                ),
            )
        )
    )
    log = calendars.log([(1, "restart", {}), (9, "restart", {})])
    answer = calendars.ask(str(path), "--history", log)
    assert answer["notes"] == [
        "tablet is given on Mon, Wed, Fri; its days fall on others in cycle 2 (on)"
    ]
    assert list(given(answer["days"], "tablet")) == [1, 3, 5, 9, 11, 13]


# ---- histories that end


def test_a_refused_row_ends_the_calendar(
    calendars: Calendars, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [first_dose(), RAISES[0], (12, "raise", {"tolerated": True})]
    log = calendars.log([*events, (20, "raise", {"tolerated": True})])
    argv = ("plerixafor-cll", "--history", log, "--quiet")
    answer = calendars.ask(*argv, code=1)
    assert [d["day"] for d in answer["days"]] == list(range(1, 12))
    ended = answer["history"]["ended"]
    assert (ended["row"], ended["kind"], ended["clause"]) == (4, "wrongly_accepted", "PLX-04")
    assert answer["history"]["deviations"][-1] == ended
    assert answer["unspecified"] == []
    text = calendars.text(*argv, code=1)
    assert "row 4: wrongly_accepted, PLX-04: since_raise >= raise_days is false" in text
    assert "from row 4 on nothing is known\n" in text
    output = calendars.folder / "c.csv"
    assert calendars.text(*argv, "-o", str(output), code=1) == ""
    told = capsys.readouterr()
    assert "wrongly_accepted" in output.read_text()
    assert told.err == ""


def test_what_ends_a_file_is_said(calendars: Calendars, capsys: pytest.CaptureFixture[str]) -> None:
    log = calendars.log([first_dose(), (3, "raise", {"tolerated": True})])
    calendars.ask("plerixafor-cll", "--history", log, code=1)
    from trialspec.oracle.cli.main import main

    assert main(["calendar", "plerixafor-cll", "--history", log, "--format", "csv"]) == 1
    assert "the calendar ends before row 3: wrongly_accepted: " in capsys.readouterr().err


def test_what_the_text_does_not_decide_ends_the_calendar(calendars: Calendars, hold: str) -> None:
    log = calendars.log([(1, "restart", {}), (3, "ask", {}), (4, "hold", {})])
    answer = calendars.ask(hold, "--history", log, code=3)
    assert answer["history"]["ended"]["kind"] == "unspecified"
    assert [d["day"] for d in answer["days"]] == [1, 2]
    assert answer["ahead"] == {"days": 0, "because": "the history ends there"}


def test_a_landmark_that_nothing_decides_ends_the_days_ahead(calendars: Calendars) -> None:
    machine = holding().machines[0]
    rules = [t for t in machine.transitions if t.event != "over"]
    rules.append(Transition("C-1", ("on", "hold"), "over", Unspecified("C-A01")))
    path = calendars.folder / "open.json"
    path.write_text(dump_json(holding(transitions=tuple(rules))))
    log = calendars.log([(1, "restart", {}), (28, "restart", {})])
    answer = calendars.ask(str(path), "--history", log, "--days", "10")
    assert answer["days"][-1]["date"] == "2024-01-31"
    assert answer["notes"] == ["from 2024-02-01: the text does not decide: C-A01, What then? [C-1]"]


def test_rows_that_say_what_was_refused(calendars: Calendars) -> None:
    log = calendars.folder / "answers.csv"
    log.write_text(
        "time,event,tolerated,drug,amount,answer\n"
        "2024-01-01,dose,,lenalidomide,5,accepted\n"
        "2024-01-02,raise,true,,,refused\n"
        "2024-01-02,dose,,lenalidomide,10,refused\n"
        "2024-01-02,dose,,lenalidomide,5,accepted\n"
    )
    answer = calendars.ask("plerixafor-cll", "--history", str(log), "--days", "0")
    assert [d["given"] for d in answer["days"]][1] == [
        {"drug": "lenalidomide", "amount": "5", "row": 5}
    ]
    assert answer["history"]["deviations"] == []


def test_a_row_told_twice_happens_once(calendars: Calendars) -> None:
    events = [first_dose(), (8, "raise", {"tolerated": True}), (8, "raise", {"tolerated": True})]
    answer = calendars.ask("plerixafor-cll", "--history", calendars.log(events))
    assert {d["kind"] for d in answer["history"]["deviations"]} == {"missing_event", "extra_event"}
    assert given(answer["days"], "lenalidomide")[9] == "7.5"


# ---- whose history


def test_a_subject_of_a_study(calendars: Calendars) -> None:
    argv = ("dextr-mm", "--quiet", "--history", str(LOGS / "dextr-study-clean.csv"))
    answer = calendars.ask(*argv, "--subject", "S2")
    assert answer["case"] == "DTR/S2"
    assert calendars.ask(*argv, "--case", "DTR/S2") == answer
    assert calendars.ask(*argv, "--case", "DTR", "--subject", "S2") == answer
    message = calendars.refused(*argv, "--case", "DTR")
    assert "a history is of one case; here are 'DTR/S1' and 'DTR/S2'" in message
    assert "choose one with --case or --subject" in message
    message = calendars.refused(*argv, "--case", "XYZ", "--subject", "S2")
    assert "there is no 'XYZ' with 'S2' in the log\n  it has 'S1', 'S2'" in message
    # the enrolment is on the first day, the first cycle begins three days later
    answer = calendars.ask(*argv, "--subject", "S1")
    assert (answer["days"][0]["state"], answer["days"][0]["doses"]) == ("enrolled", [])
    assert (of(answer, "dexamethasone", 1)["first"], total(answer, "dexamethasone", 1)) == (
        4,
        "12: 480 mg",
    )


def test_a_case_of_unrelated_subjects(calendars: Calendars) -> None:
    argv = ("dextr-mm", "--history", str(LOGS / "dextr-subjects-clean.csv"))
    answer = calendars.ask(*argv, "--case", "D03")
    assert answer["case"] == "D03"
    assert calendars.ask(*argv, "--subject", "D03") == answer


def test_a_history_from_standard_input(
    calendars: Calendars, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = written([first_dose(), *RAISES], case="P7", comment="x")

    class Stdin:
        buffer = io.BytesIO(text.encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    answer = calendars.ask("plerixafor-cll", "--history", "-")
    assert (answer["case"], answer["history"]["events"]) == ("P7", 3)


def test_a_history_without_rows_is_the_beginning(calendars: Calendars) -> None:
    log = calendars.folder / "empty.csv"
    log.write_text("event,time\n")
    answer = calendars.ask("dextr-mm", "--history", str(log))
    assert len(answer["days"]) == 28
    assert total(answer, "thalidomide", 1) == "28: 2450 mg"


def test_other_column_names(calendars: Calendars) -> None:
    log = calendars.folder / "theirs.csv"
    log.write_text("who;when;what;drug;amount\nP1;2024-01-01;given;lenalidomide;5\n")
    names = calendars.folder / "names.toml"
    names.write_text(
        'delimiter = ";"\n[columns]\ncase = "who"\ntime = "when"\nevent = "what"\n'
        '[values.event]\ngiven = "dose"\n'
    )
    argv = ("plerixafor-cll", "--history", str(log), "--columns", str(names), "--days", "2")
    assert list(given(calendars.ask(*argv)["days"], "lenalidomide")) == [1, 2, 3]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("2024-01-01,nonsense,", "row 2: plerixafor-cll subject has no event 'nonsense'"),
        ("2024-01-01,evaluate,", "row 2: evaluate needs the argument 'dlt'"),
        ("soon,raise,true", "row 2: time = 'soon' is not an ISO date"),
        ("2024-01-01,raise", "row 2: 2 cells where the header has 3"),
        ("2024-01-01,elapse,\n2024-01-02,elapse,", "row 2: days pass by dates and by elapse"),
        ("2024-01-01,death,\n,elapse,", "row 3: days pass by dates and by elapse"),
        (",elapse,\n2024-01-02,elapse,", "row 3: days pass by dates and by elapse"),
    ],
)
def test_a_history_that_can_not_be_read(calendars: Calendars, rows: str, message: str) -> None:
    log = calendars.folder / "bad.csv"
    log.write_text(f"time,event,tolerated\n{rows}\n")
    assert message in calendars.refused("plerixafor-cll", "--history", str(log))


def test_too_many_days(calendars: Calendars) -> None:
    log_ = calendars.log([first_dose(), (20_002, "death", {})])
    message = calendars.refused("plerixafor-cll", "--history", log_)
    assert "row 3: a history of more than 20000 days" in message
    log = calendars.folder / "long.csv"
    log.write_text("event,days\nelapse,20001\n")
    assert "more than 20000 days" in calendars.refused("plerixafor-cll", "--history", str(log))


def test_a_broken_row_may_be_of_any_case(calendars: Calendars) -> None:
    log = calendars.folder / "broken.csv"
    rows = "time,event,tolerated,case\n2024-01-01,death,,A\n2024-01-01,raise\n"
    log.write_text(rows)
    argv = ("plerixafor-cll", "--history", str(log))
    assert "row 3: 2 cells where the header has 4" in calendars.refused(*argv, "--case", "A")
    # a broken row of another case is not asked for
    log.write_text("time,event,tolerated,case\n2024-01-01,death,,A\nsoon,raise,no,B\n")
    assert calendars.ask(*argv, "--case", "A")["history"]["events"] == 1
    assert "row 3: time = 'soon'" in calendars.refused(*argv, "--case", "B")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--state", "mono"], "calendar: --state excludes --history"),
        (["--at", "level=1"], "calendar: --at excludes --history"),
        (["--days", "-1"], "--days: days ahead are a whole number from 0 to 3660"),
        (["--days", "4000"], "--days: days ahead are a whole number from 0 to 3660"),
        (["--start", "2024-01-01"], "row 2: the history has dates\n  leave --start out"),
        (["--columns", "nowhere.toml"], "nowhere.toml"),
        (["--machine", "trial"], "no regimens are declared in: trial"),
    ],
    ids=str,
)
def test_options_that_do_not_fit(calendars: Calendars, argv: list[str], message: str) -> None:
    log = calendars.log([first_dose()])
    assert message in calendars.refused("plerixafor-cll", "--history", log, *argv)


def test_days_beyond_the_calendar(calendars: Calendars) -> None:
    log = calendars.log([first_dose()], date(9999, 12, 20))
    message = calendars.refused("plerixafor-cll", "--history", log)
    assert "the days go beyond the year 9999" in message
