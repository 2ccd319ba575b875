"""The plan: days, weekdays and totals of each treatment situation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from calendars import Calendars, given, sums
from trialspec.oracle.calendars.plan import plan
from trialspec.oracle.cli.main import main
from trialspec.spec.calendar import Regimen
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Clause,
    Clock,
    Count,
    Machine,
    Protocol,
    State,
    Transition,
    Whole,
)
from trialspec.statemachines.bind import bind

PULSES = [1, 2, 3, 4, 9, 10, 11, 12, 17, 18, 19, 20]
PLERIXAFOR = [1, 3, 5, 8, 10, 12, 15, 17, 19]


@pytest.fixture
def calendars(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Calendars:
    return Calendars(capsys, tmp_path)


def situations(answer: Any) -> dict[str, tuple[list[Any], list[Any]]]:
    """Days and totals by the states of their situation."""
    found = {}
    for made in answer["situations"]:
        where = [" ".join([p["state"], *(c["text"] for c in p["when"])]) for p in made["places"]]
        number = made["situation"]
        days = [d for d in answer["days"] if d["situation"] == number]
        totals = [t for t in answer["totals"] if t["situation"] == number]
        found["; ".join(where)] = days, totals
    return found


# ---- the figures of the protocols


def test_plerixafor_by_cohort(calendars: Calendars) -> None:
    found = situations(calendars.ask("plerixafor-cll"))
    assert list(found) == [
        "stage1",
        "combination; interim_due",
        "sd_choice; stage3 combo_cycle <= interim_after; mono",
        "stage3 combo_cycle > interim_after",
    ]
    days, totals = found["combination; interim_due"]
    assert [d["day"] for d in days] == list(range(1, 29))
    assert [d["day"] for d in days if len(d["doses"]) > 1] == PLERIXAFOR
    assert {d["weekday"] for d in days if d["day"] in PLERIXAFOR} == {"Mon", "Wed", "Fri"}
    assert sums(totals) == {
        "lenalidomide": "280 mg",
        "plerixafor level = 1": "2.16 mg/kg",
        "plerixafor level = 2": "2.88 mg/kg",
        "plerixafor level = 3": "3.78 mg/kg",
        "plerixafor level = 4": "4.86 mg/kg",
    }
    assert days[0]["doses"] == [
        {"drug": "lenalidomide", "dose": "10", "unit": "mg", "clause": "PLX-13"},
        *(
            {
                "drug": "plerixafor",
                "dose": dose,
                "unit": "mg/kg",
                "clause": clause,
                "when": f"level = {level}",
            }
            for level, clause, dose in (
                (1, "PLX-08", "0.24"),
                (2, "PLX-09", "0.32"),
                (3, "PLX-10", "0.42"),
                (4, "PLX-11", "0.54"),
            )
        ),
    ]
    days, totals = found["stage3 combo_cycle > interim_after"]
    assert given(days, "rituximab") == {1: "375"}
    assert sums(totals)["rituximab"] == "375 mg/m2"


def test_dextr_in_cycles(calendars: Calendars) -> None:
    found = situations(calendars.ask("dextr-mm", "--at", "len_dose=25"))
    first, totals = found["induction cycle == 1"]
    assert list(given(first, "dexamethasone")) == PULSES
    assert set(given(first, "dexamethasone").values()) == {"40"}
    assert given(first, "thalidomide") == dict.fromkeys(range(1, 8), "50") | dict.fromkeys(
        range(8, 29), "100"
    )
    assert given(first, "lenalidomide") == dict.fromkeys(range(1, 22), "25")
    assert sums(totals) == {
        "dexamethasone": "480 mg",
        "thalidomide": "2450 mg",
        "lenalidomide": "525 mg",
    }
    later, totals = found["induction cycle != 1; assessment_due"]
    assert given(later, "thalidomide") == dict.fromkeys(range(1, 29), "100")
    assert sums(totals)["thalidomide"] == "2800 mg"
    maintenance, totals = found["maintenance"]
    assert given(maintenance, "dexamethasone") == dict.fromkeys((1, 8, 15, 22), "20")
    assert sums(totals) == {
        "lenalidomide maint_len = 15": "315 mg",
        "lenalidomide maint_len = 25": "525 mg",
        "dexamethasone": "80 mg",
    }
    assert {t["varies"] for t in totals if t["drug"] == "lenalidomide"} == {True}


def test_antimag_by_level(calendars: Calendars) -> None:
    found = situations(calendars.ask("antimag-lenalidomide"))
    ((days, totals),) = found.values()
    assert list(given(days, "lenalidomide")) == list(range(1, 22))
    # with lenalidomide off, dexamethasone is still due on day 22
    assert given(days, "dexamethasone") == dict.fromkeys((1, 8, 15, 22), "20")
    assert sums(totals) == {
        "lenalidomide dose_level = 1": "210 mg",
        "lenalidomide dose_level = 2": "315 mg",
        "lenalidomide dose_level = 3": "525 mg",
        "dexamethasone": "80 mg",
    }


def test_everolimus_needs_a_reading_for_its_days(calendars: Calendars) -> None:
    answer = calendars.ask("everolimus-cll")
    assert (answer["days"], answer["totals"]) == ([], [])
    assert [(u["drug"], u["ambiguity"]) for u in answer["unspecified"]] == [
        ("everolimus", "EVE-A04"),
        ("alemtuzumab", "EVE-A04"),
    ]
    answer = calendars.ask("everolimus-cll", "--reading", "EVE-A04=fixed", "--at", "level=2")
    counts = {(t["drug"], t["cycle_days"]): t["doses"] for t in answer["totals"]}
    assert counts == {("everolimus", 63): 27, ("alemtuzumab", 49): 21}
    # levels are names of doses: they don't add up
    assert {t["total"] for t in answer["totals"] if t["drug"] == "everolimus"} == {None}
    days = [
        d["day"]
        for d in answer["days"]
        if d["situation"] == 3 and d["doses"] and d["doses"][0]["drug"] == "everolimus"
    ]
    assert days == [7 * week + day for week in range(9) for day in (1, 3, 5)]


def test_a_protocol_without_schedules_says_what_is_open(calendars: Calendars) -> None:
    text = calendars.text("ibrutinib-mm")
    assert "no schedule of ibrutinib is stated [IBR-15], IBR-A31: 'The same schedule" in text
    assert "\nno drug is due in: registered, toxicity_hold, follow_up, unreported, off\n" in text
    assert "not for treatment decisions" in text
    row = calendars.table("ibrutinib-mm")[0]
    assert row == {
        **dict.fromkeys(row, ""),
        "kind": "note",
        "drug": "ibrutinib",
        "clause": "IBR-15",
        "note": "no schedule of ibrutinib is stated: IBR-A31",
    }
    assert "the text gives no schedule (IBR-A31, IBR-A11)" in calendars.refused(
        "ibrutinib-mm", "--format", "ics", "--start", "2024-01-01"
    )


def test_a_plan_as_text(calendars: Calendars) -> None:
    text = calendars.text(
        "dextr-mm", "--state", "induction", "--at", "cycle=1", "--at", "len_dose=20"
    )
    assert text.splitlines() == [
        "dextr-mm subject: what is due on each day where state = induction and cycle = 1 and "
        "len_dose = 20",
        "Independent of all trials' sponsors; the protocols shipped are built from registry "
        "descriptions; not for treatment decisions.",
        "readings: default",
        "",
        "induction",
        "  a cycle of 28 days",
        "  day    dexamethasone mg  thalidomide mg  lenalidomide mg",
        "  1-4    40                50              20",
        "  5-7    -                 50              20",
        "  8      -                 100             20",
        "  9-12   40                100             20",
        "  13-16  -                 100             20",
        "  17-20  40                100             20",
        "  21     -                 100             20",
        "  22-28  -                 100             -",
        "  total of a cycle:",
        "    dexamethasone  12 doses  480 mg",
        "    thalidomide    28 doses  2450 mg",
        "    lenalidomide   21 doses  420 mg",
        "  dexamethasone [DTR-05]; thalidomide [DTR-06]; lenalidomide [DTR-08]",
    ]


def test_amounts_that_one_cell_holds_together(calendars: Calendars) -> None:
    text = calendars.text("plerixafor-cll", "--state", "stage1")
    assert "  every day; 28 days are shown\n" in text
    assert "  1-28  5 / 7.5 / 10\n" in text
    assert "  total of 28 days:\n" in text
    assert (
        "    lenalidomide  28 doses  140 mg  len_dose = 5    if the dose stays the same\n" in text
    )


# ---- dates and weekdays


def test_a_start_gives_dates(calendars: Calendars) -> None:
    argv = ("dextr-mm", "--state", "maintenance", "--at", "maint_len=15", "--start", "2024-02-28")
    answer = calendars.ask(*argv)
    days = answer["days"]
    assert (days[0]["date"], days[0]["weekday"]) == ("2024-02-28", "Wed")
    assert (days[2]["date"], days[27]["date"]) == ("2024-03-01", "2024-03-26")
    assert answer["start"] == "2024-02-28"
    assert answer["narrowed"] == ["state = maintenance", "maint_len = 15"]
    lines = calendars.text(*argv).splitlines()
    assert "  day  date        weekday  lenalidomide mg  dexamethasone mg" in lines
    assert "  8    2024-03-06  Wed      15               20" in lines


@pytest.mark.parametrize("later", range(7))
def test_a_cycle_of_plerixafor_begins_on_a_monday(calendars: Calendars, later: int) -> None:
    start = date(2024, 1, 1 + later)
    argv = ("plerixafor-cll", "--state", "combination", "--start", start.isoformat())
    if later == 0:
        days = calendars.ask(*argv)["days"]
        weekdays = {d["weekday"] for d in days if d["day"] in PLERIXAFOR}
        assert weekdays == {"Mon", "Wed", "Fri"}
    else:
        message = calendars.refused(*argv)
        assert "plerixafor is given on Mon, Wed, Fri" in message
        assert "2024-01-08 is the next" in message


def test_weekdays_that_choose_among_days(calendars: Calendars) -> None:
    argv = ("plerixafor-cll", "--reading", "PLX-A10=weekdays", "--state", "combination")
    argv = (*argv, "--at", "level=1")
    answer = calendars.ask(*argv)
    doses = [x for d in answer["days"] for x in d["doses"] if x["drug"] == "plerixafor"]
    assert len(doses) == 21 and all(x["weekdays"] == ["Mon", "Wed", "Fri"] for x in doses)
    # three weeks have nine of them, wherever they begin
    assert sums(answer["totals"])["plerixafor"] == "2.16 mg/kg"
    assert "1-21   10               0.24 if Mon or Wed or Fri\n" in calendars.text(*argv)
    rows = [r for r in calendars.table(*argv) if r["drug"] == "plerixafor"]
    assert rows[0]["note"] == "on Mon, Wed, Fri alone"
    dated = calendars.ask(*argv, "--start", "2024-01-02")
    assert list(given(dated["days"], "plerixafor")) == [2, 4, 7, 9, 11, 14, 16, 18, 21]
    (total,) = [t for t in dated["totals"] if t["drug"] == "plerixafor"]
    assert (total["doses"], total["total"]) == (9, "2.16")


# ---- protocols of one's own


def tablets(**changes: Any) -> Protocol:
    """A machine of two drugs, of which one counts its days."""
    machine: dict[str, Any] = {
        "constants": {"most": 2},
        "variables": (Count("level", 1, "most"), Clock("since", 40)),
        "states": (State("on", initial=True), State("off", final=True)),
        "events": (
            Action("up"),
            Action("stop"),
            Action("note", amount=Whole(0, 3)),
        ),
        "transitions": (
            Transition("C-1", "on", "up", then="level += 1; since = 0", when="level < most"),
            Transition("C-1", "on", "stop", "off", then="since = 0"),
            Transition("C-1", "on", "note"),
        ),
        "regimens": (
            Regimen("C-1", "tablet", "level", "mg", ("on",), (1, 2, 3), 10, clock="since"),
            Regimen("C-2", "drops", "1", "ml", ("on",), (1, 8), 20),
        ),
        **changes,
    }
    clauses = tuple(Clause(f"C-{n}", "Text.", "C") for n in (1, 2))
    return Protocol("tablets", "Tablets", (Machine("subject", **machine),), clauses)


def test_schedules_of_several_lengths_stand_apart() -> None:
    protocol = tablets()
    made = plan(protocol, bind(protocol, "subject"))
    assert [(s.cycle, s.clock, s.every_day) for s in made.sections] == [
        (10, "since", False),
        (20, "", False),
    ]
    tablet, drops = made.sections
    assert [(t.doses, t.total, t.when, t.varies) for t in tablet.totals] == [
        (3, "3", "level = 1", False),
        (3, "6", "level = 2", False),
    ]
    assert [(d.day, d.doses[0].text) for d in drops.days if d.doses] == [
        (1, "drops 1 ml"),
        (8, "drops 1 ml"),
    ]
    with pytest.raises(SpecError, match="2 cycles would begin on 2024-01-01"):
        plan(protocol, bind(protocol, "subject"), start=date(2024, 1, 1)).dated()


def test_clocks_of_one_length_stand_apart() -> None:
    regimens = (
        Regimen("C-1", "a", "1", "mg", ("on",), (1,), 10, clock="since"),
        Regimen("C-1", "b", "1", "mg", ("on",), (2,), 10, clock="other"),
        Regimen("C-1", "c", "1", "mg", ("on",), (), 10),
    )
    variables = (Count("level", 1, "most"), Clock("since", 40), Clock("other", 40))
    stop = Transition("C-1", "on", "stop", "off", then="since = 0; other = 0")
    protocol = tablets(variables=variables, regimens=regimens, transitions=(stop,))
    made = plan(protocol, bind(protocol, "subject"))
    assert [(s.clock, [t.drug for t in s.totals]) for s in made.sections] == [
        ("since", ["a", "c"]),
        ("other", ["b"]),
    ]


def test_where_there_are_too_many_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    from trialspec.diagrams import calendar as drawing

    monkeypatch.setattr(drawing, "MOST_CONFIGURATIONS", 3)
    protocol = tablets()
    bound = bind(protocol, "subject")
    made = plan(protocol, bound, {"state": 0})
    assert made.sections[0].days[0].doses[0].dose == "level"
    assert made.sections[0].totals[0].total == ""
    with pytest.raises(SpecError, match="too many configurations"):
        plan(protocol, bound, {"level": 1})
    with pytest.raises(SpecError, match="no drug is due there"):
        plan(protocol, bound, {"state": 1})


@pytest.mark.parametrize(
    ("limit", "most", "remark"),
    [
        ("MOST_CONFIGURATIONS", 3, "too many cases to list amounts: doses are shown as they are"),
        ("MOST_SITUATIONS", 1, "3 situations more are left out: --state, --at"),
    ],
)
def test_what_is_left_out_is_said(
    calendars: Calendars, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, remark: str
) -> None:
    from trialspec.diagrams import calendar as drawing

    monkeypatch.setattr(drawing, limit, most)
    assert remark in calendars.text("plerixafor-cll")
    notes = [r["note"] for r in calendars.table("plerixafor-cll") if r["kind"] == "note"]
    assert notes[0].startswith(remark)
    answer = calendars.ask("plerixafor-cll")
    assert (answer["exact"], answer["left_out"]) != (True, 0)
    # what is not shown may be what is due
    argv = ("plerixafor-cll", "--start", "2024-01-01", "--format", "ics")
    assert "would begin on 2024-01-01" in calendars.refused(*argv)


def test_doses_as_written_have_no_amount_in_json(
    calendars: Calendars, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialspec.diagrams import calendar as drawing

    monkeypatch.setattr(drawing, "MOST_CONFIGURATIONS", 3)
    days = calendars.ask("plerixafor-cll", "--state", "stage1")["days"]
    assert days[0]["doses"] == [
        {
            "drug": "lenalidomide",
            "dose": None,
            "unit": "mg",
            "clause": "PLX-13",
            "amounts": "len_dose",
        }
    ]


def test_amounts_without_end_are_a_range(calendars: Calendars, tmp_path: Path) -> None:
    path = tmp_path / "tablets.json"
    path.write_text(dump_json(tablets(constants={"most": 12})))
    text = calendars.text(str(path))
    assert "1-3   1 to 12\n" in text
    assert "    tablet  3 doses\n" in text
    many = calendars.text(str(path), "--set", "most=7")
    assert "1-3   1 to 7\n" in many
    assert "tablet  3 doses  21 mg  level = 7\n" in many
    message = calendars.refused(str(path), "--format", "ics", "--start", "2024-01-01")
    assert "2 cycles would begin" in message


def test_a_machine_without_regimens_has_no_calendar(calendars: Calendars) -> None:
    message = calendars.refused("plerixafor-cll", "--machine", "trial")
    assert message == (
        "spec-check: plerixafor-cll has no calendar\n  no regimens are declared in: trial\n"
    )


def test_several_machines_with_regimens_must_be_chosen(
    calendars: Calendars, tmp_path: Path
) -> None:
    one = tablets().machines[0]
    two = Machine(
        "other",
        constants=one.constants,
        variables=one.variables,
        states=one.states,
        events=one.events,
        transitions=one.transitions,
        regimens=one.regimens,
    )
    path = tmp_path / "two.json"
    path.write_text(dump_json(Protocol("two", "Two", (one, two), tablets().clauses)))
    assert "has calendars of subject, other" in calendars.refused(str(path))
    assert calendars.ask(str(path), "--machine", "other")["machine"] == "other"
    none = tmp_path / "none.json"
    bare = tablets(regimens=())
    none.write_text(dump_json(bare))
    assert "no regimens are declared in: subject" in calendars.refused(str(none))


# ---- wrong input


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--state", "stage9"], "--state: there is no state 'stage9'"),
        (["--state", "off"], "no drug is due there in any configuration that can be reached"),
        (["--at", "level"], "--at takes NAME=VALUE, not 'level'"),
        (["--at", "level=9"], "--at: level = 9 is outside 0..4"),
        (["--at", "nothing=9"], "--at: subject has no variable 'nothing'"),
        (["--at", "state=mono"], "--at: give the state with --state"),
        (["--at", "in_cycle=3"], "--at: in_cycle is a clock"),
        (["--at", "level=1", "--at", "combo_cycle=13"], "no drug is due there"),
        (["--start", "soon"], "--start: 'soon' is not an ISO date such as 2024-03-01"),
        (["--start", "9999-12-20", "--state", "mono"], "--start: the days go beyond the year"),
        (["--format", "ics"], "a plan has no dates\n  give the date of its day 1: --start"),
        (["--days", "3"], "calendar: --days needs --history"),
        (["--case", "P1"], "calendar: --case needs --history"),
        (["--json", "--format", "csv"], "--json and --format are two formats"),
        (["-o", "x.json"], "-o writes text, CSV or ICS"),
        (["--machine", "nobody"], "nobody"),
        (["--set", "nothing=1"], "has no constant 'nothing'"),
        (["--reading", "PLX-A10=nothing"], "PLX-A10"),
    ],
    ids=str,
)
def test_wrong_input_is_one_message(calendars: Calendars, argv: list[str], message: str) -> None:
    assert message in calendars.refused("plerixafor-cll", *argv)


def test_unknown_options_and_formats_are_usage_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calendar", "plerixafor-cll", "--format", "xlsx"]) == 2
    assert "invalid choice: 'xlsx'" in capsys.readouterr().err
    assert main(["calendar", "--help"]) == 0
    assert "--history" in capsys.readouterr().out
