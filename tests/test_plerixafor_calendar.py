"""The calendars of the plerixafor protocol: days, weekdays and totals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from trialspec.oracle import Case
from trialspec.spec.protocols.plerixafor_cll import PROTOCOL
from trialspec.spec.protocols.plerixafor_cll.doses import DAYS
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.evaluate import Configuration

COMBINATION = ("combination", "interim_due", "stage3")
COHORTS = {1: "0.24", 2: "0.32", 3: "0.42", 4: "0.54"}


def subject(**readings: str) -> Bound:
    ids = {name.replace("_", "-"): slug for name, slug in readings.items()}
    return bind(PROTOCOL, "subject", readings=ids)


def at(bound: Bound, state: str, **values: int | str) -> Configuration:
    """A configuration by hand."""
    found = list(bound.initial())
    found[0] = bound.states.index(state)
    for name, value in values.items():
        field = bound.by_name[name]
        labels = field.type.labels
        found[field.offset] = labels.index(str(value)) if labels else int(value)
    return tuple(found)


def given(bound: Bound, drug: str, state: str, **values: int | str) -> dict[int, str]:
    """By day of the cycle, what is due of a drug."""
    calendar = Calendar(bound)
    found = {}
    for day in range(1, 30):
        for due in calendar.today(at(bound, state, in_cycle=day - 1, **values)):
            if due.drug == drug:
                assert (
                    due.unit
                    == {
                        "lenalidomide": "mg",
                        "plerixafor": "mg/kg",
                        "rituximab": "mg/m2",
                    }[drug]
                )
                found[day] = str(due.dose)
    return found


@pytest.mark.parametrize("level", COHORTS)
@pytest.mark.parametrize("state", COMBINATION)
def test_nine_doses_of_plerixafor_in_a_cycle(state: str, level: int) -> None:
    assert given(subject(), "plerixafor", state, level=level) == dict.fromkeys(DAYS, COHORTS[level])


@pytest.mark.parametrize("state", ["stage1", "sd_choice", "mono", "unreported", "off"])
def test_no_plerixafor_outside_the_combination(state: str) -> None:
    assert given(subject(), "plerixafor", state, level=1) == {}


def test_totals_of_plerixafor_are_exact() -> None:
    totals = {
        level: sum(map(Decimal, given(subject(), "plerixafor", "stage3", level=level).values()))
        for level in COHORTS
    }
    assert list(map(str, totals.values())) == ["2.16", "2.88", "3.78", "4.86"]
    assert [str(4 * t) for t in totals.values()] == ["8.64", "11.52", "15.12", "19.44"]
    assert [str(12 * t) for t in totals.values()] == ["25.92", "34.56", "45.36", "58.32"]
    assert 12 * len(DAYS) == 108


def test_the_rest_is_longer_than_a_week() -> None:
    """What looks true and is not: a week of rest is nine days without a dose."""
    gaps = [later - day for day, later in pairwise((*DAYS, DAYS[0] + 28))]
    assert set(gaps[:-1]) == {2, 3} and gaps[-1] == 10
    assert gaps[-1] - 1 == 9 != 7


@pytest.mark.parametrize(
    ("response", "doses"), [("CR", (36, 0)), ("PR", (108, 8)), ("SD", (108, 8))]
)
def test_the_most_doses_that_a_subject_can_have(response: str, doses: tuple[int, int]) -> None:
    """Offered every day: 9 of plerixafor a cycle, and after a complete response no more."""
    case = begun(date(2026, 3, 2))
    answers: dict[str, list[str]] = {"plerixafor": [], "rituximab": []}
    for day in range(13 * 28):
        if day % 28 == 0 and day:
            if day == 4 * 28:
                case.apply("assess", response=response)
                case.apply("choose_sd", inv_ok=True, subj_ok=True)
            case.apply("start_cycle")
            case.apply("stop_combination")
        for drug, amount in (("plerixafor", "0.24"), ("rituximab", "375")):
            answers[drug].append(case.apply("dose", drug=drug, amount=amount).answer)
        case.apply("elapse", days=1)
    assert case.observe()["state"] == "mono"
    assert tuple(found.count("accepted") for found in answers.values()) == doses


def test_who_misses_a_dose_has_fewer_than_36_before_a_complete_response() -> None:
    """What looks true and is not: that a complete response comes after exactly 36 doses."""
    case = begun(date(2026, 3, 2))
    for _ in range(3):
        case.apply("elapse", days=28)
        assert case.apply("start_cycle").answer == "accepted"
    case.apply("elapse", days=28)
    assert case.apply("assess", response="CR").observe["state"] == "mono"


def test_lenalidomide_is_given_every_day() -> None:
    bound = subject()
    for state in ("stage1", *COMBINATION, "sd_choice", "mono"):
        days = given(bound, "lenalidomide", state, len_dose=4)
        assert days == dict.fromkeys(range(1, 30), "10"), state
    for state in ("unreported", "off", "dead"):
        assert given(bound, "lenalidomide", state) == {}


def test_the_first_28_days_of_lenalidomide() -> None:
    case, total = Case(PROTOCOL, "subject"), Decimal(0)
    for day in range(1, 29):
        if day in (8, 15):
            assert case.apply("raise", tolerated=True).answer == "accepted"
        (due,) = case.due()
        total += Decimal(str(due.dose))
        assert case.apply("dose", drug=due.drug, amount=due.dose).answer == "accepted"
        case.apply("elapse", days=1)
    assert total == Decimal("227.5")


@pytest.mark.parametrize("response", ["PR", "nPR", "SD"])
def test_rituximab_on_day_one_from_the_fifth_cycle(response: str) -> None:
    bound = subject()
    for cycle in range(5, 13):
        found = given(bound, "rituximab", "stage3", combo_cycle=cycle, response=response)
        assert found == {1: "375"}
    # the response is known, the fifth cycle has not begun
    assert given(bound, "rituximab", "stage3", combo_cycle=4, response=response) == {}
    for state in ("combination", "interim_due", "sd_choice", "mono"):
        assert given(bound, "rituximab", state, combo_cycle=4, response=response) == {}
    assert 8 * 375 == 3000


def test_rituximab_is_not_due_where_it_is_optional() -> None:
    bound = subject(PLX_A19="optional")
    values = {"combo_cycle": 6, "response": "SD"}
    assert given(bound, "rituximab", "stage3", **values) == {}
    assert given(bound, "rituximab", "stage3", combo_cycle=6, response="PR") == {1: "375"}


# ---- weekdays


def on(first: date, days: tuple[int, ...]) -> list[str]:
    return [(first + timedelta(days=d - 1)).strftime("%a") for d in days]


def test_the_nine_days_are_named_weekdays_only_from_a_monday() -> None:
    monday = date(2026, 3, 2)
    right = {"Mon", "Wed", "Fri"}
    for later in range(7):
        agree = set(on(monday + timedelta(days=later), DAYS)) <= right
        assert agree == (later == 0)


def first_day_of_plerixafor(first: date, readings: dict[str, str] | None = None) -> int:
    """The day of treatment on which plerixafor is first accepted, tried every day."""
    case = Case(PROTOCOL, "subject", readings=readings)
    for day in range(1, 99):
        today = (first + timedelta(days=day - 1)).strftime("%a")
        case.apply("raise", tolerated=True)
        if case.apply("start_combination", wbc="50", weekday=today, level=1).answer == "accepted":
            return day
        case.apply("elapse", days=1)
    raise AssertionError("never")


def begun(first: date) -> Case:
    """On day 1 of the combination, lenalidomide having begun on this date."""
    case = Case(PROTOCOL, "subject")
    for _ in range(2):
        case.apply("elapse", days=7)
        case.apply("raise", tolerated=True)
    case.apply("elapse", days=14)
    today = (first + timedelta(days=28)).strftime("%a")
    assert case.apply("start_combination", wbc="50", weekday=today, level=1).answer == "accepted"
    return case


def test_the_first_legal_monday_depends_on_the_weekday_of_day_one() -> None:
    """28 days of lenalidomide, then a Monday: day 29 only when it began on a Monday."""
    monday = date(2026, 3, 2)
    found = [first_day_of_plerixafor(monday + timedelta(days=later)) for later in range(7)]
    assert found == [29, 35, 34, 33, 32, 31, 30]
    # where the days govern, the weekday makes no difference
    tuesday = monday + timedelta(days=1)
    assert first_day_of_plerixafor(tuesday, {"PLX-A10": "days"}) == 29


def named(**readings: str) -> set[tuple[tuple[int, ...], tuple[str, ...]]]:
    """Days and weekdays of plerixafor in the first cohort and the last."""
    bound = subject(**readings)
    found = set()
    for regimen in Calendar(bound).regimens:
        if regimen.regimen.drug == "plerixafor":
            found.add((regimen.regimen.days, regimen.regimen.weekdays))
            assert regimen.regimen.clock == "in_cycle"
    return found


def test_weekdays_by_reading() -> None:
    three = ("Mon", "Wed", "Fri")
    rest = tuple(sorted((*DAYS, 22, 24, 26)))
    assert named() == {(DAYS, three)}
    assert named(PLX_A10="days") == {(DAYS, ())}
    assert named(PLX_A10="weekdays") == {(tuple(range(1, 22)), three)}
    assert named(PLX_A27="cohort_4") == {(DAYS, three), (rest, three)}
    last = given(subject(PLX_A27="cohort_4"), "plerixafor", "combination", level=4)
    assert tuple(last) == DAYS
    first = given(subject(PLX_A27="cohort_4"), "plerixafor", "combination", level=1)
    assert tuple(first) == rest


@pytest.mark.parametrize("level", COHORTS)
@pytest.mark.parametrize("reading", [{}, {"PLX-A27": "cohort_4"}, {"PLX-A10": "days"}], ids=str)
def test_what_is_due_is_what_is_accepted(reading: dict[str, str], level: int) -> None:
    """Calendar and guards say the same on each day of a cycle, for each drug."""
    bound = bind(PROTOCOL, "subject", readings=reading)
    fire = bound.compiled.fire["dose"]
    calendar = Calendar(bound)
    types = {p.name: p.type for p in bound.event["dose"].parameters}
    assert types["amount"].step == "0.001"
    for state, cycle in (("combination", 2), ("interim_due", 4), ("stage3", 6)):
        for day in range(1, 29):
            here = at(
                bound,
                state,
                in_cycle=day - 1,
                level=level,
                combo_cycle=cycle,
                len_dose=4,
                since_rtx=1,
                response="PR" if state == "stage3" else "none",
            )
            due = {(d.drug, str(d.dose)) for d in calendar.today(here)}
            labels = types["drug"].labels or ()
            for drug, amount in (
                ("lenalidomide", "10"),
                ("plerixafor", COHORTS[level]),
                ("rituximab", "375"),
            ):
                stored = int(Decimal(amount) * 1000)
                accepted = fire(here, labels.index(drug), stored) is not None
                assert accepted == ((drug, amount) in due), (state, day, drug)
