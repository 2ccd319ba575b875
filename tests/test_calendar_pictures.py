"""Calendars as pictures: what they show is what the calendar answers, in every reachable case."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from trialspec.diagrams import calendar as drawing
from trialspec.diagrams.calendar import calendar
from trialspec.diagrams.files import content, formats, source
from trialspec.diagrams.sheet import Amount, Grid, Line, Sheet, Situation
from trialspec.oracle.cli.main import main
from trialspec.spec.calendar import WEEKDAYS, Regimen
from trialspec.spec.document import dump_json
from trialspec.spec.errors import SpecError
from trialspec.spec.model import (
    Action,
    Ambiguity,
    Clause,
    Clock,
    Constant,
    Count,
    Machine,
    Observation,
    Protocol,
    Quantity,
    State,
    Transition,
    Whole,
)
from trialspec.spec.notice import NOTICE
from trialspec.spec.registry import load, names
from trialspec.spec.resolve import Resolver
from trialspec.spec.types import shown as as_shown
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.evaluate import Configuration, evaluate
from trialspec.statemachines.explore import explore

SVG = "{http://www.w3.org/2000/svg}"
NINE = (1, 3, 5, 8, 10, 12, 15, 17, 19)
COHORTS = {1: "0.24", 2: "0.32", 3: "0.42", 4: "0.54"}
THRICE = ("Mon", "Wed", "Fri")
TREATED = ("alone", "both", "three", "after")


def regimen(drug: str, dose: str, states: tuple[str, ...] | str, **more: Any) -> Regimen:
    where = (states,) if isinstance(states, str) else states
    return Regimen(f"C-{drug[0]}", drug, dose, "mg", where, **more)


def titration() -> Protocol:
    """A tablet raised step by step, then injections by cohort in cycles, then an infusion."""
    begin = "combo = 1; in_cycle = 0; level = event.level"
    over = "in_cycle >= cycle_days"
    machine = Machine(
        "subject",
        constants={"levels": 4, "cycle_days": 28, "most": 6},
        variables=(
            Quantity("tablet", "5", "10", "2.5", "mg", meaning="each day"),
            Count("level", 0, "levels"),
            Count("combo", 0, "most", meaning="cycles begun"),
            Clock("in_cycle", "cycle_days + 1"),
        ),
        states=(
            State("alone", initial=True, meaning="the tablet alone"),
            State("both", meaning="tablet and injections"),
            State("three", meaning="with the infusion"),
            State("after"),
            State("off", final=True),
        ),
        events=(
            Action("raise"),
            Action("begin", level=Whole(1, "levels")),
            Action("start_cycle"),
            Action("add"),
            Action("stop"),
            Observation("progression"),
        ),
        transitions=(
            Transition("C-t", "alone", "raise", None, "tablet < 10", "tablet += 2.5"),
            Transition("C-i", "alone", "begin", "both", "tablet == 10", begin),
            Transition(
                "C-i",
                ("both", "three"),
                "start_cycle",
                None,
                f"{over} and combo < most",
                "combo += 1; in_cycle = 0",
            ),
            Transition("C-r", "both", "add", "three", f"{over} and combo == 4"),
            Transition("C-t", ("both", "three"), "stop", "after", over),
            Transition("C-t", TREATED, "progression", "off"),
        ),
        regimens=(
            regimen("tablet", "tablet", TREATED),
            *(
                Regimen(
                    f"C-i{level}",
                    "injection",
                    dose,
                    "mg/kg",
                    ("both", "three"),
                    NINE,
                    "cycle_days",
                    f"level == {level}",
                    clock="in_cycle",
                    weekdays=THRICE,
                )
                for level, dose in COHORTS.items()
            ),
            regimen("rinse", "375", "three", days=(1,), when="combo > 4", clock="in_cycle"),
            regimen("vitamin", "1", "after", unspecified="A-1"),
        ),
    )
    return Protocol(
        "titration",
        "A titration",
        machines=(machine,),
        clauses=(Clause("C-i1", "Cohort 1.", "C"), Clause("C-9", "Cited by nothing.", "N")),
        ambiguities=(Ambiguity("A-1", "When is the vitamin taken?", kind="note"),),
    )


def simple(*regimens: Regimen, **parts: Any) -> Protocol:
    """One state on treatment, with these regimens."""
    parts = {
        "states": (State("on", initial=True), State("off", final=True)),
        "events": (Observation("end"),),
        "transitions": (Transition("C-1", "on", "end", "off"),),
        **parts,
    }
    return Protocol("simple", "Simple", (Machine("subject", regimens=regimens, **parts),))


def sheet(protocol: Protocol, constants: dict[str, Constant] | None = None, **chosen: str) -> Sheet:
    readings = {id.replace("_", "-"): name for id, name in chosen.items()}
    made = calendar(protocol, bind(protocol, "subject", constants=constants, readings=readings))
    assert made is not None
    return made


def only_line(*regimens: Regimen, **parts: Any) -> Line:
    ((situation,),) = (sheet(simple(*regimens, **parts)).situations,)
    ((grid,),) = (situation.grids,)
    (line,) = grid.lines
    return line


def where(situation: Situation) -> list[tuple[str, list[str]]]:
    return [(p.state, [c.text for c in p.conditions]) for p in situation.places]


def drugs(situation: Situation) -> list[str]:
    return [line.drug for grid in situation.grids for line in grid.lines]


# ---- situations


def test_situations_are_states_and_conditions_with_the_same_doses() -> None:
    made = sheet(titration())
    assert made.exact
    assert made.left_out == 0
    assert [(where(s), drugs(s)) for s in made.situations] == [
        ([("alone", [])], ["tablet"]),
        ([("both", [])], ["tablet", "injection"]),
        # until the next cycle begins no injection is due: its days have gone by
        ([("three", ["combo <= 4"])], ["tablet"]),
        ([("three", ["combo > 4"])], ["tablet", "injection", "rinse"]),
        ([("after", [])], ["tablet", "vitamin"]),
    ]
    assert made.without == ("off",)
    assert [c.clause for c in made.situations[2].places[0].conditions] == ["C-r"]


def test_regimens_of_one_drug_share_a_line_with_their_cases_and_clauses() -> None:
    made = sheet(titration())
    (_, injection) = made.situations[1].grids[0].lines
    totals = {"0.24": "2.16", "0.32": "2.88", "0.42": "3.78", "0.54": "4.86"}
    assert injection.amounts == tuple(
        Amount(dose, (f"C-i{level}",), "level", str(level), totals[dose])
        for level, dose in COHORTS.items()
    )
    assert (injection.days, injection.unit) == (NINE, "mg/kg")
    assert [v.name for v in made.variables] == ["tablet", "level", "combo"]


def test_a_dose_that_changes_within_a_cycle_has_no_sum() -> None:
    made = sheet(titration())
    tablets = [line for s in made.situations for line in s.grids[0].lines if line.drug == "tablet"]
    first, *others = tablets
    assert [a.amount for a in first.amounts] == ["5", "7.5", "10"]
    assert (first.varies, first.dose) == (True, "tablet")
    assert {a.total for a in first.amounts} == {""}
    for line in others:
        assert line.amounts == (Amount("10", ("C-t",), total="280"),)
        assert not line.varies


def test_a_new_cycle_may_have_another_dose() -> None:
    line = only_line(
        regimen("tablet", "n", "on", clock="day", days=(1, 2)),
        variables=(Count("n", 1, 3), Clock("day", 29)),
        events=(Action("next"), Observation("end")),
        transitions=(
            Transition("C-1", "on", "next", None, "n < 3", "n += 1; day = 0"),
            Transition("C-1", "on", "end", "off"),
        ),
    )
    assert not line.varies
    assert [(a.amount, a.total) for a in line.amounts] == [("1", "2"), ("2", "4"), ("3", "6")]


def test_schedules_that_are_not_stated_are_asked_about() -> None:
    made = sheet(titration())
    vitamin = made.situations[-1].grids[0].lines[1]
    assert (vitamin.unspecified, vitamin.amounts) == ("A-1", ())
    assert not any(vitamin.due(day) for day in range(1, 29))
    assert [(e.name, e.text) for e in made.ambiguities] == [("A-1", "When is the vitamin taken?")]
    alone = sheet(replace(titration(), machines=(_only_open(titration()),)))
    assert [g.cycle for s in alone.situations for g in s.grids] == [0]


def _only_open(protocol: Protocol) -> Machine:
    (machine,) = protocol.machines
    return replace(machine, regimens=machine.regimens[-1:])


def test_the_legend_has_what_is_shown_and_no_more() -> None:
    made = sheet(titration())
    assert [e.name for e in made.clauses] == ["C-i1"]
    assert made.constants == ()
    assert made.name == "titration-subject-calendar"
    named = sheet(
        simple(
            regimen("tablet", "1", "on", when="early"),
            constants={"few": 2},
            variables=(Count("n", 0, 3),),
            definitions={"early": "n < few"},
            events=(Action("count"), Observation("end")),
            transitions=(
                Transition("C-1", "on", "count", None, "n < 3", "n += 1"),
                Transition("C-1", "on", "end", "off"),
            ),
        )
    )
    assert [where(s) for s in named.situations] == [[("on", ["early"])]]
    assert [(e.name, e.text) for e in named.definitions] == [("early", "n < few")]
    assert [e.name for e in (*named.constants, *named.variables)] == ["few", "n"]


def test_a_machine_without_regimens_has_no_calendar() -> None:
    protocol = simple()
    assert calendar(protocol, bind(protocol, "subject")) is None


def test_regimens_that_never_run_are_not_drawn() -> None:
    made = sheet(
        simple(
            regimen("tablet", "1", "on", when="n > 1"),
            regimen("late", "1", "on", days=(30,)),
            regimen("clocked", "1", "on", days=(40,), cycle=60, clock="day"),
            variables=(Count("n", 0, 3), Clock("day", 20)),
        )
    )
    assert made.situations == ()
    assert made.without == ("on", "off")
    assert "No drug is due in: on, off." in texts_of(content(made, "svg"))


def test_cases_that_no_one_condition_tells_are_listed_one_by_one() -> None:
    made = sheet(
        simple(
            regimen("tablet", "1", "on"),
            regimen("first", "1", "on", days=(1,), clock="day", when="n in (1, 3)"),
            regimen("second", "1", "on", days=(1,), clock="day", when="n in (2, 3)"),
            variables=(Count("n", 0, 3), Clock("day", 9)),
            events=(Action("one"), Action("two"), Action("both"), Observation("end")),
            transitions=(
                Transition("C-1", "on", "one", None, "n == 0", "n = 1; day = 0"),
                Transition("C-1", "on", "two", None, "n == 0", "n = 2; day = 0"),
                # too late for a dose of either
                Transition("C-1", "on", "both", None, "n == 0 and day > 4", "n = 3"),
                Transition("C-1", "on", "end", "off"),
            ),
        )
    )
    one, two = "n in (1, 3)", "n in (2, 3)"
    no_one, no_two = "n not in (1, 3)", "n not in (2, 3)"
    assert [(where(s), drugs(s)) for s in made.situations] == [
        ([("on", [no_one, no_two]), ("on", [one, two])], ["tablet"]),
        ([("on", [one, no_two])], ["tablet", "first"]),
        ([("on", [no_one, two])], ["tablet", "second"]),
    ]


def test_two_regimens_at_once_are_two_lines() -> None:
    made = sheet(simple(regimen("tablet", "1", "on"), regimen("tablet", "2", "on")))
    lines = made.situations[0].grids[0].lines
    assert [[a.amount for a in line.amounts] for line in lines] == [["1"], ["2"]]


def test_cycles_of_other_lengths_are_other_grids() -> None:
    made = sheet(
        simple(
            regimen("weekly", "1", "on", cycle=7, days=(1,)),
            regimen("open", "1", "on", unspecified="A-1"),
            regimen("monthly", "1", "on", days=(1,)),
        )
    )
    grids = made.situations[0].grids
    assert [(g.cycle, [line.drug for line in g.lines]) for g in grids] == [
        (7, ["weekly", "open"]),
        (28, ["monthly"]),
    ]


def test_amounts_told_apart_by_labels_and_runs_of_numbers() -> None:
    line = only_line(
        regimen("tablet", "5 if n < 3 else 10", "on"),
        variables=(Count("n", 0, 4, saturates=True),),
        events=(Action("count"), Observation("end")),
        transitions=(
            Transition("C-1", "on", "count", None, "n < 4", "n += 1"),
            Transition("C-1", "on", "end", "off"),
        ),
    )
    assert [(a.amount, a.by, a.cases) for a in line.amounts] == [
        ("5", "n", "0 to 2"),
        ("10", "n", "3, 4 or more"),
    ]


def test_many_amounts_are_a_range() -> None:
    line = only_line(
        regimen("tablet", "n", "on"),
        variables=(Count("n", 1, 20),),
        events=(Action("count"), Observation("end")),
        transitions=(
            Transition("C-1", "on", "count", None, "n < 20", "n += 1"),
            Transition("C-1", "on", "end", "off"),
        ),
    )
    assert line.amounts == (Amount("1 to 20", ("C-t",), many=20),)
    assert line.varies


def test_sums_are_exact_however_many_digits() -> None:
    steps = 1_000000000000000001 * 999_999_999 * 100_000_001
    made = sheet(
        simple(
            regimen("tablet", "n", "high"),
            variables=(
                Quantity("n", "0", "9" * 20, "0.000000000000000001", "mg", "1.000000000000000001"),
            ),
            states=(State("on", initial=True), State("high"), State("off", final=True)),
            events=(Action("grow"), Observation("end")),
            transitions=(
                Transition("C-1", "on", "grow", "high", then="n = n * 999999999 * 100000001"),
                Transition("C-1", ("on", "high"), "end", "off"),
            ),
        )
    )
    ((line,),) = (made.situations[0].grids[0].lines,)
    (amount,) = line.amounts
    assert amount.amount == f"{str(steps)[:-18]}.{str(steps)[-18:]}"
    assert amount.total == f"{str(28 * steps)[:-18]}.{str(28 * steps)[-18:]}"


def test_a_dose_without_a_value_is_an_error() -> None:
    array = {
        "constants": {"levels": 2},
        "variables": (Count("n", 1, 3, per="levels"), Count("k", 0, 1)),
    }
    with pytest.raises(SpecError, match=r"the dose has no value in state on: n\[0\] is outside"):
        sheet(simple(regimen("tablet", "n[k]", "on"), **array))
    with pytest.raises(SpecError, match=r"the condition has no value in state on"):
        sheet(simple(regimen("tablet", "1", "on", when="n[k] > 1"), **array))


# ---- machines with too much to list


@pytest.mark.parametrize("limit", ["MOST_CONFIGURATIONS", "MOST_EVALUATIONS", "MOST_CASES"])
def test_what_is_too_much_is_shown_as_written(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(drawing, limit, 2)
    made = sheet(titration())
    assert not made.exact
    assert [(where(s), drugs(s)) for s in made.situations] == [
        ([("alone", [])], ["tablet"]),
        ([("both", [])], ["tablet", *["injection"] * 4]),
        ([("three", [])], ["tablet", *["injection"] * 4, "rinse"]),
        ([("after", [])], ["tablet", "vitamin"]),
    ]
    tablet, *injections, rinse = made.situations[2].grids[0].lines
    assert [(i.dose, i.condition) for i in injections] == [
        (dose, f"level == {level}") for level, dose in COHORTS.items()
    ]
    assert (tablet.amounts, tablet.dose, tablet.condition) == ((), "tablet", "")
    assert (rinse.dose, rinse.condition) == ("375", "combo > 4")
    shown = texts_of(content(made, "svg"))
    assert "shown as they are written" in shown
    assert "if level == 3" in shown


def test_events_with_too_many_arguments_to_try_are_no_obstacle() -> None:
    made = sheet(
        simple(
            regimen("tablet", "1", "on"),
            events=(Action("weigh", a=Whole(0, 90), b=Whole(0, 90)), Observation("end")),
            transitions=(
                Transition("C-1", "on", "weigh", None, "a + b == 3"),
                Transition("C-1", "on", "end", "off"),
            ),
        )
    )
    assert not made.exact
    assert drugs(made.situations[0]) == ["tablet"]


def test_situations_beyond_those_drawn_are_counted() -> None:
    made = sheet(
        simple(
            *(regimen(f"drug {n}", "1", "on", when=f"n == {n}") for n in range(30)),
            variables=(Count("n", 0, 29),),
            events=(Action("count"), Observation("end")),
            transitions=(
                Transition("C-1", "on", "count", None, "n < 29", "n += 1"),
                Transition("C-1", "on", "end", "off"),
            ),
        )
    )
    assert (len(made.situations), made.left_out) == (24, 6)
    assert "Further situations, not drawn: 6." in source(made)


# ---- every reachable configuration


@cache
def reachable(name: str, *chosen: tuple[str, str]) -> tuple[Protocol, Bound, list[Configuration]]:
    protocol = titration() if name == "titration" else load(name)
    bound = bind(protocol, "subject", readings=dict(chosen))
    space = explore(bound, remember=True)
    assert space.complete
    assert space.table is not None
    unpack = space.table.layout.unpack
    found = [unpack(key | rest) for key, rests in space.groups.items() for rest in rests]
    return protocol, bound, sorted(found)


EVERY = [("titration", ()), *((name, ()) for name in names())]
EVERY += [
    ("plerixafor-cll", (("PLX-A27", "cohort_4"),)),
    ("plerixafor-cll", (("PLX-A10", "weekdays"), ("PLX-A24", "lower"))),
]


@pytest.mark.parametrize(("name", "chosen"), EVERY)
def test_the_picture_shows_what_is_due_in_every_case(
    name: str, chosen: tuple[tuple[str, str], ...]
) -> None:
    protocol, bound, reached = reachable(name, *chosen)
    made = calendar(protocol, bound)
    assert made is not None
    assert made.exact
    places, due = _places(bound, made), Calendar(bound)
    seen: set[tuple[str, str]] = set()
    for configuration in _some(reached):
        found = [
            situation
            for conditions, situation in places[bound.states[configuration[0]]]
            if all(evaluate(bound, c, configuration, {}) for c in conditions)
        ]
        # in one situation at most
        lines = [line for s in found for grid in s.grids for line in grid.lines]
        assert len(found) <= 1
        for dose in due.today(configuration):
            amount = str(dose.dose)
            (line,) = (
                line
                for line in lines
                if line.drug == dose.drug and line.due((dose.day - 1) % line.cycle + 1)
            )
            matching = [a for a in line.amounts if _in_case(bound, a, configuration)]
            assert (amount, line.unit) in [(a.amount, dose.unit) for a in matching]
            assert len(matching) == 1 or not matching[0].by
            assert any(dose.clause in a.clauses for a in matching if a.amount == amount)
            seen.add((dose.drug, amount))
        unstated = {r.regimen.drug for r in due.active(configuration) if r.regimen.unspecified}
        assert unstated == {line.drug for line in lines if line.unspecified}
    assert seen == {
        (line.drug, amount.amount)
        for situation in made.situations
        for grid in situation.grids
        for line in grid.lines
        for amount in line.amounts
    }


def _some(reached: list[Configuration]) -> list[Configuration]:
    """Up to four hundred configurations of each state."""
    random = Random(1)
    states = sorted({c[0] for c in reached})
    found = [[c for c in reached if c[0] == state] for state in states]
    return [c for here in found for c in random.sample(here, min(len(here), 400))]


def _places(bound: Bound, made: Sheet) -> dict[str, list[tuple[list[Any], Situation]]]:
    resolver = Resolver(bound.scope)
    found: dict[str, list[tuple[list[Any], Situation]]] = defaultdict(list)
    for situation in made.situations:
        for place in situation.places:
            conditions = [resolver.condition(c.text, "test") for c in place.conditions]
            found[place.state].append((conditions, situation))
    return found


def _in_case(bound: Bound, amount: Amount, configuration: Configuration) -> bool:
    """Whether the variable an amount is told by has one of the values shown."""
    if not amount.by:
        return True
    field = bound.by_name[amount.by]
    value = configuration[field.offset]
    first, to, last = amount.cases.partition(" to ")
    if to:
        return int(first) <= value <= int(last)
    return str(as_shown(value, field.type)) in amount.cases.split(", ")


# ---- weekdays


def line_of(days: tuple[int, ...], weekdays: tuple[str, ...], cycle: int = 28) -> Line:
    return Line("tablet", "mg", "C-1", cycle, days, weekdays)


def test_days_and_weekdays_fix_the_first_day() -> None:
    assert line_of(NINE, THRICE).begins == ("Mon",)
    assert line_of((1,), THRICE).begins == THRICE
    assert line_of((1, 2, 3), THRICE).begins == ()
    assert line_of(NINE, ()).begins == WEEKDAYS
    assert Grid(28, (line_of(NINE, THRICE), line_of((1,), ("Mon", "Tue")))).begins == "Mon"
    assert Grid(28, (line_of((1,), THRICE),)).begins == ""
    assert Grid(28, (line_of((1, 2, 3), THRICE),)).begins == ""
    assert Grid(28, (line_of(NINE, ()),)).begins == ""


@pytest.mark.parametrize("seed", range(60))
def test_doses_of_a_cycle_are_those_that_a_real_calendar_has(seed: int) -> None:
    random = Random(seed)
    cycle = random.choice((5, 7, 21, 28, 30, 63))
    days = tuple(sorted(random.sample(range(1, cycle + 1), random.randrange(0, min(cycle, 12)))))
    if seed % 3 == 0:
        days = tuple(range(1, min(cycle, 21) + 1))
    weekdays = tuple(sorted(random.sample(WEEKDAYS, random.randint(1, 7))))
    line = line_of(days, weekdays, cycle)
    counts, begins = {}, []
    for start in range(7):
        first = date(2024, 1, 1) + timedelta(days=start)  # a Monday, and the six days after it
        due = [first + timedelta(days=d - 1) for d in range(1, cycle + 1) if line.due(d)]
        kept = [day for day in due if day.strftime("%a") in weekdays]
        counts[first.strftime("%a")] = len(kept)
        if kept == due:
            begins.append(first.strftime("%a"))
    assert list(line.begins) == begins
    possible = {counts[name] for name in begins or WEEKDAYS}
    assert line.doses == (possible.pop() if len(possible) == 1 else None)


def test_days_that_depend_on_the_weekday_have_a_sum_only_if_it_never_differs() -> None:
    three_weeks = only_line(regimen("tablet", "2", "on", days=tuple(range(1, 22)), weekdays=THRICE))
    assert three_weeks.amounts == (Amount("2", ("C-t",), total="18"),)
    two_days = only_line(regimen("tablet", "2", "on", days=(1, 2), weekdays=THRICE))
    assert two_days.amounts == (Amount("2", ("C-t",)),)
    shown = texts_of(content(sheet(simple(regimen("t", "2", "on", weekdays=THRICE))), "svg"))
    assert "if it falls on the weekdays named" in shown
    assert "× 12 = 24 mg" in shown


# ---- drawn


def texts_of(svg: bytes) -> str:
    found = (e.text or "" for e in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return " ".join(" ".join(found).split())


def cells(svg: bytes) -> dict[str, list[tuple[float, float, float, float]]]:
    """The filled squares of the drawing by colour: left, bottom, width and height."""
    found = defaultdict(list)
    for polygon in ElementTree.fromstring(svg).iter(f"{SVG}polygon"):
        points = [tuple(map(float, p.split(","))) for p in str(polygon.get("points")).split()]
        across, down = ([p[n] for p in points] for n in (0, 1))
        box = min(across), max(down), max(across) - min(across), max(down) - min(down)
        found[str(polygon.get("fill"))].append(box)
    return dict(found)


def test_days_are_squares_in_columns() -> None:
    drawn = cells(content(sheet(titration()), "svg"))
    tablet, injection, infusion = (drawn[c] for c in ("#1b4f9c", "#0a6b47", "#8a4b08"))
    # five situations of 28 days, two of nine injections, one infusion
    assert (len(tablet), len(injection), len(infusion)) == (5 * 28, 2 * 9, 1)
    assert {(w, h) for _, _, w, h in (*tablet, *injection, *infusion)} == {(19, 19)}
    days = sorted({left for left, *_ in tablet})
    assert len(days) == 28
    assert {left for left, *_ in injection} == {days[d - 1] for d in NINE}
    assert infusion[0][0] == days[0]


def test_the_svg_says_amounts_sums_clauses_weekdays_and_the_notice() -> None:
    shown = texts_of(content(sheet(titration()), "svg"))
    for text in (
        "titration: subject calendar",
        NOTICE,
        "level = 1: 0.24 × 9 = 2.16 mg/kg C-i1",
        "10 × 28 = 280 mg",
        "5, 7.5 or 10 mg",
        "tablet; may change within a cycle",
        "if combo > 4 [C-r]",
        "Mon, Wed, Fri",
        "M T W T F S S M T W T F S S",
        "schedule not stated (A-1)",
        "A-1: When is the vitamin taken?",
        "No drug is due in: off.",
        "Readings: none to choose",
    ):
        assert text in shown, text


def test_long_cycles_go_on_below_and_endless_ones_are_told_in_words() -> None:
    nine_weeks = tuple(7 * week + day for week in range(9) for day in (1, 3, 5))
    made = sheet(
        simple(
            regimen("weekly", "1", "on", cycle=63, days=nine_weeks),
            regimen("yearly", "1", "on", cycle=365, days=(1, 120)),
            regimen("daily", "1", "on", cycle=1_000_000_000),
            regimen("open", "1", "on", unspecified="A-1"),
        )
    )
    svg = content(made, "svg")
    shown = texts_of(svg)
    assert len(cells(svg)["#1b4f9c"]) == 27
    assert shown.count("weekly") == 3
    assert "day of 63" in shown
    assert "days 1, 120 of 365" in shown
    assert "every day of 1000000000" in shown
    assert "× 1000000000 = 1000000000 mg" in shown
    assert shown.count("schedule not stated") == 1


@pytest.mark.parametrize("kind", ["svg", "png", "pdf", "dot"])
def test_every_format_of_a_calendar_is_the_same_twice(kind: str) -> None:
    first = content(sheet(titration()), kind)
    assert len(first) > 500
    assert content(sheet(titration()), kind) == first


def test_mermaid_draws_no_calendar() -> None:
    made = sheet(titration())
    assert "mermaid" not in formats(made)
    with pytest.raises(SpecError, match="titration: subject calendar is a table"):
        content(made, "mermaid")


NASTY = (
    "</TABLE>> ] } ; <B>bold</B> & &amp; \"quoted\" 'single' \\N \\ | { } # %% --> [*]\n"
    "\r\t\x00\x07\x1b[31m \u202egnp.exe \ud800 \u00e9\u2264 <script>alert(1)</script>"
)


def nasty(text: str) -> Sheet:
    """A calendar with the text wherever a specification may have any text."""
    machine = Machine(
        text,
        constants={"few": 2},
        variables=(Count("n", 0, 3, meaning=text),),
        states=(State("on", initial=True, meaning=text), State("off", final=True)),
        events=(Action("count"), Observation("end")),
        transitions=(
            Transition(text, "on", "count", None, "n < 3", "n += 1"),
            Transition(text, "on", "end", "off"),
        ),
        regimens=(
            Regimen(text, text, "n", text, ("on",), when="n > few"),
            Regimen(text, text, "1", text, ("on",), unspecified=text),
        ),
    )
    protocol = Protocol(
        text,
        text,
        machines=(machine,),
        clauses=(Clause(text, text, "G"),),
        ambiguities=(Ambiguity(text, text, kind="note"),),
    )
    made = calendar(protocol, bind(protocol, text))
    assert made is not None
    return made


@pytest.mark.parametrize(
    "text",
    [NASTY, "x" * 20_000, "two words " * 3_000, "<", "<>", '"', "\\", "\n", "A:B"],
    ids=["nasty", "long", "words", "lt", "angles", "quote", "backslash", "break", "port"],
)
def test_names_from_anyone_do_no_harm(text: str) -> None:
    svg = content(nasty(text), "svg")
    root = ElementTree.fromstring(svg)
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "text", "polyline"}
    assert [g.get("class") for g in root.iter(f"{SVG}g")] == ["graph", "node"]
    shown = texts_of(svg)
    assert NOTICE in shown
    assert "schedule not stated" in shown
    assert len(svg) < 200_000
    assert "\x1b" not in shown


# ---- the command line


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "titration.json"
    path.write_text(dump_json(titration()), encoding="utf-8")
    return str(path)


def test_calendars_are_written_beside_the_machines(
    document: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert main(["diagram", document, "-o", str(folder), "--format", "dot", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [(e["machine"], e["picture"], Path(e["path"]).name) for e in answer["diagrams"]] == [
        ("subject", "machine", "titration-subject.dot"),
        ("subject", "calendar", "titration-subject-calendar.dot"),
    ]
    written = folder / "titration-subject-calendar.dot"
    assert written.read_text(encoding="utf-8") == source(sheet(titration()))


def test_a_calendar_is_printed_when_it_is_asked_for(
    document: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diagram", document, "--picture", "calendar"]) == 0
    assert "5, 7.5 or 10 mg" in texts_of(capsys.readouterr().out.encode())
    assert main(["diagram", document, "--picture", "calendar", "--json", "--format", "dot"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["diagrams"]
    assert (entry["picture"], entry["machine"]) == ("calendar", "subject")
    assert main(["diagram", document]) == 0
    assert "may change within" not in capsys.readouterr().out


def test_mermaid_alone_leaves_tables_out_and_says_so(
    document: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ["diagram", document, "-o", str(tmp_path / "out"), "--format", "mermaid"]
    assert main(chosen) == 0
    said = capsys.readouterr()
    assert Path(said.out.strip()).name == "titration-subject.mmd"
    assert said.err == "left out, as Mermaid draws no tables: calendar\n"
    assert main([*chosen, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--picture", "calendar", "--format", "mermaid"], "which Mermaid can't draw"),
        (["--picture", "calendar", "--picture", "machine"], "one picture at a time is printed"),
        (["--picture", "study"], "it is no study"),
        (["--picture", "chart"], "invalid choice"),
        (["--picture", "calendar", "--format", "mermaid", "-o", "out"], "Mermaid can't draw"),
    ],
)
def test_wrong_choices_are_one_message(
    document: str, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main(["diagram", document, *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err


def test_no_calendar_to_draw_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagram", "ibrutinib-mm", "--picture", "calendar", "--machine", "trial"]) == 2
    said = capsys.readouterr().err
    assert said == (
        "spec-check: ibrutinib-mm has no calendar\n  no regimens are declared in: trial\n"
    )
