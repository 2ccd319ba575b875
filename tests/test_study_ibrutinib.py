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


def one_by_one(study: Study, *names: str, level: int = 1) -> None:
    """Each patient's clean first cycle, one after the other."""
    for name in names:
        dosed(study, name, level=level)
        clear(study, name)


def toxic(study: Study, name: str) -> None:
    assert study.apply("dlt", name).answer == A
    assert study.apply("evaluate", name, dlt=True).answer == A


def test_a_first_cycle_is_reported_once_and_as_it_was() -> None:
    study = Study("ibrutinib-mm", readings=OVERLAPPING)
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
    study = Study("ibrutinib-mm", readings={"X-A05": "report", **OVERLAPPING})
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


def test_one_patient_at_a_time() -> None:
    study = Study("ibrutinib-mm")
    dosed(study, "P1")
    answer = study.apply("register", "P2", level=1)
    assert (answer.answer, answer.clause) == (R, "IBR-05")
    assert "X_A04 == 'overlapping' or pending[event.level] == 0 is false" in answer.reason
    assert study.observe()["pending"] == [1, 0, 0]
    clear(study, "P1")
    assert study.observe()["pending"] == [0, 0, 0]
    # a registration keeps the place until it is withdrawn
    assert study.apply("register", "P2", level=1).answer == A
    assert study.apply("register", "P2", level=1).answer == R
    assert study.apply("withdraw_registration", "P2", level=1).answer == A
    dosed(study, "P2")
    # who can't be judged is replaced
    study.apply("refusal", "P2")
    assert study.apply("register", "P3", level=1).answer == R
    assert study.apply("not_evaluable", "P2", level=1).answer == A
    dosed(study, "P3")
    # whoever leaves before any dose gives the place back as well
    clear(study, "P3")
    assert study.apply("register", "P4", level=1).answer == A
    assert study.apply("death", "P4").answer == A
    assert study.observe("P4")["state"] == "unreported"
    assert study.apply("withdraw_registration", "P4", level=1).answer == A
    assert study.observe("P4")["state"] == "off"
    one_by_one(study, "P5")
    assert study.observe()["level"] == 2


def test_nobody_begins_at_a_level_that_has_closed() -> None:
    study = Study("ibrutinib-mm", readings=OVERLAPPING)
    one_by_one(study, "P1", "P2", "P3")
    dosed(study, "Q1", "Q2", level=2)
    assert study.apply("register", "Q3", level=2).answer == A
    toxic(study, "Q1")
    toxic(study, "Q2")
    answer = study.apply("first_dose", "Q3")
    assert (answer.answer, answer.clause) == (R, "IBR-02")
    assert "place to be the trial's place: 2 is not 1" in answer.reason
    assert study.apply("register", "Q3", level=1).answer == R
    assert study.apply("withdraw_registration", "Q3", level=2).answer == A
    dosed(study, "Q3")


# a toxicity after the first cycle can close the level while the next patient is on it
LATER = {"IBR-A09": "ever"}


def closed_later(study: Study, *, begun: bool = True) -> None:
    """Q5 is at level 2 when it closes for Q4, the first of three more there."""
    one_by_one(study, "P1", "P2", "P3")
    dosed(study, "Q1", level=2)
    toxic(study, "Q1")
    one_by_one(study, "Q2", "Q3", "Q4", level=2)
    if begun:
        dosed(study, "Q5", level=2)
    else:
        assert study.apply("register", "Q5", level=2).answer == A
    assert study.apply("later_dlt", "Q4", level=2, additional=True).answer == A
    assert study.observe()["level"] == 1
    assert study.observe()["pending"] == [0, 1, 0]


def test_one_at_a_time_who_is_left_behind_is_unspecified() -> None:
    study = Study("ibrutinib-mm", readings=LATER)
    closed_later(study)
    study.elapse(28)
    assert study.apply("start_cycle_2", "Q5").answer == A
    answer = study.apply("evaluate", "Q5", dlt=False)
    assert (answer.answer, answer.clause) == (R, "IBR-05")
    assert study.apply("evaluate_closed", "Q5", level=1, dlt=False).answer == R
    answer = study.apply("evaluate_closed", "Q5", level=2, dlt=False)
    assert answer.answer == U
    assert "X-A04" in answer.reason


def test_who_can_not_be_judged_at_a_closed_level_changes_nothing() -> None:
    study = Study("ibrutinib-mm", readings=LATER)
    closed_later(study)
    # the next patient is of another level
    assert study.apply("register", "R1", level=1).answer == A
    study.apply("refusal", "Q5")
    assert study.apply("not_evaluable", "Q5", level=2).answer == A
    assert study.observe()["pending"] == [1, 0, 0]
    assert study.observe()["level"] == 1


@pytest.mark.parametrize(("reading", "answer"), [("reassign", A), ("withdraw", R)])
def test_who_was_not_dosed_when_the_level_closed(reading: str, answer: str) -> None:
    study = Study("ibrutinib-mm", readings={**LATER, "IBR-A32": reading})
    closed_later(study, begun=False)
    assert study.apply("first_dose", "Q5").answer == R
    assert study.apply("register", "Q5", level=1).answer == answer
    if answer == R:
        assert study.apply("withdraw_registration", "Q5", level=2).answer == A
        assert study.apply("register", "Q5", level=1).answer == A
    assert study.apply("first_dose", "Q5").answer == A


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
    one_by_one(study, "P1", "P2", "P3", "P4", "P5", "P6")
    assert study.observe()["state"] == "expansion"
    assert study.apply("register", "P7", level=1).answer == R
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
