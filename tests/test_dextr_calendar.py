"""The calendars of the DexTR protocol: days and totals."""

from __future__ import annotations

from itertools import pairwise

import pytest
from trialspec.spec.protocols.dextr_mm import PROTOCOL
from trialspec.spec.protocols.dextr_mm.doses import PULSES, WEEKLY
from trialspec.statemachines.bind import bind
from trialspec.statemachines.bound import Bound
from trialspec.statemachines.calendar import Calendar
from trialspec.statemachines.evaluate import Configuration

INDUCTION = ("induction", "assessment_due")
DRUGS = ("dexamethasone", "thalidomide", "lenalidomide")
ENDS = ("off", "transplant", "dead", "lost", "withdrawn")


def subject(**readings: str) -> Bound:
    ids = {name.replace("_", "-"): slug for name, slug in readings.items()}
    return bind(PROTOCOL, "subject", readings=ids)


def at(bound: Bound, state: str, **values: int) -> Configuration:
    """A configuration by hand."""
    found = list(bound.initial())
    found[0] = bound.states.index(state)
    for name, value in values.items():
        found[bound.by_name[name].offset] = value
    return tuple(found)


def given(bound: Bound, drug: str, state: str, **values: int) -> dict[int, int]:
    """By day of the cycle, the milligrams due of a drug."""
    calendar = Calendar(bound)
    found = {}
    for day in range(1, 30):
        for due in calendar.today(at(bound, state, in_cycle=day - 1, **values)):
            if due.drug == drug:
                assert due.unit == "mg" and day not in found
                found[day] = int(due.dose)
    return found


def totals(bound: Bound, state: str, **values: int) -> tuple[int, ...]:
    return tuple(sum(given(bound, drug, state, **values).values()) for drug in DRUGS)


def days(*parts: tuple[int, int]) -> list[int]:
    return [day for first, last in parts for day in range(first, last + 1)]


@pytest.mark.parametrize("state", INDUCTION)
def test_dexamethasone_in_induction(state: str) -> None:
    found = given(subject(), "dexamethasone", state, cycle=4)
    assert found == dict.fromkeys(days((1, 4), (9, 12), (17, 20)), 40)
    assert len(found) == 12
    gaps = [b - a - 1 for a, b in pairwise((*PULSES, 29))]
    assert [gap for gap in gaps if gap] == [4, 4, 8]


def test_thalidomide_starts_at_fifty() -> None:
    bound = subject()
    first = given(bound, "thalidomide", "induction", cycle=1)
    assert first == dict.fromkeys(range(1, 8), 50) | dict.fromkeys(range(8, 29), 100)
    for cycle in (2, 3, 4, 5):
        for state in INDUCTION:
            later = given(bound, "thalidomide", state, cycle=cycle)
            assert later == dict.fromkeys(range(1, 29), 100)


@pytest.mark.parametrize("steps", range(6))
def test_lenalidomide_for_three_weeks(steps: int) -> None:
    bound = subject()
    right = dict.fromkeys(range(1, 22), 5 * steps) if steps else {}
    for state in INDUCTION:
        assert given(bound, "lenalidomide", state, len_dose=steps) == right
    for low in (0, 1):
        values = {"maint_len": steps, "len_dose": steps, "low_clearance": low}
        assert given(bound, "lenalidomide", "maintenance", **values) == right


def test_maintenance_has_two_drugs() -> None:
    bound = subject()
    assert given(bound, "dexamethasone", "maintenance") == dict.fromkeys(WEEKLY, 20)
    assert WEEKLY == (1, 8, 15, 22)
    assert given(bound, "thalidomide", "maintenance", cycle=5) == {}
    continues = given(subject(DTR_A18="continues"), "thalidomide", "maintenance", cycle=5)
    assert continues == dict.fromkeys(range(1, 29), 100)


def test_totals_of_a_cycle() -> None:
    bound = subject()
    assert totals(bound, "induction", cycle=1) == (480, 2450, 525)
    assert totals(bound, "induction", cycle=2) == (480, 2800, 525)
    four = [totals(bound, "induction", cycle=cycle) for cycle in (1, 2, 3, 4)]
    assert tuple(map(sum, zip(*four, strict=True))) == (1920, 10850, 2100)
    for low, dose, total in ((0, 5, 525), (1, 3, 315)):
        found = totals(bound, "maintenance", cycle=5, maint_len=dose, low_clearance=low)
        assert found == (80, 0, total)


def test_all_three_drugs_on_twelve_days() -> None:
    bound = subject()
    common = set.intersection(*(set(given(bound, drug, "induction")) for drug in DRUGS))
    assert sorted(common) == list(PULSES)


@pytest.mark.parametrize("state", ["enrolled", *ENDS])
def test_nothing_is_due_outside_treatment(state: str) -> None:
    assert totals(subject(), state) == (0, 0, 0)


def test_thalidomide_by_reading() -> None:
    by_doses = subject(DTR_A20="doses")
    assert set(given(by_doses, "thalidomide", "induction", thal_50=6).values()) == {50}
    assert set(given(by_doses, "thalidomide", "induction", thal_50=7).values()) == {100}
    stays = subject(DTR_A19="fifty")
    assert set(given(stays, "thalidomide", "induction", cycle=2, thal_low=1).values()) == {50}


@pytest.mark.parametrize(
    "readings",
    [{}, {"DTR_A18": "continues"}, {"DTR_A19": "fifty"}, {"DTR_A20": "doses"}],
    ids=str,
)
def test_what_is_due_is_what_is_accepted(readings: dict[str, str]) -> None:
    """Calendar and guards say the same on each day of a cycle, for each drug and dose."""
    bound = subject(**readings)
    fire, calendar = bound.compiled.fire["dose"], Calendar(bound)
    parameters = {p.name: p.type for p in bound.event["dose"].parameters}
    assert parameters["amount"].step == "0.001"
    labels = parameters["drug"].labels or ()
    low = {"maint_len": 3, "low_clearance": 1}
    places: list[tuple[str, dict[str, int]]] = [
        ("induction", {"cycle": 1}),
        ("induction", {"cycle": 1, "thal_50": 7 if "DTR_A20" in readings else 0}),
        ("induction", {"cycle": 2, "thal_low": int("DTR_A19" in readings)}),
        ("assessment_due", {"cycle": 5, "len_dose": 2}),
        ("assessment_due", {"cycle": 5, "len_dose": 0}),
        ("maintenance", {"cycle": 5, "maint_len": 5}),
        ("maintenance", {"cycle": 5, **low}),
        ("maintenance", {"cycle": 5, **low, "len_dose": 4}),
        ("maintenance", {"cycle": 5, "maint_len": 2, "len_dose": 2}),
    ]
    for state, values in places:
        for day in range(1, 30):
            here = at(bound, state, in_cycle=day - 1, **values)
            due = {(d.drug, int(d.dose)) for d in calendar.today(here)}
            for drug in DRUGS:
                for amount in (0, 5, 10, 15, 20, 25, 40, 50, 100):
                    accepted = fire(here, labels.index(drug), 1000 * amount) is not None
                    assert accepted == ((drug, amount) in due), (state, values, day, drug, amount)
