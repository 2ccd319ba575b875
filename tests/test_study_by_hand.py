"""The oracle's `Study`: a trial with its subjects, driven by hand."""

from __future__ import annotations

import pytest
from trialspec.oracle import Study
from trialspec.spec.errors import SpecError


def treated(study: Study, *names: str, level: int = 1) -> None:
    """Takes subjects through titration to the first day of the combination."""
    for name in names:
        study.join(name)
    for _ in range(2):
        study.elapse(7)
        for name in names:
            assert study.apply("raise", name, tolerated=True).answer == "accepted"
    study.elapse(14)
    for name in names:
        answer = study.apply("start_combination", name, wbc="99.99", weekday="Mon", level=level)
        assert (answer.answer, answer.clause) == ("accepted", "PLX-07")


def test_a_joint_event_moves_both() -> None:
    study = Study("plerixafor-cll")
    treated(study, "P1", "P2", "P3")
    assert study.subjects == ("P1", "P2", "P3")
    assert study.observe()["pending"] == 3
    assert study.observe("P2")["state"] == "combination"
    due = [(d.drug, d.dose, d.day) for d in study.due("P3")]
    assert due == [("lenalidomide", "10", 1), ("plerixafor", "0.24", 1)]


def test_refused_by_the_subject_leaves_the_trial_alone() -> None:
    study = Study("plerixafor-cll")
    answer = study.apply("start_combination", "P1", wbc="41.5", weekday="Mon", level=1)
    assert (answer.answer, answer.clause) == ("refused", "PLX-06a")
    assert answer.reason.startswith("in the subject, len_dose == 10 is false (len_dose = 5")
    assert study.observe()["pending"] == 0


def test_refused_by_the_trial_leaves_the_subject_alone() -> None:
    study = Study("plerixafor-cll")
    treated(study, "P1", "P2", "P3")
    study.join("P4")
    for _ in range(2):
        study.elapse(7)
        study.apply("raise", "P4", tolerated=True)
    study.elapse(14)
    answer = study.apply("start_combination", "P4", wbc="41.5", weekday="Mon", level=1)
    assert answer.answer == "refused"
    assert answer.reason.startswith("in the trial, ")
    assert study.observe("P4")["state"] == "stage1"


def test_an_undecided_subject_does_not_stop_the_trial() -> None:
    study = Study("plerixafor-cll")
    treated(study, "P1", "P2", "P3")
    assert study.apply("dlt", "P1").answer == "unspecified"
    assert "PLX-A31" in str(study.observe("P1")["unspecified"])
    assert study.due("P1") == ()
    assert study.apply("evaluate", "P1", dlt=True).answer == "accepted"
    assert study.observe()["dlts"] == [1, 0, 0, 0]
    assert study.apply("progression", "P1").answer == "unspecified"
    # nobody was ever treated there
    assert study.apply("late_dlt", level=2).answer == "refused"


def test_an_undecided_trial() -> None:
    study = Study("plerixafor-cll")
    treated(study, "P1", "P2", "P3")
    study.elapse(28)
    assert study.apply("evaluate", "P1", dlt=False).answer == "accepted"
    assert study.apply("late_dlt", "P1", level=1).answer == "unspecified"
    assert "X-A05" in str(study.observe()["unspecified"])
    assert study.apply("evaluate", dlt=False).answer == "unspecified"
    assert study.apply("evaluate", "P2", dlt=False).answer == "accepted"


@pytest.mark.parametrize(
    ("event", "subject", "text"),
    [
        ("nonsense", "", "unknown event 'nonsense'"),
        ("raise", "", "raise is an event of a subject"),
        ("elapse", "", "time passes for the whole study"),
    ],
)
def test_events_that_make_no_sense(event: str, subject: str, text: str) -> None:
    with pytest.raises(SpecError, match=text):
        Study("plerixafor-cll").apply(event, subject)


def test_bad_days_and_unknown_subjects() -> None:
    study = Study("plerixafor-cll", constants={"levels": 4}, readings="default")
    for days in (True, -1, 40_001, "3"):
        with pytest.raises(SpecError, match="elapse takes days"):
            study.elapse(days)  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="there is no subject 'P9'"):
        study.observe("P9")
    with pytest.raises(SpecError, match="has no argument 'colour'"):
        study.apply("raise", "P1", tolerated=True, colour="red")
