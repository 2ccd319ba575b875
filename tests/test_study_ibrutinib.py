"""Ibrutinib studies by hand: what trial and patients share, one at a time and overlapping."""

from __future__ import annotations

import pytest
from trialspec.oracle import Study

A, R, U = "accepted", "refused", "unspecified"
OVERLAPPING = {"X-A04": "overlapping"}


def dosed(study: Study, *names: str, level: int = 1) -> None:
    """Registers patients and gives them the first dose."""
    for name in names:
        assert study.apply("register", name, level=level).answer == A
        assert study.apply("first_dose", name).answer == A


def clear(study: Study, *names: str) -> None:
    """A clean first cycle of each, and the report of it."""
    study.elapse(28)
    for name in names:
        assert study.apply("start_cycle_2", name).answer == A
        assert study.apply("evaluate", name, dlt=False).answer == A


def toxic(study: Study, name: str) -> None:
    assert study.apply("dlt", name).answer == A
    assert study.apply("evaluate", name, dlt=True).answer == A


def test_a_first_cycle_is_reported_once_and_as_it_was() -> None:
    study = Study("ibrutinib-mm")
    dosed(study, "P1", "P2")
    assert study.apply("evaluate", "P1", dlt=False).answer == R
    assert study.apply("evaluate", "P1", dlt=True).answer == R
    study.elapse(27)
    assert study.apply("start_cycle_2", "P1").answer == R
    study.elapse(1)
    assert study.apply("evaluate", "P1", dlt=False).answer == R  # the window is still open
    assert study.apply("start_cycle_2", "P1").answer == A
    assert study.apply("dlt", "P1").answer == R
    assert study.apply("not_evaluable", "P1", level=1).answer == R
    assert study.apply("evaluate", "P1", dlt=True).answer == R
    assert study.apply("evaluate", "P1", dlt=False).answer == A
    assert study.apply("evaluate", "P1", dlt=False).answer == R
    toxic(study, "P2")
    assert study.apply("evaluate", "P2", dlt=True).answer == R
    assert study.observe()["treated"] == [2, 0, 0]
    assert study.observe()["dlts"] == [1, 0, 0]


@pytest.mark.parametrize(
    ("days", "reported", "event"),
    [(0, "left", "not_evaluable"), (27, "left", "not_evaluable"), (28, "clear", "evaluate")],
)
def test_who_leaves_the_first_cycle(days: int, reported: str, event: str) -> None:
    study = Study("ibrutinib-mm")
    dosed(study, "P1")
    study.elapse(days)
    assert study.apply("death", "P1").answer == A
    seen = study.observe("P1")
    assert (seen["state"], seen["first_cycle"]) == ("unreported", reported)
    for again in ("death", "lost", "withdraw_consent", "start_cycle_2"):
        assert study.apply(again, "P1").answer == R
    given: dict[str, object] = {"level": 1} if event == "not_evaluable" else {"dlt": False}
    assert study.apply(event, "P1", **given).answer == A
    assert study.observe("P1")["state"] == "off"
    assert study.observe()["treated"] == [int(days == 28), 0, 0]


def test_leaving_counts_where_nobody_is_replaced() -> None:
    study = Study("ibrutinib-mm", readings={"X-A03": "counts"})
    dosed(study, "P1")
    study.apply("lost", "P1")
    assert study.apply("not_evaluable", "P1", level=1).answer == R
    assert study.apply("evaluate", "P1", dlt=False).answer == A


def test_the_window_of_28_days() -> None:
    study = Study("ibrutinib-mm", readings={"X-A01": "day_28"})
    dosed(study, "P1")
    study.elapse(27)
    assert study.apply("evaluate", "P1", dlt=False).answer == R
    study.elapse(1)
    assert study.apply("dlt", "P1").answer == R
    assert study.apply("evaluate", "P1", dlt=False).answer == A


def test_a_late_toxicity_is_of_a_patient_counted_without_one() -> None:
    study = Study("ibrutinib-mm", readings={"X-A05": "report"})
    dosed(study, "P1", "P2")
    assert study.apply("late_dlt", "P1", level=1).answer == R
    toxic(study, "P1")
    assert study.apply("late_dlt", "P1", level=1).answer == R
    clear(study, "P2")
    assert study.apply("late_dlt", "P2", level=2).answer == R
    assert study.apply("later_dlt", "P2", level=1).answer == A
    assert study.apply("late_dlt", "P2", level=1).answer == A
    assert study.observe()["dlts"] == [2, 0, 0]
    assert study.apply("late_dlt", "P2", level=1).answer == R
    assert Study("ibrutinib-mm").apply("late_dlt", "P1", level=1).answer == R


def test_nobody_begins_at_a_level_that_has_closed() -> None:
    study = Study("ibrutinib-mm")
    dosed(study, "P1", "P2", "P3")
    assert study.apply("register", "P4", level=1).answer == A
    clear(study, "P1", "P2", "P3")
    answer = study.apply("first_dose", "P4")
    assert (answer.answer, answer.clause) == (R, "IBR-02")
    assert "place to be the trial's place: 1 is not 2" in answer.reason
    # one at a time, a registration reserves nothing: it is simply made again
    assert study.apply("register", "P4", level=2).answer == A
    assert study.apply("first_dose", "P4").answer == A


def test_staggered_patients_left_behind_are_unspecified() -> None:
    study = Study("ibrutinib-mm")
    dosed(study, "P1", "P2", "P3", "P4")
    clear(study, "P1", "P2", "P3")
    assert study.apply("start_cycle_2", "P4").answer == A
    answer = study.apply("evaluate", "P4", dlt=False)
    assert (answer.answer, answer.clause) == (R, "IBR-05")
    assert study.apply("evaluate_closed", "P4", level=2, dlt=False).answer == R
    answer = study.apply("evaluate_closed", "P4", level=1, dlt=False)
    assert answer.answer == U
    assert "X-A04" in answer.reason


def test_who_can_not_be_judged_at_a_closed_level_changes_nothing() -> None:
    study = Study("ibrutinib-mm")
    dosed(study, "P1", "P2", "P3", "P4")
    clear(study, "P1", "P2", "P3")
    study.apply("refusal", "P4")
    assert study.observe("P4")["first_cycle"] == "clear"
    study = Study("ibrutinib-mm")
    dosed(study, "P1", "P2", "P3")
    study.elapse(1)
    dosed(study, "P4")
    study.elapse(27)
    for name in ("P1", "P2", "P3"):
        study.apply("start_cycle_2", name)
        study.apply("evaluate", name, dlt=False)
    study.apply("refusal", "P4")
    assert study.apply("not_evaluable", "P4", level=1).answer == A
    assert study.observe()["level"] == 2


def test_in_flight_at_a_closed_level() -> None:
    study = Study("ibrutinib-mm", readings=OVERLAPPING)
    dosed(study, "P1", "P2", "P3")
    assert study.apply("register", "P4", level=1).answer == R
    clear(study, "P1", "P2", "P3")
    dosed(study, "Q1", "Q2", "Q3", level=2)
    toxic(study, "Q1")
    toxic(study, "Q2")
    seen = study.observe()
    assert (seen["level"], seen["lowest_closed"], seen["pending"]) == (1, 2, [0, 1, 0])
    # the third is counted and decides nothing
    assert study.apply("dlt", "Q3").answer == A
    assert study.apply("evaluate", "Q3", dlt=True).answer == R
    assert study.apply("evaluate_closed", "Q3", level=2, dlt=True).answer == A
    seen = study.observe()
    assert (seen["level"], seen["dlts"], seen["pending"]) == (1, [0, 3, 0], [0, 0, 0])
    dosed(study, "R1", "R2", "R3")
    clear(study, "R1", "R2", "R3")
    assert study.observe()["state"] == "expansion"


def test_a_place_is_free_again() -> None:
    study = Study("ibrutinib-mm", readings=OVERLAPPING)
    dosed(study, "P1", "P2")
    assert study.apply("register", "P3", level=1).answer == A
    assert study.apply("register", "P3", level=1).answer == R  # its place is taken already
    assert study.apply("register", "P4", level=1).answer == R
    study.apply("lost", "P3")
    assert study.observe("P3")["state"] == "unreported"
    assert study.apply("withdraw_registration", "P3", level=2).answer == R
    assert study.apply("withdraw_registration", "P3", level=1).answer == A
    assert study.observe("P3")["state"] == "off"
    assert study.apply("register", "P4", level=1).answer == A
    study.apply("withdraw_consent", "P1")
    assert study.apply("not_evaluable", "P1", level=1).answer == A
    assert study.observe()["pending"] == [2, 0, 0]


def test_part_two() -> None:
    study = Study("ibrutinib-mm", constants={"levels": 1})
    for group in (("P1", "P2", "P3"), ("P4", "P5", "P6")):
        dosed(study, *group)
        if "P6" in group:
            assert study.apply("register", "P7", level=1).answer == A
        clear(study, *group)
    assert study.observe()["state"] == "expansion"
    # registered in the escalation: not a patient of part 2
    assert study.apply("first_dose", "P7").answer == R
    assert study.apply("register_expansion", "P7", level=1).answer == A
    assert study.apply("first_dose", "P7").answer == A
    assert study.apply("expansion_dlt", "P7").answer == R
    study.apply("dlt", "P7")
    assert study.apply("evaluate", "P7", dlt=True).answer == R
    assert study.apply("expansion_dlt", "P7").answer == A
    assert study.apply("expansion_dlt", "P7").answer == R
    assert study.apply("register_expansion", "P8", level=1).answer == A
    study.apply("death", "P8")
    assert study.observe("P8")["state"] == "off"
    study.apply("register_expansion", "P9", level=1)
    study.apply("first_dose", "P9")
    study.apply("withdraw_consent", "P9")
    assert study.observe("P9")["state"] == "off"  # nothing of part 2 is awaited
