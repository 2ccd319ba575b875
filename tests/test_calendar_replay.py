"""Calendar and judge agree: what is due in the one is what the other asks for, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trialspec.oracle.calendars.course import Course, Following
from trialspec.oracle.columns import Columns
from trialspec.oracle.logs import open_log
from trialspec.oracle.replay import Judge
from trialspec.oracle.rows import Row, RowReader
from trialspec.oracle.situation import choices
from trialspec.spec.registry import load
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.evaluate import Configuration
from trialspec.statemachines.step import elapse, show_arguments

EXAMPLES = Path(__file__).parents[1] / "examples" / "logs"
START = date(2024, 1, 1)
# what doesn't end a case soon; days pass by dates, and doses are added later
ENDS = (
    "death",
    "lost",
    "withdraw_consent",
    "dose",
    "progression",
    "toxicity",
    "excessive_toxicity",
)
CASES = (
    ("plerixafor-cll", ()),
    ("plerixafor-cll", (("PLX-A10", "weekdays"),)),
    ("plerixafor-cll", (("PLX-A27", "cohort_4"), ("PLX-A19", "optional"))),
    ("antimag-lenalidomide", ()),
    ("dextr-mm", ()),
    ("dextr-mm", (("DTR-A18", "continues"), ("X-A14", "lower"))),
)
SETTINGS = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)


@cache
def machine(name: str, readings: tuple[tuple[str, str], ...]) -> Bound:
    return bind(load(name), "subject", readings=dict(readings))


@dataclass
class Walk:
    """A history without doses: rows on days, each accepted by the machine."""

    bound: Bound
    rows: list[Row] = field(default_factory=list)
    day: int = 0

    def row(self, day: int, event: str, arguments: dict[str, Any]) -> Row:
        cells = {name: str(value) for name, value in arguments.items()}
        return Row("", len(self.rows), "P1", event, START + timedelta(day), cells, {})


def moves(bound: Bound, here: Configuration, weekday: str) -> list[tuple[str, dict[str, Any], Any]]:
    """Events that the machine accepts, those aside that leave treatment."""
    found = []
    for event in bound.events:
        if event.name in ENDS:
            continue
        for values in choices(event):
            after = bound.compiled.fire[event.name](here, *values.values())
            # a weekday that is not the date's is a deviation of its own
            shown = show_arguments(event, values)
            if isinstance(after, tuple) and shown.get("weekday", weekday) == weekday:
                found.append((event.name, shown, after))
    return found


def walk(bound: Bound, data: st.DataObject) -> Walk:
    """A random history: mostly the days between are those that a cycle or a step takes."""
    made, here = Walk(bound), bound.initial()
    made.rows.append(made.row(0, "elapse", {"days": 0}))
    for _ in range(data.draw(st.integers(1, 9))):
        days = data.draw(st.sampled_from([0, 1, 7, 7, 14, 27, 28, 28, 28]))
        made.day += days
        here = elapse(bound, here, days)
        weekday = (START + timedelta(made.day)).strftime("%a")
        able = moves(bound, here, weekday)
        if not able:
            continue
        event, arguments, here = data.draw(st.sampled_from(able))
        made.rows.append(made.row(made.day, event, arguments))
    # the history ends with its last row
    made.day = ((made.rows[-1].day or START) - START).days
    return made


def course(bound: Bound, rows: list[Row], days: int | None = None) -> Course:
    following = Following(load(bound.protocol), bound)
    for row in rows:
        assert following.row(row), following.ended
    return following.course(days)


def dosed(made: Walk, found: Course, *, ahead: bool = False) -> list[Row]:
    """The history with each dose of its calendar, given at the end of its day."""
    rows = list(made.rows)
    for day in found.days:
        if day.ahead and not ahead:
            break
        for dose in day.doses:
            rows.append(made.row(day.day - 1, "dose", {"drug": dose.drug, "amount": dose.dose}))
    return sorted(rows, key=lambda row: row.time or START)


def deviations(bound: Bound, rows: list[Row], until: int, *, follow: bool = False) -> list[Any]:
    """What the judge of logs reports, stays that are too long aside."""
    judge = Judge(load(bound.protocol), bound, follow=follow)
    found = [d for row in rows for d in judge.row(row)]
    found += judge.finish(START + timedelta(until))
    return [d for d in found if d.kind != "overdue"]


@pytest.mark.parametrize(("name", "readings"), CASES, ids=str)
@given(data=st.data())
@SETTINGS
def test_a_log_with_the_doses_of_its_calendar_conforms(
    name: str, readings: tuple[tuple[str, str], ...], data: st.DataObject
) -> None:
    bound = machine(name, readings)
    made = walk(bound, data)
    plain = course(bound, made.rows)
    rows = dosed(made, plain)
    assert deviations(bound, rows, made.day + 1) == []
    assert deviations(bound, rows, made.day + 1, follow=True) == []
    # its own calendar is the same, and every dose of it is given
    again = course(bound, rows, 0)
    past = [d for d in plain.days if not d.ahead]
    assert [(d.day, d.state, d.doses) for d in again.days] == [
        (d.day, d.state, d.doses) for d in past
    ]
    for day in again.days:
        assert [g.drug for g in day.given] == [d.drug for d in day.doses]
        assert [g.amount for g in day.given] == [d.dose for d in day.doses]


@pytest.mark.parametrize(("name", "readings"), CASES, ids=str)
@given(data=st.data())
@SETTINGS
def test_each_dose_of_the_calendar_is_asked_for(
    name: str, readings: tuple[tuple[str, str], ...], data: st.DataObject
) -> None:
    bound = machine(name, readings)
    made = walk(bound, data)
    rows = dosed(made, course(bound, made.rows))
    doses = [row for row in rows if row.event == "dose"]
    # the judge begins to ask for doses with the first that a log has
    if len(doses) < 2:
        return
    gone = data.draw(st.sampled_from(doses[1:]))
    found = deviations(bound, [row for row in rows if row is not gone], made.day + 1)
    assert [d.kind for d in found] == ["missing_event"]
    assert found[0].expected["drug"] == gone.arguments["drug"]
    assert found[0].expected["dose"] == gone.arguments["amount"]
    assert gone.day is not None
    assert found[0].expected["days"] == [gone.day.isoformat()]


@pytest.mark.parametrize(("name", "readings"), CASES, ids=str)
@given(data=st.data())
@SETTINGS
def test_no_other_dose_is_accepted_as_right(
    name: str, readings: tuple[tuple[str, str], ...], data: st.DataObject
) -> None:
    """A dose that the calendar doesn't have on its day, by drug or by amount, is reported; so is
    one that it has, given twice."""
    bound = machine(name, readings)
    made = walk(bound, data)
    rows = dosed(made, course(bound, made.rows))
    day = data.draw(st.integers(0, made.day))
    types = {p.name: p.type for p in bound.event["dose"].parameters}
    drug = data.draw(st.sampled_from(types["drug"].labels or ()))
    amount = data.draw(
        st.sampled_from(
            [
                "0.24",
                "0.32",
                "0.42",
                "0.54",
                "2.5",
                "5",
                "7.5",
                "10",
                "15",
                "20",
                "25",
                "40",
                "50",
                "100",
                "375",
            ]
        )
    )
    more = made.row(day, "dose", {"drug": drug, "amount": amount})
    rows = sorted([*rows, more], key=lambda row: row.time or START)
    if in_treatment(bound, made, day):
        assert deviations(bound, rows, made.day + 1) != [], (day, drug, amount)


def in_treatment(bound: Bound, made: Walk, day: int) -> bool:
    """Whether the day is one of a state in which doses are given at all."""
    treated = {state for r in bound.machine.regimens for state in r.states}
    return course(bound, made.rows, 0).days[day].state in treated


@pytest.mark.parametrize(("name", "readings"), CASES, ids=str)
@given(data=st.data())
@SETTINGS
def test_the_days_ahead_are_those_that_come(
    name: str, readings: tuple[tuple[str, str], ...], data: st.DataObject
) -> None:
    """When the days have passed and each dose has been given, the same was due."""
    bound = machine(name, readings)
    made = walk(bound, data)
    ahead = data.draw(st.integers(1, 40))
    plain = course(bound, made.rows, ahead)
    rows = dosed(made, plain, ahead=True)
    last = max(row.day or START for row in rows)
    later = course(bound, rows, (START + timedelta(made.day + ahead) - last).days)
    assert [(d.day, d.date, d.doses) for d in later.days] == [
        (d.day, d.date, d.doses) for d in plain.days
    ]


LOGS = {
    "plerixafor-study-clean.csv": "plerixafor-cll",
    "plerixafor-subjects-clean.csv": "plerixafor-cll",
    "dextr-study-clean.csv": "dextr-mm",
    "dextr-subjects-clean.csv": "dextr-mm",
    "antimag-study-clean.csv": "antimag-lenalidomide",
}


@pytest.mark.parametrize("log", LOGS)
def test_conforming_logs_have_the_doses_of_their_calendars(log: str) -> None:
    """Through every state that the example logs come to; without doses the same are due."""
    bound = machine(LOGS[log], ())
    reader = RowReader(load(LOGS[log]), bound, Columns())
    cases: dict[str, list[Row]] = {}
    with open_log(str(EXAMPLES / log)) as opened:
        for row in reader.rows(opened):
            cases.setdefault(row.case, []).append(row)
    states = set()
    for rows in cases.values():
        *past, _ = course(bound, rows, 0).days
        for day in past:
            states.add(day.state)
            assert sorted((g.drug, g.amount) for g in day.given) == sorted(
                (d.drug, d.dose) for d in day.doses
            ), (rows[0].case, day)
        first = replace(rows[0], event="elapse", arguments={"days": 0})
        others = [row for row in rows if row.event != "dose"]
        *again, _ = course(bound, [first, *others], 0).days
        assert [d.doses for d in again] == [d.doses for d in past]
    assert len(cases) >= 5 and len(states) >= 3
